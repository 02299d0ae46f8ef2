package x3d.runtime;

import org.bytedeco.onnxruntime.Env;
import org.bytedeco.onnxruntime.MemoryInfo;
import org.bytedeco.onnxruntime.global.onnxruntime;

/** What the process has once of ONNX Runtime; it lives until the process ends. */
final class Native {
  static final Env ENVIRONMENT;
  static final MemoryInfo HOST;

  static {
    // JavaCPP's collector would free what we close ourselves, and counts memory of others as ours.
    System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
    System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
    ENVIRONMENT = new Env(onnxruntime.ORT_LOGGING_LEVEL_ERROR, "x3d");
    HOST = MemoryInfo.CreateCpu(onnxruntime.OrtDeviceAllocator, onnxruntime.OrtMemTypeDefault);
  }

  private Native() {}
}
