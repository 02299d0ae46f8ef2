package x3d.runtime;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.onnxruntime.Value;
import org.bytedeco.onnxruntime.global.onnxruntime;

/** A tensor in native memory of the host. Owned by who made it; views of a closed one must not be used. */
public final class HostTensor implements AutoCloseable {
  private final long[] shape;
  private final Pointer memory;
  private final long bytes;
  private final int type;
  private boolean closed;

  private HostTensor(long[] shape, Pointer memory, long bytes, int type) {
    this.shape = shape;
    this.memory = memory;
    this.bytes = bytes;
    this.type = type;
  }

  /** Zeros of FLOAT. */
  public static HostTensor floats(long... shape) {
    return zeros(
        shape,
        new FloatPointer(elements(shape)),
        Float.BYTES,
        onnxruntime.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
  }

  /** Zeros of INT64. */
  public static HostTensor longs(long... shape) {
    return zeros(
        shape,
        new LongPointer(elements(shape)),
        Long.BYTES,
        onnxruntime.ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64);
  }

  /** Zeros of DOUBLE. */
  public static HostTensor doubles(long... shape) {
    return zeros(
        shape,
        new DoublePointer(elements(shape)),
        Double.BYTES,
        onnxruntime.ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE);
  }

  private static HostTensor zeros(long[] shape, Pointer memory, int elementBytes, int type) {
    long bytes = elements(shape) * elementBytes;
    Pointer.memset(memory, 0, bytes);
    return new HostTensor(shape.clone(), memory, bytes, type);
  }

  private static long elements(long[] shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  public long[] shape() {
    return shape.clone();
  }

  /** A view of the whole memory, at position 0. */
  public FloatBuffer floats() {
    return ((FloatPointer) open()).asBuffer();
  }

  /** A view of the whole memory, at position 0. */
  public LongBuffer longs() {
    return ((LongPointer) open()).asBuffer();
  }

  /** A view of the whole memory, at position 0. */
  public DoubleBuffer doubles() {
    return ((DoublePointer) open()).asBuffer();
  }

  /**
   * The memory as ONNX Runtime sees it for one run; the caller closes it, and before this tensor. Not one for all runs: the
   * bindings move a value out of its holder while they bind it (their {@code @StdMove}), so a value that two threads bind
   * at once is null for one of them, and the process dies.
   */
  Value view() {
    Pointer own = open();
    return Value.CreateTensor(Native.HOST.asOrtMemoryInfo(), own, bytes, shape, shape.length, type);
  }

  private Pointer open() {
    if (closed) {
      throw new IllegalStateException(
          "this tensor of shape " + Arrays.toString(shape) + " is closed");
    }
    return memory;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      memory.close();
    }
  }
}
