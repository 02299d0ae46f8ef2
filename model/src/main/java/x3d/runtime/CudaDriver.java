package x3d.runtime;

import com.sun.jna.NativeLibrary;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The driver of NVIDIA's devices, asked through its C API (cuda.h). */
final class CudaDriver {
  private static final int SUCCESS = 0;
  private static final int NO_DEVICE = 100;
  private static final int NAME_BYTES = 256;

  private final String library;

  /** @param library the driver's name, or the path of a file */
  CudaDriver(String library) {
    this.library = library;
  }

  static CudaDriver ofThisMachine() {
    return new CudaDriver("libcuda.so.1");
  }

  /** The driver is not there, too old, or sees no device. */
  static final class Unfit extends Exception {
    private final transient Problem problem;

    Unfit(String reason, String remedy) {
      super(reason);
      problem = new Problem(reason, remedy);
    }

    Problem problem() {
      return problem;
    }
  }

  /**
   * The devices that programs can use.
   *
   * @param cuda the major version of CUDA that the driver must support
   * @throws Unfit if there is none
   */
  List<DeviceInfo> devices(int cuda) throws Unfit {
    NativeLibrary driver = open();
    IntByReference number = new IntByReference();
    call(driver, "cuDriverGetVersion", number);
    int version = number.getValue(); // 1000 major + 10 minor
    if (version / 1000 < cuda) {
      throw new Unfit(
          "the NVIDIA driver supports CUDA " + version / 1000 + "." + version % 1000 / 10
              + ", and CUDA " + cuda + " is needed",
          "install a newer driver");
    }
    int status = driver.getFunction("cuInit").invokeInt(new Object[] {0});
    if (status != SUCCESS && status != NO_DEVICE) {
      throw new Unfit(
          "the NVIDIA driver does not start: cuInit returned " + status, "see nvidia-smi");
    }
    if (status == SUCCESS) {
      call(driver, "cuDeviceGetCount", number);
    }
    if (status == NO_DEVICE || number.getValue() == 0) {
      throw new Unfit(
          "the NVIDIA driver sees no device",
          "see nvidia-smi; CUDA_VISIBLE_DEVICES and a container's settings can hide them");
    }
    List<DeviceInfo> devices = new ArrayList<>();
    for (int i = 0; i < number.getValue(); i++) {
      devices.add(describe(driver, i));
    }
    return devices;
  }

  private NativeLibrary open() throws Unfit {
    try {
      return JnaLibraries.open(library);
    } catch (UnsatisfiedLinkError e) {
      throw new Unfit(
          JnaLibraries.reason(library, e),
          "install the NVIDIA driver; in a container, pass the devices on to it");
    }
  }

  private static DeviceInfo describe(NativeLibrary driver, int index) throws Unfit {
    IntByReference device = new IntByReference();
    call(driver, "cuDeviceGet", device, index);
    byte[] name = new byte[NAME_BYTES];
    call(driver, "cuDeviceGetName", name, NAME_BYTES, device.getValue());
    LongByReference bytes = new LongByReference();
    call(driver, "cuDeviceTotalMem_v2", bytes, device.getValue());
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    return new DeviceInfo(
        index, new String(name, 0, end, StandardCharsets.UTF_8), OptionalLong.of(bytes.getValue()));
  }

  private static void call(NativeLibrary driver, String function, Object... arguments)
      throws Unfit {
    int status = driver.getFunction(function).invokeInt(arguments);
    if (status != SUCCESS) {
      throw new Unfit(
          "the NVIDIA driver does not answer: " + function + " returned " + status,
          "see nvidia-smi");
    }
  }
}
