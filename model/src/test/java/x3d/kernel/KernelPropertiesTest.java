package x3d.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What holds for inputs of any shape. */
class KernelPropertiesTest {
  private static final Scratch SCRATCH = Trial.poisoned(1000);

  @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
  void everyKernelAgreesWithItsDefinition(
      @ForAll Trial trial,
      @ForAll @IntRange(min = 1, max = 3) int n,
      @ForAll @IntRange(min = 1, max = 6) int c,
      @ForAll @IntRange(min = 1, max = 9) int t,
      @ForAll @IntRange(min = 1, max = 20) int h,
      @ForAll @IntRange(min = 1, max = 40) int w,
      @ForAll @IntRange(max = 2) int halfFrames,
      @ForAll @IntRange(max = 2) int halfHeight,
      @ForAll @IntRange(max = 2) int halfWidth,
      @ForAll @IntRange(min = 1, max = 4) int stride,
      @ForAll @IntRange(min = 1, max = 9) int outputs) {
    Sizes s = new Sizes(
        n, c, t, h, w, 2 * halfFrames + 1, 2 * halfHeight + 1, 2 * halfWidth + 1, stride, outputs);
    KernelsTest.check(trial, s, SCRATCH);
  }

  /** So it does not matter which channels are one piece. */
  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  void aChannelsNumbersDoNotDependOnTheOthers(
      @ForAll Trial trial,
      @ForAll @IntRange(min = 1, max = 3) int n,
      @ForAll @IntRange(min = 2, max = 20) int c,
      @ForAll @IntRange(min = 1, max = 5) int t,
      @ForAll @IntRange(min = 1, max = 20) int side,
      @ForAll @IntRange(min = 1, max = 3) int stride) {
    if (trial == Trial.FRAME_CONV_WEIGHT_GRADIENT) {
      return; // it mixes the channels
    }
    Sizes s = new Sizes(n, c, t, side, side + 1, "3x3x3", stride);
    float[][] values = trial.values(s, 3);
    float[][] all = trial.run(s, values, SCRATCH);
    int channel = c / 2;
    float[][] alone =
        trial.run(s.withChannels(1), channel(trial.shapes(s), values, c, channel), SCRATCH);
    float[][] expected = channel(trial.kernel(s).plan(trial.shapes(s)).outputs(), all, c, channel);
    for (int i = 0; i < alone.length; i++) {
      assertArrayEquals(expected[i], alone[i], trial + " of " + s + ", result " + i);
    }
  }

  /** One channel of tensors [N, C, ...]; of kernels [C, 1, ...] their first axis. */
  private static float[][] channel(List<long[]> shapes, float[][] values, int c, int channel) {
    return IntStream.range(0, values.length)
        .mapToObj(i -> {
          long[] shape = shapes.get(i);
          boolean kernel = shape.length == 5 && shape[0] == c && shape[1] == 1;
          int rows = kernel ? 1 : (int) shape[0];
          int each = values[i].length / rows / c;
          float[] one = new float[rows * each];
          for (int row = 0; row < rows; row++) {
            System.arraycopy(values[i], (row * c + channel) * each, one, row * each, each);
          }
          return one;
        })
        .toArray(float[][]::new);
  }

  /** What diverged must be seen to have diverged, and nothing else. */
  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  void nanInOneSampleIsNanInItsResultAndNowhereElse(
      @ForAll Trial trial, @ForAll @IntRange(min = 1, max = 30) int side) {
    Sizes s = new Sizes(3, 2, 2, side, side, "3x3x3", 1);
    float[][] values = trial.values(s, 4);
    float[][] clean = trial.run(s, values, SCRATCH);
    long[] first = trial.shapes(s).get(0);
    int each = values[0].length / (int) first[0];
    Arrays.fill(values[0], each, 2 * each, Float.NaN);
    float[][] actual = trial.run(s, values, SCRATCH);
    List<long[]> shapes = trial.kernel(s).plan(trial.shapes(s)).outputs();
    boolean relu = trial.name().matches("(CONV_GRADIENT_OF_RELU|RELU_GRADIENT.*)");
    for (int i = 0; i < actual.length; i++) {
      boolean weight = shapes.get(i)[0] != s.n();
      int size = actual[i].length / (weight ? 1 : s.n());
      float[] expected = clean[i].clone();
      for (int j = weight ? 0 : size; j < (weight ? 1 : 2) * size; j++) {
        expected[j] =
            relu && actual[i][j] == 0 ? actual[i][j] : Float.NaN; // where relu passes no gradient
      }
      assertArrayEquals(expected, actual[i], trial + " of " + s + ", result " + i);
    }
  }
}
