package x3d.runtime;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.function.LongFunction;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.ShortPointer;
import org.bytedeco.onnxruntime.OrtMemoryInfo;
import org.bytedeco.onnxruntime.Value;
import org.bytedeco.onnxruntime.global.onnxruntime;

/** A tensor in native memory of the host. Owned by who made it; views of a closed one must not be used. */
public final class HostTensor extends RuntimeTensor {
  private final Pointer memory;
  private final long bytes;
  private final DeviceMemory pinned;
  private boolean closed;

  /** @param pinned where the memory came from and goes back to; null for plain memory */
  private HostTensor(long[] shape, Pointer memory, long bytes, int type, DeviceMemory pinned) {
    super(shape, type);
    this.memory = memory;
    this.bytes = bytes;
    this.pinned = pinned;
    Pointer.memset(memory, 0, bytes);
  }

  /** Zeros of FLOAT. */
  public static HostTensor floats(long... shape) {
    return plain(
        shape, FloatPointer::new, Float.BYTES, onnxruntime.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
  }

  /** Zeros of FLOAT16. */
  public static HostTensor halves(long... shape) {
    return plain(
        shape, ShortPointer::new, Short.BYTES, onnxruntime.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16);
  }

  /** Zeros of INT64. */
  public static HostTensor longs(long... shape) {
    return plain(
        shape, LongPointer::new, Long.BYTES, onnxruntime.ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64);
  }

  /** Zeros of DOUBLE. */
  public static HostTensor doubles(long... shape) {
    return plain(
        shape, DoublePointer::new, Double.BYTES, onnxruntime.ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE);
  }

  private static HostTensor plain(
      long[] shape, LongFunction<Pointer> allocate, int elementBytes, int type) {
    long elements = elements(shape);
    return new HostTensor(shape, allocate.apply(elements), elements * elementBytes, type, null);
  }

  /**
   * Zeros of FLOAT in memory that the session's device reaches fastest, without a copy on the way; plain memory on the CPU.
   * It ends with the session at the latest.
   */
  public static HostTensor pinnedFloats(Session session, long... shape) {
    return pinned(session, shape, Float.BYTES, onnxruntime.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
  }

  /** Zeros of FLOAT16, as {@link #pinnedFloats}. */
  public static HostTensor pinnedHalves(Session session, long... shape) {
    return pinned(session, shape, Short.BYTES, onnxruntime.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16);
  }

  private static HostTensor pinned(Session session, long[] shape, int elementBytes, int type) {
    DeviceMemory source = session.pinnedMemory();
    long elements = elements(shape);
    long bytes = elements * elementBytes;
    Pointer raw = source.allocate(bytes);
    Pointer memory = elementBytes == Float.BYTES ? new FloatPointer(raw) : new ShortPointer(raw);
    HostTensor made = new HostTensor(shape, memory.capacity(elements), bytes, type, source);
    source.own(made);
    return made;
  }

  /** A view of the whole memory, at position 0. */
  public FloatBuffer floats() {
    return ((FloatPointer) open()).asBuffer();
  }

  /** A view of the whole memory as the bits of FLOAT16 numbers, at position 0. */
  public ShortBuffer halves() {
    return ((ShortPointer) open()).asBuffer();
  }

  /** A view of the whole memory, at position 0. */
  public LongBuffer longs() {
    return ((LongPointer) open()).asBuffer();
  }

  /** A view of the whole memory, at position 0. */
  public DoubleBuffer doubles() {
    return ((DoublePointer) open()).asBuffer();
  }

  @Override
  Value view() {
    Pointer own = open();
    OrtMemoryInfo place = pinned == null ? Native.HOST.asOrtMemoryInfo() : pinned.info();
    long[] shape = shape();
    return Value.CreateTensor(place, own, bytes, shape, shape.length, type());
  }

  private Pointer open() {
    if (closed) {
      throw closedFailure();
    }
    return memory;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (pinned == null) {
      memory.close();
    } else {
      pinned.free(this, memory);
    }
  }
}
