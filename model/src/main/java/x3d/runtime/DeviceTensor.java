package x3d.runtime;

import java.util.Arrays;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.onnxruntime.Value;
import org.bytedeco.onnxruntime.global.onnxruntime;

/**
 * A tensor in the memory of a session's device: what one run writes, the next reads there, without a way through the host.
 * Any session of the same device can use it. Owned by who made it; it ends with the session that it was made for at the
 * latest. On the CPU it is plain memory.
 */
public final class DeviceTensor extends RuntimeTensor {
  private final Session session;
  private final DeviceMemory source;
  private final Pointer memory;
  private final long bytes;
  private boolean closed;

  private DeviceTensor(Session session, long[] shape, int elementBytes, int type) {
    super(shape, type);
    this.session = session;
    this.source = session.deviceMemory();
    this.bytes = elements(shape) * elementBytes;
    this.memory = source.allocate(bytes);
    source.own(this);
  }

  /** FLOAT, of no particular values. */
  public static DeviceTensor floats(Session session, long... shape) {
    return new DeviceTensor(
        session, shape, Float.BYTES, onnxruntime.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
  }

  /** FLOAT16, of no particular values. */
  public static DeviceTensor halves(Session session, long... shape) {
    return new DeviceTensor(
        session, shape, Short.BYTES, onnxruntime.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16);
  }

  /** INT64, of no particular values. */
  public static DeviceTensor longs(Session session, long... shape) {
    return new DeviceTensor(
        session, shape, Long.BYTES, onnxruntime.ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64);
  }

  /** Takes the values of a tensor of the same type and shape, of the host or the device; they are there when this returns. */
  public void upload(RuntimeTensor from) {
    requireLike(from);
    session.copies().copy(from, this);
  }

  /** Gives the values to a tensor of the same type and shape; they are there when this returns. */
  public void download(HostTensor to) {
    requireLike(to);
    session.copies().copy(this, to);
  }

  private void requireLike(RuntimeTensor other) {
    if (other.type() != type() || !Arrays.equals(other.shape(), shape())) {
      throw new IllegalArgumentException("a tensor of shape " + Arrays.toString(shape())
          + " cannot be copied from or to one of shape " + Arrays.toString(other.shape())
          + (other.type() == type() ? "" : " and another type"));
    }
  }

  @Override
  Value view() {
    if (closed) {
      throw closedFailure();
    }
    long[] shape = shape();
    return Value.CreateTensor(source.info(), memory, bytes, shape, shape.length, type());
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      source.free(this, memory);
    }
  }
}
