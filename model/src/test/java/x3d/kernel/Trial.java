package x3d.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** One way to use an operator. */
enum Trial {
  MOMENTS(Operator.MOMENTS, "x"),
  MOMENTS_GRADIENT(Operator.MOMENTS_GRADIENT, "xxnnn"),
  MOMENTS_GRADIENT_FOR_ALL_SAMPLES(Operator.MOMENTS_GRADIENT, "xxn11"),
  CONV(Operator.DEPTHWISE_CONV, "xw"),
  CONV_WITHOUT_SQUARES(Operator.DEPTHWISE_CONV, "xw", "squares", 0),
  CONV_OF_RELU(Operator.DEPTHWISE_CONV, "xwn1n"),
  CONV_THEN_RELU(Operator.DEPTHWISE_CONV_ACTIVATION, "xw1"),
  CONV_THEN_SWISH(Operator.DEPTHWISE_CONV_ACTIVATION, "xwn", "swish", 1),
  CONV_OF_RELU_THEN_SWISH(Operator.DEPTHWISE_CONV_ACTIVATION, "xw111n", "swish", 1),
  CONV_GRADIENT(Operator.DEPTHWISE_CONV_GRADIENT, "yynnnxw"),
  CONV_GRADIENT_OF_RELU(Operator.DEPTHWISE_CONV_GRADIENT, "yyn1nxw1n1"),
  SWISH(Operator.AFFINE_SWISH, "xnnn"),
  SWISH_FOR_ALL_SAMPLES(Operator.AFFINE_SWISH, "x111"),
  SWISH_GRADIENT(Operator.AFFINE_SWISH_GRADIENT, "xx1n1"),
  RELU(Operator.AFFINE_RELU, "xn1n"),
  RELU_OF_SUM(Operator.AFFINE_RELU, "x111x"),
  RELU_OF_SUM_OF_TWO(Operator.AFFINE_RELU, "x1n1xn1n"),
  RELU_GRADIENT(Operator.AFFINE_RELU_GRADIENT, "xrxn1"),
  RELU_GRADIENT_OF_SUM(Operator.AFFINE_RELU_GRADIENT, "xrx1n", "shortcut", 1),
  RELU_GRADIENT_OF_SUM_OF_TWO(Operator.AFFINE_RELU_GRADIENT, "xrx1nxn1", "shortcut", 1),
  SUBSAMPLE(Operator.SUBSAMPLE, "x"),
  SUBSAMPLE_GRADIENT(Operator.SUBSAMPLE_GRADIENT, "xy"),
  FRAME_CONV_WEIGHT_GRADIENT(Operator.FRAME_CONV_WEIGHT_GRADIENT, "ox");

  final Operator operator;
  private final String inputs;
  private final Map<String, Integer> attributes;

  Trial(Operator operator, String inputs) {
    this(operator, inputs, Map.of());
  }

  Trial(Operator operator, String inputs, String attribute, int value) {
    this(operator, inputs, Map.of(attribute, value));
  }

  /**
   * @param inputs a letter each: x and r are volumes, r not negative; y sampled volumes; o those of a dense convolution's
   *     result; w a channelwise kernel; n numbers [N, C] and 1 numbers [1, C]
   */
  Trial(Operator operator, String inputs, Map<String, Integer> attributes) {
    this.operator = operator;
    this.inputs = inputs;
    this.attributes = attributes;
  }

  /** Whether it depends on kernel or stride. */
  boolean convolvesOrSamples() {
    return inputs.matches(".*[wyo].*") || operator == Operator.SUBSAMPLE;
  }

  long attribute(Sizes s, String name, long otherwise) {
    return switch (name) {
      case "stride" -> s.stride();
      case "height" -> s.kh();
      case "width" -> s.kw();
      default -> attributes.containsKey(name) ? attributes.get(name) : otherwise;
    };
  }

  Kernel kernel(Sizes s) {
    return operator.kernel((name, otherwise) -> attribute(s, name, otherwise));
  }

  List<long[]> shapes(Sizes s) {
    List<long[]> shapes = new ArrayList<>();
    for (char kind : inputs.toCharArray()) {
      shapes.add(
          switch (kind) {
            case 'y' -> s.sampled();
            case 'o' -> new long[] {s.n(), s.outputs(), s.t(), s.outHeight(), s.outWidth()};
            case 'w' -> new long[] {s.c(), 1, s.kt(), s.kh(), s.kw()};
            case 'n' -> new long[] {s.n(), s.c()};
            case '1' -> new long[] {1, s.c()};
            default -> s.volumes();
          });
    }
    return shapes;
  }

  /** Random numbers from -0.7 to 1.3: their means and sums are not small beside them. */
  float[][] values(Sizes s, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<long[]> shapes = shapes(s);
    float[][] values = new float[shapes.size()][];
    for (int i = 0; i < values.length; i++) {
      float[] v = new float[(int) ChannelWork.elements(shapes.get(i))];
      for (int j = 0; j < v.length; j++) {
        v[j] = (float) (2 * random.nextDouble() - 0.7);
        if (inputs.charAt(i) == 'r') {
          v[j] = Math.max(0, v[j]);
        }
      }
      values[i] = v;
    }
    if (this == CONV_GRADIENT_OF_RELU) {
      keepFromKink(values[5], values[7], values[8], values[9], s);
    }
    return values;
  }

  /** Where (x - center) scale + shift is all but 0 rounding decides which side it is on. */
  private static void keepFromKink(
      float[] x, float[] center, float[] scale, float[] shift, Sizes s) {
    for (int i = 0; i < x.length; i++) {
      int number = i / s.volume();
      int channel = number % s.c();
      double f = scale[scale.length == s.c() ? channel : number];
      double h = shift[shift.length == s.c() ? channel : number];
      double m = center[center.length == s.c() ? channel : number];
      if (Math.abs((x[i] - m) * f + h) < 1e-4) {
        x[i] = (float) (m + (Math.abs(f) < 1e-3 ? 0 : (0.01 - h) / f));
      }
    }
  }

  /** What the kernel makes of these values, its pieces one after the other. */
  float[][] run(Sizes s, float[][] values, Scratch scratch) {
    Kernel.Work work = kernel(s).plan(shapes(s));
    return run(work, values, IntStream.range(0, work.pieces()).toArray(), scratch);
  }

  /** Every result is NaN before, so that what is not written shows. */
  static float[][] run(Kernel.Work work, float[][] values, int[] pieces, Scratch scratch) {
    FloatBuffer[] in =
        Arrays.stream(values).map(v -> buffer(v.length).put(0, v)).toArray(FloatBuffer[]::new);
    FloatBuffer[] out = work.outputs().stream()
        .map(shape -> (int) ChannelWork.elements(shape))
        .map(size -> buffer(size).put(0, nan(size)))
        .toArray(FloatBuffer[]::new);
    for (int piece : pieces) {
      work.run(piece, in, out, scratch);
    }
    return Arrays.stream(out)
        .map(b -> {
          float[] v = new float[b.capacity()];
          b.get(0, v);
          return v;
        })
        .toArray(float[][]::new);
  }

  private static float[] nan(int size) {
    float[] values = new float[size];
    Arrays.fill(values, Float.NaN);
    return values;
  }

  private static FloatBuffer buffer(int size) {
    return ByteBuffer.allocateDirect(Float.BYTES * size)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  /** Work space as the worst kernel before could have left it. */
  static Scratch poisoned(int size) {
    Scratch scratch = new Scratch();
    for (int slot = 0; slot < 8; slot++) {
      Arrays.fill(scratch.floats(slot, size), Float.NaN);
    }
    return scratch;
  }
}
