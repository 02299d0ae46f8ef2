package x3d.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Holds every kernel against its definition in double precision. */
class KernelsTest {
  private static final double TOLERANCE = 1e-5;

  private static final Sizes SMALL = new Sizes(3, 5, 4, 7, 9, "3x3x3", 2);

  /** Handed on from one shape to the next, as the threads of ONNX Runtime do it, and full of NaN in the beginning. */
  private static final Scratch SHARED = Trial.poisoned(100_000);

  private record Variant(String name, int frames, int crop) {}

  /** The channelwise layers of X3D, with few channels: stem, and first and later blocks of each stage. */
  private static List<Sizes> layers(Variant v) {
    List<Sizes> layers = new ArrayList<>();
    int side = (v.crop - 1) / 2 + 1;
    layers.add(new Sizes(1, 1, v.frames, side, side, "5x1x1", 1));
    for (int stage = 2; stage <= 5; stage++) {
      int channels = stage < 4 ? 1 : 3;
      layers.add(new Sizes(1, channels, v.frames, side, side, "3x3x3", 2));
      side = (side - 1) / 2 + 1;
      layers.add(new Sizes(1, channels, v.frames, side, side, "3x3x3", 1));
    }
    return layers;
  }

  private static Stream<DynamicTest> everyTrial(List<Sizes> sizes) {
    return sizes.stream().flatMap(s -> Arrays.stream(Trial.values()).map(t -> dynamic(t, s)));
  }

  private static DynamicTest dynamic(Trial trial, Sizes s) {
    return DynamicTest.dynamicTest(trial + " " + s, () -> check(trial, s));
  }

  @TestFactory
  Stream<DynamicTest> shapesOfX3d() {
    return Stream.of(
            new Variant("XS", 4, 160),
            new Variant("S", 13, 160),
            new Variant("M", 16, 224),
            new Variant("L", 16, 312))
        .flatMap(v -> layers(v).stream())
        .flatMap(s -> Arrays.stream(Trial.values())
            .filter(t -> t.convolvesOrSamples() || s.stride() == 1)
            .filter(t -> t != Trial.FRAME_CONV_WEIGHT_GRADIENT)
            .map(t -> dynamic(t, s)));
  }

  /** Its frames are all alike, so two are enough. */
  @TestFactory
  Stream<DynamicTest> weightGradientOfTheStem() {
    return Stream.of(160, 224, 312)
        .map(crop -> new Sizes(2, 3, 2, crop, crop, "1x3x3", 2).withOutputs(24))
        .map(s -> dynamic(Trial.FRAME_CONV_WEIGHT_GRADIENT, s));
  }

  @TestFactory
  Stream<DynamicTest> oddShapes() {
    int lanes = Lanes.COUNT;
    return everyTrial(List.of(
        new Sizes(1, 1, 1, 1, 1, "3x3x3", 1),
        new Sizes(2, 3, 1, 1, 1, "3x3x3", 2),
        new Sizes(2, 3, 1, 1, 1, "5x1x1", 1),
        new Sizes(1, 3, 1, 1, 1, "1x1x1", 3),
        new Sizes(2, 1, 5, 1, 1, "5x5x5", 1),
        new Sizes(2, 2, 1, 7, 5, "3x3x3", 1),
        new Sizes(1, 1, 2, 5, 7, "3x3x3", 2),
        new Sizes(2, 3, 4, 1, 9, "3x3x3", 1),
        new Sizes(2, 3, 4, 9, 1, "3x3x3", 2),
        new Sizes(1, 2, 3, 2, 2, "5x5x5", 3),
        new Sizes(1, 2, 5, 3, 3, "3x3x3", 3),
        new Sizes(2, 2, 6, 5, lanes - 1, "3x3x3", 1),
        new Sizes(2, 2, 5, 5, lanes, "3x3x3", 1),
        new Sizes(2, 2, 7, 5, lanes + 1, "3x3x3", 1),
        new Sizes(2, 2, 4, 6, 2 * lanes, "3x3x3", 2),
        new Sizes(2, 2, 4, 6, 2 * lanes + 1, "3x3x3", 2),
        new Sizes(1, 2, 9, 4, 5 * lanes - 1, "3x3x3", 1),
        new Sizes(1, 2, 3, 6, 3 * lanes + 2, "1x3x3", 2),
        new Sizes(2, 9, 3, 6, 5, "1x3x3", 1),
        new Sizes(1, 4, 3, 8, 8, "1x3x3", 3),
        new Sizes(2, 3, 6, 7, 11, "3x1x1", 1),
        new Sizes(2, 3, 6, 7, 11, "3x1x1", 2),
        new Sizes(2, 3, 6, 7, 11, "1x1x1", 2),
        new Sizes(2, 3, 6, 7, 11, "5x1x1", 3),
        new Sizes(2, 3, 6, 7, 11, "5x5x5", 1),
        new Sizes(2, 3, 6, 7, 11, "5x5x5", 2),
        new Sizes(2, 3, 6, 7, 11, "3x1x3", 2),
        new Sizes(2, 3, 6, 7, 11, "3x5x1", 3),
        new Sizes(1, 2, 3, 4, 5, "7x7x7", 1),
        new Sizes(1, 2, 3, 4, 5, "3x3x3", 7),
        new Sizes(1, 40, 2, 3, 3, "3x3x3", 1)));
  }

