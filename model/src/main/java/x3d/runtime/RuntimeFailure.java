package x3d.runtime;

/** ONNX Runtime refused a model, an input or a device. */
public final class RuntimeFailure extends RuntimeException {
  public RuntimeFailure(String message) {
    super(message);
  }

  public RuntimeFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
