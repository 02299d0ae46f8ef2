package x3d.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One operator over one tensor of X3D-S, on one thread, from native memory to native memory as ONNX Runtime calls it. Each figure
 * is the time of the whole batch.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class KernelBenchmark {
  /** A volume [T, H, W] = [13, side, side] of so many channels, and the kernel that meets it. */
  public enum Stage {
    S1(24, 80, new long[] {5, 1, 1}),
    S2(54, 40, new long[] {3, 3, 3}),
    S3(108, 20, new long[] {3, 3, 3}),
    S4(216, 10, new long[] {3, 3, 3}),
    S5(432, 5, new long[] {3, 3, 3});

    private final int channels;
    private final int side;
    private final long[] kernel;

    Stage(int channels, int side, long[] kernel) {
      this.channels = channels;
      this.side = side;
      this.kernel = kernel;
    }

    private long[] volumes(int batch, int stride) {
      return new long[] {batch, channels, 13, (long) side * stride, (long) side * stride};
    }
  }

  /** An operator with the kinds of its inputs, in order: x and y as they are, n for [N, C] numbers, w for the kernel. */
  public enum Work {
    DEPTHWISE(Operator.DEPTHWISE_CONV, "xw", 1),
    DEPTHWISE_RELU(Operator.DEPTHWISE_CONV, "xwnnn", 1),
    DEPTHWISE_STRIDE_2(Operator.DEPTHWISE_CONV, "xw", 2),
    DEPTHWISE_GRADIENT(Operator.DEPTHWISE_CONV_GRADIENT, "yynnnxw", 1),
    DEPTHWISE_RELU_GRADIENT(Operator.DEPTHWISE_CONV_GRADIENT, "yynnnxwnnn", 1),
    DEPTHWISE_GRADIENT_STRIDE_2(Operator.DEPTHWISE_CONV_GRADIENT, "yynnnxw", 2),
    MOMENTS(Operator.MOMENTS, "x", 1),
    MOMENTS_GRADIENT(Operator.MOMENTS_GRADIENT, "xxnnn", 1),
    SWISH(Operator.AFFINE_SWISH, "xnnn", 1),
    SWISH_GRADIENT(Operator.AFFINE_SWISH_GRADIENT, "xxnnn", 1),
    RELU(Operator.AFFINE_RELU, "xnnn", 1),
    SUM_RELU(Operator.AFFINE_RELU, "xnnnx", 1),
    RELU_GRADIENT(Operator.AFFINE_RELU_GRADIENT, "xxxnn", 1);

    private final Operator operator;
    private final String inputs;
    private final int stride;

    Work(Operator operator, String inputs, int stride) {
      this.operator = operator;
      this.inputs = inputs;
      this.stride = stride;
    }

    private List<long[]> shapes(Stage stage, int batch) {
      List<long[]> shapes = new ArrayList<>();
      for (char kind : inputs.toCharArray()) {
        shapes.add(
            switch (kind) {
              case 'x' -> stage.volumes(batch, stride);
              case 'y' -> stage.volumes(batch, 1);
              case 'w' ->
                new long[] {stage.channels, 1, stage.kernel[0], stage.kernel[1], stage.kernel[2]};
              default -> new long[] {batch, stage.channels};
            });
      }
      return shapes;
    }
  }

  @Param
  Stage stage;

  @Param
  Work work;

  @Param("8")
  int batch;

  private final Scratch scratch = new Scratch();
  private Kernel.Work plan;
  private FloatBuffer[] in;
  private FloatBuffer[] out;

  @Setup
  public void allocate() {
    Kernel kernel =
        work.operator.kernel((name, otherwise) -> name.equals("stride") ? work.stride : otherwise);
    List<long[]> shapes = work.shapes(stage, batch);
    plan = kernel.plan(shapes);
    in = buffers(shapes);
    out = buffers(plan.outputs());
    SplittableRandom random = new SplittableRandom(1);
    for (FloatBuffer buffer : in) {
      for (int i = 0; i < buffer.capacity(); i++) {
        buffer.put(i, (float) (random.nextDouble() * 2 - 1));
      }
    }
  }

  private static FloatBuffer[] buffers(List<long[]> shapes) {
    return shapes.stream()
        .map(shape -> ByteBuffer.allocateDirect(
                Math.toIntExact(Float.BYTES * ChannelWork.elements(shape)))
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer())
        .toArray(FloatBuffer[]::new);
  }

  @Benchmark
  public FloatBuffer[] run() {
    for (int piece = 0; piece < plan.pieces(); piece++) {
      plan.run(piece, in, out, scratch);
    }
    return out;
  }
}