  static void check(Trial trial, Sizes s) {
    check(trial, s, SHARED);
  }

  static void check(Trial trial, Sizes s, Scratch scratch) {
    float[][] values = trial.values(s, 5);
    float[][] actual = trial.run(s, values, scratch);
    List<Reference.Result> expected = Reference.of(trial, s, values);
    assertEquals(expected.size(), actual.length);
    for (int i = 0; i < actual.length; i++) {
      Reference.Result result = expected.get(i);
      assertEquals(result.values().length, actual[i].length);
      for (int j = 0; j < actual[i].length; j++) {
        double difference = Math.abs(result.values()[j] - actual[i][j]);
        if (!(difference <= TOLERANCE * result.magnitude())) {
          fail(trial + " of " + s + ": result " + i + " has " + actual[i][j] + " at " + j + " for "
              + result.values()[j] + ", in a tensor of magnitude " + result.magnitude());
        }
      }
    }
  }

  /** Larger, smaller and in other layouts, after inputs of nothing but NaN. */
  @ParameterizedTest
  @EnumSource
  void noNumberOfAShapeBeforeReachesTheNext(Trial trial) {
    Scratch scratch = Trial.poisoned(0);
    for (Sizes s : List.of(
        new Sizes(1, 2, 6, 12, 19, "5x5x5", 2),
        new Sizes(2, 2, 3, 5, 5, "3x3x3", 1),
        new Sizes(1, 3, 4, 11, 8, "3x3x3", 2),
        new Sizes(1, 2, 1, 2, 3, "1x3x3", 3),
        SMALL)) {
      float[][] nothing = trial.values(s, 1);
      for (float[] v : nothing) {
        Arrays.fill(v, Float.NaN);
      }
      trial.run(s, nothing, scratch);
      check(trial, s, scratch);
      check(trial, SMALL, scratch);
    }
  }

  @ParameterizedTest
  @EnumSource
  void piecesInAnyOrderAndOnAnyThreadGiveTheSameBits(Trial trial) {
    Sizes s = SMALL.withChannels(37);
    float[][] values = trial.values(s, 2);
    float[][] expected = trial.run(s, values, new Scratch());
    Kernel.Work work = trial.kernel(s).plan(trial.shapes(s));
    int pieces = work.pieces();
    assertTrue(pieces > 1, "one piece only");
    int[] backwards = IntStream.range(0, pieces).map(i -> pieces - 1 - i).toArray();
    assertBits(expected, Trial.run(work, values, backwards, SHARED));
    int[] evenThenOdd = IntStream.concat(
            IntStream.range(0, pieces).filter(i -> i % 2 == 0),
            IntStream.range(0, pieces).filter(i -> i % 2 == 1))
        .toArray();
    assertBits(expected, Trial.run(work, values, evenThenOdd, Trial.poisoned(1000)));
  }

  private static void assertBits(float[][] expected, float[][] actual) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertArrayEquals(expected[i], actual[i], "result " + i);
    }
  }
}
