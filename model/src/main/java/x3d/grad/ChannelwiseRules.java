package x3d.grad;

import static x3d.graph.Elementwise.mul;
import static x3d.graph.Elementwise.neg;

import java.util.Map;
import x3d.graph.Channelwise;
import x3d.graph.Channelwise.Sums;
import x3d.graph.Constant;
import x3d.graph.ElementType;
import x3d.graph.Movement;
import x3d.graph.Shape;
import x3d.graph.Tensor;

/** Rules of {@link x3d.graph.Channelwise}. */
final class ChannelwiseRules {
  /** dx = dy + dmean / V + 2 dsquares (x - mean). */
  static final GradientRule MEASURED = c -> {
    if (c.dy(1) == null && c.dy(2) == null) {
      c.give(0, c::dy);
    } else {
      c.give(
          0,
          () -> Channelwise.momentsGradient(
              dy(c), c.input(0), c.output(1), orZeros(c, 1), orZeros(c, 2)));
    }
  };

  /** The result's gradient is dy + dmean / V + 2 dsquares (y - mean); from there as a convolution's, see {@link LinearRules}. */
  static final GradientRule DEPTHWISE_CONV = c -> {
    Channelwise.DepthwiseGradients g =
        Channelwise.depthwiseConvGradient(c.node(), dy(c), orZeros(c, 1), orZeros(c, 2));
    c.give(0, g::dx);
    c.give(1, g::dw);
    if (g.sums() != null) {
      affine(c, 2, g.sums());
    }
  };

  /** With s = sigmoid(u): du = dz s (1 + u (1 - s)). */
  static final GradientRule AFFINE_SWISH = c -> {
    Channelwise.AffineGradients g = Channelwise.affineSwishGradient(c.node(), c.dy());
    c.give(0, g::dx);
    affine(c, 1, g.sums());
  };

  /** g = dy where y is above 0. */
  static final GradientRule AFFINE_RELU = c -> {
    Channelwise.ReluGradients g = Channelwise.affineReluGradient(c.node(), c.dy());
    c.give(0, g::dx);
    affine(c, 1, g.sums());
    if (g.dshortcut() != null) {
      c.give(4, g::dshortcut);
    }
    if (g.shortcutSums() != null) {
      affine(c, 5, g.shortcutSums());
    }
  };

  /** dx = the gradient of x itself, and dy where it was taken from. */
  static final GradientRule SUBSAMPLED = c -> {
    long stride = (long) c.function().number("stride");
    c.give(
        0, () -> c.dy(1) == null ? c.dy() : Channelwise.subsampleGradient(dy(c), c.dy(1), stride));
  };

  /** As every convolution's, see {@link LinearRules#CONV}. */
  static final GradientRule FRAME_CONV = c -> {
    long stride = (long) c.function().number("stride");
    c.give(0, () -> LinearRules.convInput(c.graph().producer(c.output(0)), c.dy()));
    c.give(1, () -> Channelwise.frameConvWeightGradient(c.dy(), c.input(0), c.input(1), stride));
  };

  static final Map<String, GradientRule> ALL = Map.ofEntries(
      Map.entry(Channelwise.MEASURED, MEASURED),
      Map.entry(Channelwise.SUBSAMPLED, SUBSAMPLED),
      Map.entry(Channelwise.FRAME_CONV, FRAME_CONV),
      Map.entry(Channelwise.DOMAIN + ".DepthwiseConv", DEPTHWISE_CONV),
      Map.entry(Channelwise.DOMAIN + ".AffineSwish", AFFINE_SWISH),
      Map.entry(Channelwise.DOMAIN + ".AffineRelu", AFFINE_RELU));

  /** Of u = (x - center) scale + shift, these three from input {@code first} on: dcenter = -scale Σ du, dscale = Σ du (x - center), dshift = Σ du. */
  private static void affine(Backward c, int first, Sums sums) {
    c.give(first, () -> neg(mul(c.input(first + 1), sums.gradient())));
    c.give(first + 1, sums::product);
    c.give(first + 2, sums::gradient);
  }

  /** The gradient of the result itself; zeros where only what goes with it is used. */
  private static Tensor dy(Backward c) {
    Tensor zero = c.graph().scalar(ElementType.FLOAT, 0);
    return c.dy() == null ? Movement.expand(zero, c.output(0).shape()) : c.dy();
  }

  /** The gradient of output i, [N, C]; zeros [1, C] where nothing uses it or there is none. */
  private static Tensor orZeros(Backward c, int i) {
    if (i < c.outputs() && c.dy(i) != null) {
      return c.dy(i);
    }
    int channels = (int) c.output(0).shape().size(1);
    return c.graph()
        .initializer(
            "constant/no_gradient", Shape.of(1, channels), Constant.of(new float[channels]));
  }

  private ChannelwiseRules() {}
}
