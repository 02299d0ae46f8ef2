package x3d.runtime;

import java.util.Arrays;
import org.bytedeco.onnxruntime.Value;

/** A tensor that a session reads or writes, in the host's memory or a device's. Owned by who made it. */
public abstract sealed class RuntimeTensor implements AutoCloseable
    permits HostTensor, DeviceTensor {
  private final long[] shape;
  private final int type;

  /** @param type as ONNX Runtime counts them: {@code ONNX_TENSOR_ELEMENT_DATA_TYPE_...} */
  RuntimeTensor(long[] shape, int type) {
    this.shape = shape.clone();
    this.type = type;
  }

  public final long[] shape() {
    return shape.clone();
  }

  final int type() {
    return type;
  }

  static long elements(long[] shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  /**
   * The memory as ONNX Runtime sees it for one run; the caller closes it, and before this tensor. Not one for all runs: the
   * bindings move a value out of its holder while they bind it (their {@code @StdMove}), so a value that two threads bind
   * at once is null for one of them, and the process dies.
   */
  abstract Value view();

  final IllegalStateException closedFailure() {
    return new IllegalStateException(
        "this tensor of shape " + Arrays.toString(shape) + " is closed");
  }

  @Override
  public abstract void close();
}
