package x3d.grad;

import static x3d.graph.Elementwise.exp;
import static x3d.graph.Elementwise.mul;
import static x3d.graph.Elementwise.scale;
import static x3d.graph.Elementwise.sub;
import static x3d.graph.Movement.expand;
import static x3d.graph.Reduction.reduceSum;

import java.util.Map;
import x3d.graph.Tensor;

/** Rules of {@link x3d.graph.Reduction}. */
final class ReductionRules {
  /** dx = dy, the same for all that were added up. */
  static final GradientRule REDUCE_SUM =
      c -> c.give(0, () -> expand(c.dy(), c.input(0).shape()));

  /** dx = dy / count. */
  static final GradientRule REDUCE_MEAN = c -> {
    Tensor x = c.input(0);
    double count = (double) x.shape().elements() / c.output(0).shape().elements();
    c.give(0, () -> expand(scale(c.dy(), 1 / count), x.shape()));
  };

  /** dx = y (dy - sum(dy y)). */
  static final GradientRule SOFTMAX = c -> {
    int axis = (int) c.node().integer("axis", -1);
    Tensor y = c.output(0);
    c.give(0, () -> mul(y, sub(c.dy(), reduceSum(mul(c.dy(), y), axis))));
  };

  /** dx = dy - e^y sum(dy). */
  static final GradientRule LOG_SOFTMAX = c -> {
    int axis = (int) c.node().integer("axis", -1);
    c.give(0, () -> sub(c.dy(), mul(exp(c.output(0)), reduceSum(c.dy(), axis))));
  };

  static final Map<String, GradientRule> ALL = Map.of(
      "ReduceSum",
      REDUCE_SUM,
      "ReduceMean",
      REDUCE_MEAN,
      "Softmax",
      SOFTMAX,
      "LogSoftmax",
      LOG_SOFTMAX);

  private ReductionRules() {}
}
