package x3d.runtime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.onnxruntime.Allocator;
import org.bytedeco.onnxruntime.MemoryInfo;
import org.bytedeco.onnxruntime.OrtMemoryInfo;
import org.bytedeco.onnxruntime.global.onnxruntime;

/** One kind of memory of a session's device, and the tensors in it: they must not outlive the session, whose allocator it is. */
final class DeviceMemory implements AutoCloseable {
  private final MemoryInfo info;
  private final Allocator allocator;
  private final Set<RuntimeTensor> tensors = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * @param name that ONNX Runtime has for the memory
   * @param use {@code OrtMemTypeDefault} or {@code OrtMemTypeCPUOutput}
   */
  DeviceMemory(org.bytedeco.onnxruntime.Session session, String name, int index, int use) {
    info = new MemoryInfo(name, onnxruntime.OrtDeviceAllocator, index, use);
    try {
      allocator = new Allocator(session, info.asOrtMemoryInfo());
    } catch (RuntimeException e) {
      info.close();
      throw new RuntimeFailure(
          "ONNX Runtime has no memory '" + name + "' of device " + index + ": " + e.getMessage(),
          e);
    }
  }

  OrtMemoryInfo info() {
    return info.asOrtMemoryInfo();
  }

  /** @throws RuntimeFailure if the device has not so much left */
  Pointer allocate(long bytes) {
    try {
      return allocator.Alloc(Math.max(1, bytes));
    } catch (RuntimeException e) {
      throw new RuntimeFailure(bytes + " bytes on the device: " + e.getMessage(), e);
    }
  }

  synchronized void own(RuntimeTensor tensor) {
    tensors.add(tensor);
  }

  synchronized void free(RuntimeTensor owner, Pointer memory) {
    tensors.remove(owner);
    allocator.Free(memory);
  }

  @Override
  public void close() {
    List<RuntimeTensor> left;
    synchronized (this) {
      left = new ArrayList<>(tensors);
    }
    left.forEach(RuntimeTensor::close);
    allocator.close();
    info.close();
  }
}
