package x3d.grad;

import java.util.Map;
import x3d.graph.TrainingOperators;
import x3d.graph.TrainingOperators.ConvGradients;
import x3d.graph.TrainingOperators.NormalizationGradients;

/** Rules of {@link x3d.graph.TrainingOperators}: each is an operator by itself. */
final class TrainingOperatorRules {
  /** As every convolution's, see {@link LinearRules#CONV}. */
  static final GradientRule CONV = c -> {
    ConvGradients g = TrainingOperators.convGradient(c.graph().producer(c.output(0)), c.dy());
    c.give(0, g::dx);
    c.give(1, g::dw);
    c.give(2, g::dbias);
  };

  /** As {@link FunctionRules#BATCH_NORMALIZATION}. */
  static final GradientRule BATCH_NORMALIZATION = c -> {
    NormalizationGradients g = TrainingOperators.batchNormalizationGradient(c.node(), c.dy());
    c.give(0, g::dx);
    c.give(1, g::dgamma);
    c.give(2, g::dbeta);
  };

  /** dx = dy where y > 0, else 0. */
  static final GradientRule RELU =
      c -> c.give(0, () -> TrainingOperators.reluGradient(c.dy(), c.output(0)));

  /** dx = dy s (1 + x (1 - s)), where s = sigmoid(x). */
  static final GradientRule SWISH =
      c -> c.give(0, () -> TrainingOperators.swishGradient(c.dy(), c.input(0)));

  static final Map<String, GradientRule> ALL = Map.of(
      TrainingOperators.CONV,
      CONV,
      TrainingOperators.DOMAIN + ".BatchNormInternal",
      BATCH_NORMALIZATION,
      TrainingOperators.RELU,
      RELU,
      TrainingOperators.DOMAIN + ".QuickGelu",
      SWISH);

  private TrainingOperatorRules() {}
}
