package x3d.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The diagnosis, on machines made up of small libraries. */
@EnabledOnOs(OS.LINUX)
class InstallationTest {
  private static final String MISSING = ": cannot open shared object file";

  @TempDir
  private Path folder;

  /** Finds all libraries but some. */
  private static NativeLibraries without(String... names) {
    Set<String> missing = Set.of(names);
    return name -> missing.contains(name) ? Optional.of(name + MISSING) : Optional.empty();
  }

  private CudaInstallation cuda(NativeLibraries libraries, Path driver) {
    return new CudaInstallation(
        List.of("CUDAExecutionProvider", "CPUExecutionProvider"),
        "ONNX Runtime 1.24.1",
        Optional.of(folder),
        libraries,
        new CudaDriver(driver.toString()));
  }

  /** A provider library that needs what ONNX Runtime's own needs. */
  private void writeProvider() throws Exception {
    for (String name : List.of("libcudart.so.13", "libcudnn.so.9", "libcufft.so.12")) {
      NativeSource.compile(
          folder.resolve(name), "int x_" + name.hashCode() + ";", "-Wl,-soname," + name);
    }
    NativeSource.compile(
        folder.resolve(CudaInstallation.LIBRARY),
        "int provider;",
        "-Wl,--no-as-needed",
        folder.resolve("libcudart.so.13").toString(),
        folder.resolve("libcudnn.so.9").toString(),
        folder.resolve("libcufft.so.12").toString());
  }

  @Test
  void aWholeCudaMachineListsItsDevices() throws Exception {
    writeProvider();
    Path driver = NativeSource.fakeDriver(folder.resolve("libcuda_two.so"), 13010, 0, 2);
    Availability here = cuda(without(), driver).availability();
    assertEquals(List.of(), here.problems());
    OptionalLong memory = OptionalLong.of(80L << 30);
    assertEquals(
        List.of(new DeviceInfo(0, "Fake GPUA", memory), new DeviceInfo(1, "Fake GPUB", memory)),
        here.devices());
    here.require();
  }

  @Test
  void missingLibrariesOfCudaAreNamedWithWhatToInstall() throws Exception {
    writeProvider();
    Path driver = NativeSource.fakeDriver(folder.resolve("libcuda_one.so"), 13000, 0, 1);
    Availability here = cuda(without("libcudart.so.13", "libcudnn.so.9", "libcufft.so.12"), driver)
        .availability();
    assertEquals(
        List.of(
            new Problem(
                "libcudart.so.13" + MISSING,
                "install the CUDA toolkit 13 and put its folder on LD_LIBRARY_PATH"),
            new Problem(
                "libcudnn.so.9" + MISSING, "install cuDNN 9 and put its folder on LD_LIBRARY_PATH"),
            new Problem(
                "libcufft.so.12" + MISSING,
                "install cuFFT of the CUDA toolkit 13 and put its folder on LD_LIBRARY_PATH")),
        here.problems());
    RuntimeFailure e = assertThrows(RuntimeFailure.class, here::require);
    assertTrue(
        e.getMessage().startsWith("--ep cuda cannot be used here: libcudart.so.13" + MISSING),
        e.getMessage());
  }

  @Test
  void aMissingOldOrBlindDriverIsToldApart() throws Exception {
    writeProvider();
    assertReason(folder.resolve("libcuda_none.so"), "cannot open shared object file");
    assertReason(
        NativeSource.fakeDriver(folder.resolve("libcuda_old.so"), 12040, 0, 1),
        "the NVIDIA driver supports CUDA 12.4, and CUDA 13 is needed");
    assertReason(
        NativeSource.fakeDriver(folder.resolve("libcuda_blind.so"), 13000, 100, 0),
        "the NVIDIA driver sees no device");
    assertReason(
        NativeSource.fakeDriver(folder.resolve("libcuda_broken.so"), 13000, 999, 0),
        "the NVIDIA driver does not start: cuInit returned 999");
  }

  private void assertReason(Path driver, String reason) {
    List<Problem> problems = cuda(without(), driver).availability().problems();
    assertEquals(1, problems.size(), problems.toString());
    assertTrue(problems.get(0).reason().contains(reason), problems.toString());
  }

  @Test
  void aWholeAscendMachineListsItsDevices() throws IOException {
    for (int i = 0; i < 3; i++) {
      Files.createFile(folder.resolve("davinci" + i));
    }
    Files.createFile(folder.resolve("davinci_manager"));
    Availability here = cann("CANNExecutionProvider", without(), Map.of("ASCEND_HOME_PATH", "/x"));
    assertEquals(List.of(), here.problems());
    assertEquals(
        List.of(0, 1, 2), here.devices().stream().map(DeviceInfo::index).toList());
  }

  @Test
  void allThatAnAscendMachineLacksIsNamed() {
    Availability here = cann("CPUExecutionProvider", without("libascendcl.so"), Map.of());
    assertEquals(
        List.of(
            "ONNX Runtime 1.24.1 is built without the CANN provider",
            "none of ASCEND_HOME_PATH, ASCEND_TOOLKIT_HOME, ASCEND_HOME is set",
            "libascendcl.so" + MISSING,
            "no device node " + folder.resolve("davinci0")),
        here.problems().stream().map(Problem::reason).toList());
  }

  private Availability cann(
      String provider, NativeLibraries libraries, Map<String, String> environment) {
    return new CannInstallation(
            List.of(provider), "ONNX Runtime 1.24.1", libraries, environment, folder)
        .availability();
  }

  @Test
  void whatIsNoLibraryIsNoLibrary() throws IOException {
    Path text = Files.writeString(folder.resolve("text.so"), "x".repeat(100));
    Path half = Files.write(folder.resolve("half.so"), new byte[] {0x7f, 'E', 'L', 'F', 2, 1});
    for (Path file : List.of(text, half)) {
      assertEquals(
          file + " is not a whole 64-bit ELF library",
          assertThrows(IOException.class, () -> ElfFile.read(file)).getMessage());
    }
  }

  @Test
  void theLibrariesOfThisMachineAreTriedByLoadingThem() {
    JnaLibraries libraries = new JnaLibraries();
    assertEquals(Optional.empty(), libraries.whyNot("libc.so.6"));
    assertEquals(
        Optional.of(
            "libnosuchthing.so.7: cannot open shared object file: No such file or directory"),
        libraries.whyNot("libnosuchthing.so.7"));
  }
}
