package x3d.grad;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import x3d.graph.Elementwise;
import x3d.graph.Linear.Window;
import x3d.graph.Tensor;
import x3d.graph.TrainingOperators;

/**
 * The bundled ONNX Runtime has the training operators on the CPU too. Its ConvGrad of 3-D convolutions in groups writes beyond its
 * memory there (1.24.1), so these are left to GPUs.
 */
class TrainingOperatorRulesTest {
  private static long[] shape(long... sizes) {
    return sizes;
  }

  private static Arguments conv(
      String name, long[] x, long[] w, long[] strides, long[] pads, long groups, boolean bias) {
    List<long[]> shapes = new ArrayList<>(List.of(x, w));
    if (bias) {
      shapes.add(shape(w[0]));
    }
    Function<List<Tensor>, Tensor> f = t -> TrainingOperators.conv(
        t.get(0), t.get(1), bias ? t.get(2) : null, new Window(strides, pads), groups);
    return Arguments.of(Named.of(name, f), shapes);
  }

  static List<Arguments> convolutions() {
    return List.of(
        conv(
            "pointwise",
            shape(2, 3, 2, 3, 2),
            shape(4, 3, 1, 1, 1),
            shape(1, 1, 1),
            shape(0, 0, 0),
            1,
            false),
        conv(
            "pointwise on one pixel",
            shape(3, 5, 4, 1, 1),
            shape(4, 5, 1, 1, 1),
            shape(1, 1, 1),
            shape(0, 0, 0),
            1,
            false),
        conv(
            "pointwise, stride 2",
            shape(1, 3, 2, 5, 4),
            shape(2, 3, 1, 1, 1),
            shape(1, 2, 2),
            shape(0, 0, 0),
            1,
            false),
        conv(
            "dense 1x3x3 with bias, stride 2",
            shape(2, 3, 2, 6, 5),
            shape(4, 3, 1, 3, 3),
            shape(1, 2, 2),
            shape(0, 1, 1),
            1,
            true),
        conv(
            "depthwise in 2-D",
            shape(3, 2, 5, 5),
            shape(2, 1, 3, 3),
            shape(2, 2),
            shape(1, 1),
            2,
            false));
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void convolutionGradientMatchesFiniteDifferences(
      Function<List<Tensor>, Tensor> f, List<long[]> shapes) {
    FiniteDifferences.linear().check(f, shapes, positive(shapes));
  }

  static List<Arguments> functions() {
    return List.of(
        of("relu", x -> TrainingOperators.relu(Elementwise.shift(x.get(0), -1.05)), shape(2, 3, 4)),
        of("swish", x -> TrainingOperators.swish(x.get(0)), shape(2, 3)),
        of(
            "batchNormalization",
            x -> TrainingOperators.batchNormalization(x.get(0), x.get(1), x.get(2), 1e-2)
                .y(),
            shape(3, 2, 2, 2),
            shape(2),
            shape(2)));
  }

  private static Arguments of(String name, Function<List<Tensor>, Tensor> f, long[]... shapes) {
    return Arguments.of(Named.of(name, f), List.of(shapes));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void gradientMatchesFiniteDifferences(Function<List<Tensor>, Tensor> f, List<long[]> shapes) {
    FiniteDifferences.coarse().check(f, shapes, positive(shapes));
  }

  /** Values from 0.5 to 1.6. */
  private static double[][] positive(List<long[]> shapes) {
    Random random = new Random(3);
    return shapes.stream()
        .map(s -> random
            .doubles(Arrays.stream(s).reduce(1, (a, b) -> a * b), 0.5, 1.6)
            .toArray())
        .toArray(double[][]::new);
  }
}
