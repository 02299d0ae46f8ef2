package x3d.kernel;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/** Work on [N, C, T, H, W] that treats each channel by itself; a piece is some channels, with all their samples. */
abstract class ChannelWork implements Kernel.Work {
  /** A few for each core, so that all are busy to the end; more would only be more calls. */
  private static final int PIECES = 4 * Runtime.getRuntime().availableProcessors();

  final int samples;
  final int channels;
  private final int pieces;

  ChannelWork(long[] x) {
    this.samples = Math.toIntExact(x[0]);
    this.channels = Math.toIntExact(x[1]);
    this.pieces = Math.min(channels, PIECES);
  }

  @Override
  public final int pieces() {
    return pieces;
  }

  @Override
  public final void run(int piece, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch) {
    int from = (int) ((long) channels * piece / pieces);
    int to = (int) ((long) channels * (piece + 1) / pieces);
    run(from, to, in, out, scratch);
  }

  abstract void run(int from, int to, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch);

  /** The number of a volume. */
  final int volume(int n, int c) {
    return n * channels + c;
  }

  /** A number of a volume out of a tensor [N, C], or [1, C] for all samples alike. */
  final float number(FloatBuffer tensor, int n, int c) {
    return tensor.get(tensor.limit() == channels ? c : volume(n, c));
  }

  /** Elements of one sample's channel. */
  static int volumeSize(long[] shape) {
    return Math.toIntExact(shape[2] * shape[3] * shape[4]);
  }

  static void requireVolumes(String name, long[] shape) {
    require(shape.length == 5, name + " must be [N, C, T, H, W]", shape);
    double elements = Arrays.stream(shape).asDoubleStream().reduce(1, (a, b) -> a * b);
    require(elements <= Integer.MAX_VALUE, name + " must be of less than 2^31 elements", shape);
  }

  static void requireSame(String name, long[] shape, long[] wanted) {
    require(Arrays.equals(shape, wanted), name + " must be " + Arrays.toString(wanted), shape);
  }

  /** [N, C], or [1, C]. */
  static void requireNumbers(String name, long[] shape, long[] x) {
    require(
        shape.length == 2 && shape[1] == x[1] && (shape[0] == x[0] || shape[0] == 1),
        name + " must be [" + x[0] + " or 1, " + x[1] + "]",
        shape);
  }

  static void require(boolean fits, String rule, long[] shape) {
    if (!fits) {
      throw new IllegalArgumentException(rule + ", got " + Arrays.toString(shape));
    }
  }

  static void requireInputs(String rule, List<long[]> inputs, int wanted) {
    if (inputs.size() < wanted) {
      throw new IllegalArgumentException(rule + ": " + wanted + " inputs, got " + inputs.size());
    }
  }

  /** An attribute that counts something. */
  static int requireCount(String name, long value) {
    if (value < 1 || value > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          name + " must be from 1 to " + Integer.MAX_VALUE + ", got " + value);
    }
    return (int) value;
  }

  static long elements(long[] shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  static long[] numbers(long[] x) {
    return new long[] {x[0], x[1]};
  }

  static void requireAffine(List<long[]> inputs, int first, long[] x) {
    requireInputs("center, scale and shift come together", inputs, first + 3);
    requireNumbers("center", inputs.get(first), x);
    requireNumbers("scale", inputs.get(first + 1), x);
    requireNumbers("shift", inputs.get(first + 2), x);
  }
}
