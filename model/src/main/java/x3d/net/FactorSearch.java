package x3d.net;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import x3d.weights.WeightTensor;
import x3d.weights.Weights;

/**
 * Finds factors that give the shapes of weights. Several may; the first found, usual ones first, is as good as the one
 * that was trained with. Frames and crop leave no trace in weights.
 */
public final class FactorSearch {
  private static final int STAGES = 4;

  private FactorSearch() {}

  /**
   * Factors whose network has the stem, stages and head of {@code weights}, under SlowFast's names.
   *
   * @param frames and crop: of the configuration that is returned
   * @return empty if no factors give these shapes
   * @throws x3d.weights.WeightsException if the weights mix dense and channelwise kernels
   */
  public static Optional<X3DConfig> of(Weights weights, int frames, int crop) {
    int stem = size(weights, X3D.STEM + ".conv_xy.weight", 0);
    int dimC5 = size(weights, "head.projection.weight", 1);
    int classes = size(weights, "head.projection.weight", 0);
    int[] out = new int[STAGES];
    int[] inner = new int[STAGES];
    int[] depths = new int[STAGES];
    for (int s = 0; s < STAGES; s++) {
      String stage = "s" + (s + 2) + ".pathway0_res";
      out[s] = size(weights, stage + "0.branch2.c.weight", 0);
      inner[s] = size(weights, stage + "0.branch2.c.weight", 1);
      depths[s] = (int) IntStream.iterate(
              0, i -> weights.tensors().containsKey(stage + i + ".branch2.a.weight"), i -> i + 1)
          .count();
    }
    if (stem == 0 || dimC5 == 0 || Arrays.stream(depths).anyMatch(d -> d == 0)) {
      return Optional.empty();
    }
    boolean channelwise = !Weights.dense(weights);
    Optional<Double> depth = first(depthFactors(), d -> Arrays.equals(X3D.depths(d), depths));
    Optional<Double> bottleneck = first(
        DoubleStream.of(2.25, (double) inner[3] / out[3], (inner[3] + 0.5) / out[3]),
        b -> IntStream.range(0, STAGES).allMatch(s -> (int) (b * out[s]) == inner[s]));
    if (depth.isEmpty() || bottleneck.isEmpty()) {
      return Optional.empty();
    }
    for (int dimC1 : firstStageWidths(stem)) {
      Optional<Double> width = first(
          DoubleStream.of(2, 1, 0.5, 1.5, 3, 4, (double) stem / dimC1),
          w -> X3D.scaled(dimC1, w) == stem && Arrays.equals(X3D.stageWidths(dimC1, w), out));
      if (width.isPresent()) {
        return Optional.of(new X3DConfig(
            width.get(),
            depth.get(),
            bottleneck.get(),
            dimC1,
            dimC5,
            classes,
            frames,
            crop,
            channelwise));
      }
    }
    return Optional.empty();
  }

  private static List<Integer> firstStageWidths(int stem) {
    return IntStream.concat(IntStream.of(12, 8, 16, 24), IntStream.rangeClosed(1, 4 * stem))
        .boxed()
        .toList();
  }

  private static DoubleStream depthFactors() {
    return DoubleStream.concat(
        DoubleStream.of(1.1, 2.2, 5), IntStream.rangeClosed(1, 200).mapToDouble(i -> i / 20.0));
  }

  private static Optional<Double> first(DoubleStream candidates, Predicate<Double> fits) {
    return candidates.boxed().filter(fits).findFirst();
  }

  private static int size(Weights weights, String name, int axis) {
    WeightTensor tensor = weights.tensors().get(name);
    return tensor == null || tensor.shape().length <= axis ? 0 : tensor.shape()[axis];
  }
}
