package x3d.grad;

import static x3d.graph.Elementwise.add;
import static x3d.graph.Elementwise.exp;
import static x3d.graph.Elementwise.mul;
import static x3d.graph.Elementwise.scale;
import static x3d.graph.Elementwise.sub;
import static x3d.graph.Reduction.reduceSum;

import java.util.Map;
import java.util.stream.IntStream;
import x3d.graph.Functions;
import x3d.graph.Tensor;

/** Rules of {@link x3d.graph.Functions}. */
final class FunctionRules {
  /**
   * With m elements a channel, x̂ = (x - mean) / σ: dβ = Σ dy, dγ = Σ dy x̂,
   * dx = γ/σ (dy - dβ/m - x̂ dγ/m). Ioffe and Szegedy, Batch Normalization (2015), section 3.
   */
  static final GradientRule BATCH_NORMALIZATION = c -> {
    Tensor centered = c.function().saved().get(0);
    Tensor inverseDeviation = c.function().saved().get(1);
    Tensor factor = c.function().saved().get(2);
    double count = c.function().number("count");
    Tensor dy = c.dy();
    Tensor dBeta = sumOverImages(dy);
    Tensor dGamma = mul(sumOverImages(mul(dy, centered)), inverseDeviation);
    c.give(1, () -> dGamma);
    c.give(2, () -> dBeta);
    c.give(0, () -> {
      Tensor perCentered = scale(mul(mul(factor, inverseDeviation), dGamma), -1 / count);
      Tensor constant = scale(mul(factor, dBeta), -1 / count);
      return add(mul(dy, factor), add(mul(centered, perCentered), constant));
    });
  };

  /** Sum of each channel, images first: sums of fewer float32 numbers are rounded less. */
  private static Tensor sumOverImages(Tensor x) {
    int rank = x.rank();
    Tensor images = reduceSum(x, rank - 2, rank - 1);
    int[] rest = IntStream.range(0, rank - 2).filter(i -> i != 1).toArray();
    return reduceSum(images, rest);
  }

  /** dx = dy (s + y (1 - s)). */
  static final GradientRule SWISH =
      c -> c.give(0, () -> ElementwiseRules.swish(c.dy(), c.function().saved().get(0), c.input(0)));

  /** dlogits = dloss (softmax - target) / B. */
  static final GradientRule SOFTMAX_CROSS_ENTROPY = c -> {
    Tensor logProbabilities = c.function().saved().get(0);
    Tensor target = c.function().saved().get(1);
    double batch = c.function().number("batch");
    c.give(0, () -> mul(sub(exp(logProbabilities), target), scale(c.dy(), 1 / batch)));
  };

  static final Map<String, GradientRule> ALL = Map.of(
      Functions.BATCH_NORMALIZATION, BATCH_NORMALIZATION,
      Functions.SWISH, SWISH,
      Functions.SOFTMAX_CROSS_ENTROPY, SOFTMAX_CROSS_ENTROPY);

  private FunctionRules() {}
}
