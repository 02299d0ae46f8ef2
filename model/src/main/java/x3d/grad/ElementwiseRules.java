package x3d.grad;

import static x3d.graph.Elementwise.cast;
import static x3d.graph.Elementwise.div;
import static x3d.graph.Elementwise.mul;
import static x3d.graph.Elementwise.neg;
import static x3d.graph.Elementwise.scale;
import static x3d.graph.Elementwise.shift;
import static x3d.graph.Elementwise.sign;

import java.util.Map;
import x3d.graph.Tensor;

/** Rules of {@link x3d.graph.Elementwise}. */
final class ElementwiseRules {
  /** da = db = dy. */
  static final GradientRule ADD = c -> {
    c.give(0, c::dy);
    c.give(1, c::dy);
  };

  /** da = dy, db = -dy. */
  static final GradientRule SUB = c -> {
    c.give(0, c::dy);
    c.give(1, () -> neg(c.dy()));
  };

  /** da = dy b, db = dy a. */
  static final GradientRule MUL = c -> {
    c.give(0, () -> mul(c.dy(), c.input(1)));
    c.give(1, () -> mul(c.dy(), c.input(0)));
  };

  /** da = dy / b, db = -dy y / b. */
  static final GradientRule DIV = c -> {
    c.give(0, () -> div(c.dy(), c.input(1)));
    c.give(1, () -> neg(div(mul(c.dy(), c.output(0)), c.input(1))));
  };

  /** dx = -dy. */
  static final GradientRule NEG = c -> c.give(0, () -> neg(c.dy()));

  /** dx = dy / (2 y). */
  static final GradientRule SQRT = c -> c.give(0, () -> div(scale(c.dy(), 0.5), c.output(0)));

  /** dx = -dy y². */
  static final GradientRule RECIPROCAL =
      c -> c.give(0, () -> neg(mul(c.dy(), mul(c.output(0), c.output(0)))));

  /** dx = dy y. */
  static final GradientRule EXP = c -> c.give(0, () -> mul(c.dy(), c.output(0)));

  /** dx = dy / x. */
  static final GradientRule LOG = c -> c.give(0, () -> div(c.dy(), c.input(0)));

  /** dx = dy where y > 0, else 0 (at x = 0 too, as PyTorch has it). Sign and not Where: y is never negative, and one tensor less is made. */
  static final GradientRule RELU = c -> c.give(0, () -> mul(c.dy(), sign(c.output(0))));

  /** dx = dy y (1 - y). */
  static final GradientRule SIGMOID = c -> {
    Tensor y = c.output(0);
    c.give(0, () -> mul(c.dy(), mul(y, shift(neg(y), 1))));
  };

  /** dx = dy (s + y (1 - s)), where s = sigmoid(x). */
  static Tensor swish(Tensor dy, Tensor s, Tensor y) {
    return mul(dy, mul(s, shift(mul(y, shift(neg(s), 1)), 1)));
  }

  /** dx = dy in the type of x. */
  static final GradientRule CAST = c -> c.give(0, () -> cast(c.dy(), c.input(0).type()));

  static final Map<String, GradientRule> ALL = Map.ofEntries(
      Map.entry("Add", ADD),
      Map.entry("Sub", SUB),
      Map.entry("Mul", MUL),
      Map.entry("Div", DIV),
      Map.entry("Neg", NEG),
      Map.entry("Sqrt", SQRT),
      Map.entry("Reciprocal", RECIPROCAL),
      Map.entry("Exp", EXP),
      Map.entry("Log", LOG),
      Map.entry("Relu", RELU),
      Map.entry("Sigmoid", SIGMOID),
      Map.entry("Cast", CAST));

  private ElementwiseRules() {}
}
