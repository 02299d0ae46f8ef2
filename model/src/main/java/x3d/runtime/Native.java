package x3d.runtime;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.onnxruntime.Env;
import org.bytedeco.onnxruntime.MemoryInfo;
import org.bytedeco.onnxruntime.OrtApi;
import org.bytedeco.onnxruntime.OrtArenaCfg;
import org.bytedeco.onnxruntime.OrtStatus;
import org.bytedeco.onnxruntime.global.onnxruntime;

/** What the process has once of ONNX Runtime; it lives until the process ends. */
final class Native {
  static final Env ENVIRONMENT;
  static final MemoryInfo HOST;

  private static final long UNLIMITED = 0;
  private static final int SAME_AS_REQUESTED = 1;
  private static final int DEFAULT = -1;

  static {
    // JavaCPP's collector would free what we close ourselves, and counts memory of others as ours.
    System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
    System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
    ENVIRONMENT = new Env(onnxruntime.ORT_LOGGING_LEVEL_ERROR, "x3d");
    HOST = MemoryInfo.CreateCpu(onnxruntime.OrtDeviceAllocator, onnxruntime.OrtMemTypeDefault);
    shareArena();
  }

  /**
   * One arena for the CPU's sessions together, that grows by what is asked for. By default each session has its own, and
   * doubles it each time: a training step of X3D-S took 4.7 GB where this takes 2.9 (measured 2026-11-23).
   */
  private static void shareArena() {
    try (OrtArenaCfg settings = new OrtArenaCfg((Pointer) null);
        MemoryInfo arena =
            MemoryInfo.CreateCpu(onnxruntime.OrtArenaAllocator, onnxruntime.OrtMemTypeDefault)) {
      OrtApi api = onnxruntime.GetApi();
      check(api, api.CreateArenaCfg(UNLIMITED, SAME_AS_REQUESTED, DEFAULT, DEFAULT, settings));
      try {
        check(
            api,
            api.CreateAndRegisterAllocator(
                ENVIRONMENT.asOrtEnv(), arena.asOrtMemoryInfo(), settings));
      } finally {
        api.ReleaseArenaCfg(settings);
      }
    }
  }

  /** @throws RuntimeFailure with the status's message, unless it says that all is well; frees it */
  static void check(OrtApi api, OrtStatus status) {
    if (status == null || status.isNull()) {
      return;
    }
    BytePointer text = api.GetErrorMessage().call(status);
    String message = text == null ? "no reason given" : text.getString();
    api.ReleaseStatus(status);
    throw new RuntimeFailure(message);
  }

  private Native() {}
}
