package x3d.runtime;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.onnxruntime.OrtApi;
import org.bytedeco.onnxruntime.OrtKernelContext;
import org.bytedeco.onnxruntime.OrtKernelInfo;
import org.bytedeco.onnxruntime.OrtStatus;
import org.bytedeco.onnxruntime.OrtValue;
import x3d.kernel.Kernel;
import x3d.kernel.Operator;
import x3d.kernel.Scratch;

/** One node of a session that is computed by a {@link Kernel}: fetches its tensors, and shares its pieces among ONNX Runtime's own threads. */
final class CustomKernel {
  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);
  private static final Map<Long, Call> RUNNING = new ConcurrentHashMap<>();
  private static final AtomicLong LAST_CALL = new AtomicLong();
  private static final PieceCallback PIECE = new PieceCallback();

  private final OrtApi api;
  private final Kernel kernel;
  private volatile Planned planned;

  /** @throws IllegalArgumentException if an attribute is out of range */
  CustomKernel(OrtApi api, Operator operator, OrtKernelInfo info) {
    this.api = api;
    this.kernel =
        operator.kernel((name, otherwise) -> CustomOperators.attribute(api, info, name, otherwise));
  }

  /** The plan for the shapes seen last: they seldom change. */
  private record Planned(List<long[]> shapes, Kernel.Work work) {
    boolean fits(List<long[]> others) {
      if (shapes.size() != others.size()) {
        return false;
      }
      for (int i = 0; i < shapes.size(); i++) {
        if (!Arrays.equals(shapes.get(i), others.get(i))) {
          return false;
        }
      }
      return true;
    }
  }

  /** One run of the node, that several threads may work on. */
  private record Call(
      Kernel.Work work, FloatBuffer[] in, FloatBuffer[] out, AtomicReference<Throwable> failure) {
    void run(int piece) {
      try {
        work.run(piece, in, out, SCRATCH.get());
      } catch (Throwable t) {
        failure.compareAndSet(null, t);
      }
    }
  }

  /** Called by ONNX Runtime's threads with the number of a {@link Call} as an address. */
  private static final class PieceCallback extends OrtApi.Fn_Pointer_long {
    @Override
    public void call(Pointer number, long piece) {
      RUNNING.get(number.address()).run((int) piece);
    }
  }

  void compute(OrtKernelContext context) {
    try (SizeTPointer count = new SizeTPointer(1);
        IntPointer type = new IntPointer(1);
        PointerPointer<Pointer> address = new PointerPointer<>(1)) {
      check(api.KernelContext_GetInputCount(context, count));
      int inputs = (int) count.get();
      List<long[]> shapes = new ArrayList<>(inputs);
      FloatBuffer[] in = new FloatBuffer[inputs];
      for (int i = 0; i < inputs; i++) {
        OrtValue value = new OrtValue();
        check(api.KernelContext_GetInput(context, i, value));
        requirePresent("input", i, value);
        check(api.GetTensorElementTypeAndShapeDataReference(value, type, address, count));
        long[] shape = new long[(int) count.get()];
        if (shape.length > 0) {
          new LongPointer(address.get(0)).get(shape);
        }
        shapes.add(shape);
        in[i] = floats(value, shape, address);
      }
      Kernel.Work work = plan(shapes);
      FloatBuffer[] out = new FloatBuffer[work.outputs().size()];
      check(api.KernelContext_GetOutputCount(context, count));
      if (count.get() != out.length) {
        throw new IllegalArgumentException(
            "the operator has " + out.length + " results, the node " + count.get());
      }
      for (int i = 0; i < out.length; i++) {
        long[] shape = work.outputs().get(i);
        OrtValue value = new OrtValue();
        check(api.KernelContext_GetOutput(context, i, shape, shape.length, value));
        requirePresent("output", i, value);
        out[i] = floats(value, shape, address);
      }
      run(context, new Call(work, in, out, new AtomicReference<>()));
    }
  }

  /** What a node leaves out is null, which ONNX Runtime itself does not survive. */
  private static void requirePresent(String kind, int i, OrtValue value) {
    if (value.isNull()) {
      throw new IllegalArgumentException(kind + " " + i + " is left out");
    }
  }

  private Kernel.Work plan(List<long[]> shapes) {
    Planned last = planned;
    if (last == null || !last.fits(shapes)) {
      last = new Planned(shapes, kernel.plan(shapes));
      planned = last;
    }
    return last.work;
  }

  private FloatBuffer floats(OrtValue value, long[] shape, PointerPointer<Pointer> address) {
    check(api.GetTensorMutableData(value, address));
    long elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return elements == 0
        ? FloatBuffer.allocate(0) // it may have no address
        : new FloatPointer(address.get(0)).capacity(elements).asBuffer();
  }

  private void run(OrtKernelContext context, Call call) {
    int pieces = call.work.pieces();
    long number = LAST_CALL.incrementAndGet();
    RUNNING.put(number, call);
    try {
      check(api.KernelContext_ParallelFor(context, PIECE, pieces, 0, new Handle(number)));
    } finally {
      RUNNING.remove(number);
    }
    Throwable failure = call.failure.get();
    if (failure != null) {
      throw new IllegalStateException(failure.toString(), failure);
    }
  }

  private void check(OrtStatus status) {
    Native.check(api, status);
  }
}
