package x3d.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Operators of our own domain {@value #DOMAIN} on activations [N, C, T, H, W]; each treats every channel by itself, and
 * does in one pass over memory what takes the standard operators several. They run on the CPU only.
 *
 * <p>Where a mean, a sum or a factor is a number of each sample and channel, it is a tensor [N, C]; one that is the same
 * for all samples may be [1, C].
 */
public final class Channelwise {
  public static final String DOMAIN = "x3d";
  public static final String MEASURED = "Measured";
  public static final String SUBSAMPLED = "Subsampled";
  public static final String FRAME_CONV = "FrameConv";

  private Channelwise() {}

  /** How x is to be read: (x - center) scale + shift, each [N or 1, C]. */
  public record Affine(Tensor center, Tensor scale, Tensor shift) {}

  /** A tensor with, for each sample and channel, its mean [N, C] and its squared deviations from it, summed, [N, C]. */
  public record Measured(Tensor x, Tensor mean, Tensor squares) {}

  /** x and its moments. Users of x should use the result's, so that their gradients and the moments' are one. */
  public static Measured measured(Tensor x) {
    requireVolumes("Moments", x);
    Function f = x.graph().function(MEASURED, List.of(x), () -> {
      Tensor same = x.graph().node("Identity", List.of(x), x.type(), x.shape(), Map.of());
      List<Tensor> moments = node("Moments", List.of(x), List.of(numbers(x), numbers(x)), Map.of());
      return new Graph.Body(List.of(same, moments.get(0), moments.get(1)), List.of(), Map.of());
    });
    return new Measured(f.output(0), f.output(1), f.output(2));
  }

  /** dx + dmean / V + 2 dsquares (x - mean), V elements a volume: the gradient of {@link #measured}. */
  public static Tensor momentsGradient(
      Tensor dx, Tensor x, Tensor mean, Tensor dmean, Tensor dsquares) {
    return node(
            "MomentsGradient", List.of(dx, x, mean, dmean, dsquares), List.of(x.shape()), Map.of())
        .get(0);
  }

  /**
   * Channelwise convolution with padding of half the kernel, and the moments of its result.
   *
   * @param w [C, 1, kT, kH, kW], all odd
   * @param read x is read as max of this and 0; null to read x as it is
   * @param stride of height and width
   * @param squares whether the result's second moment is wanted; if not, it is null
   */
  public static Measured depthwiseConv(
      Tensor x, Tensor w, Affine read, long stride, boolean squares) {
    requireVolumes("DepthwiseConv", x);
    boolean fits = w.rank() == 5
        && w.shape().dim(0).equals(x.shape().dim(1))
        && w.shape().size(1) == 1
        && w.shape().size(2) % 2 == 1
        && w.shape().size(3) % 2 == 1
        && w.shape().size(4) % 2 == 1;
    if (!fits) {
      throw new GraphException("DepthwiseConv: w must be [" + x.shape().dim(1)
          + ", 1, kT, kH, kW] with odd sides, got " + w);
    }
    List<Tensor> in = new ArrayList<>(List.of(x, w));
    if (read != null) {
      in.addAll(numbers("DepthwiseConv", read, x));
    }
    requireStride("DepthwiseConv", stride);
    Shape s = x.shape();
    Shape y = new Shape(List.of(
        s.dim(0),
        s.dim(1),
        s.dim(2),
        s.dim(3).windows(1, stride, 0),
        s.dim(4).windows(1, stride, 0)));
    List<Tensor> out = node(
        "DepthwiseConv",
        in,
        squares ? List.of(y, numbers(x), numbers(x)) : List.of(y, numbers(x)),
        Map.of("stride", Attribute.of(stride), "squares", Attribute.of(squares ? 1L : 0L)));
    return new Measured(out.get(0), out.get(1), squares ? out.get(2) : null);
  }

  /** What follows a convolution in inference. */
  public enum After {
    RELU,
    SWISH
  }

  /**
   * The convolution of a {@code DepthwiseConv} node without the moments, plus a bias, and the activation after it. For
   * inference: it has no gradient.
   *
   * @param bias [1, C]
   */
  public static Tensor depthwiseConvActivation(Node conv, Tensor bias, After after) {
    requireNumbers("DepthwiseConvActivation", "bias", bias, conv.input(0));
    List<Tensor> in = new ArrayList<>(List.of(conv.input(0), conv.input(1), bias));
    in.addAll(conv.inputs().subList(2, conv.inputs().size()));
    return node(
            "DepthwiseConvActivation",
            in,
            List.of(conv.output(0).shape()),
            Map.of(
                "stride", conv.attributes().get("stride"),
                "swish", Attribute.of(after == After.SWISH ? 1L : 0L)))
        .get(0);
  }

  /** Gradients of {@link #depthwiseConv}; the sums are null where it read x as it is. */
  public record DepthwiseGradients(Tensor dx, Tensor dw, Sums sums) {}

  /** Of the gradient g of (x - center) scale + shift, for each sample and channel: Σ g and Σ g (x - center). */
  public record Sums(Tensor gradient, Tensor product) {}

  /**
   * Gradients of a {@code DepthwiseConv} node's inputs.
   *
   * @param dy of its result
   * @param dmean and {@code dsquares}: of its moments
   */
  public static DepthwiseGradients depthwiseConvGradient(
      Node conv, Tensor dy, Tensor dmean, Tensor dsquares) {
    List<Tensor> in = new ArrayList<>(List.of(dy, conv.output(0), conv.output(1), dmean, dsquares));
    in.addAll(conv.inputs());
    Tensor x = conv.input(0);
    List<Shape> shapes = new ArrayList<>(List.of(x.shape(), conv.input(1).shape()));
    boolean affine = conv.inputs().size() > 2;
    if (affine) {
      shapes.add(numbers(x));
      shapes.add(numbers(x));
    }
    List<Tensor> out = node("DepthwiseConvGradient", in, shapes, conv.attributes());
    return new DepthwiseGradients(
        out.get(0), out.get(1), affine ? new Sums(out.get(2), out.get(3)) : null);
  }

  /** u sigmoid(u) with u = x as it is to be read. */
  public static Tensor affineSwish(Tensor x, Affine read) {
    requireVolumes("AffineSwish", x);
    List<Tensor> in = new ArrayList<>(List.of(x));
    in.addAll(numbers("AffineSwish", read, x));
    return node("AffineSwish", in, List.of(x.shape()), Map.of()).get(0);
  }

  /** Gradient of an activation's x, and the sums of the gradient of what it was read as. */
  public record AffineGradients(Tensor dx, Sums sums) {}

  /** Gradients of an {@code AffineSwish} node. */
  public static AffineGradients affineSwishGradient(Node swish, Tensor dz) {
    List<Tensor> in = new ArrayList<>(List.of(dz));
    in.addAll(swish.inputs());
    Tensor x = swish.input(0);
    List<Tensor> out =
        node("AffineSwishGradient", in, List.of(x.shape(), numbers(x), numbers(x)), Map.of());
    return new AffineGradients(out.get(0), new Sums(out.get(1), out.get(2)));
  }

  /** max(x as it is to be read, 0). */
  public static Tensor affineRelu(Tensor x, Affine read) {
    return affineRelu(x, read, null, null);
  }

  /**
   * max(x as it is to be read + shortcut as it is to be read, 0).
   *
   * @param shortcut in x's shape, or null
   * @param shortcutRead null to read the shortcut as it is
   */
  public static Tensor affineRelu(Tensor x, Affine read, Tensor shortcut, Affine shortcutRead) {
    requireVolumes("AffineRelu", x);
    List<Tensor> in = new ArrayList<>(List.of(x));
    in.addAll(numbers("AffineRelu", read, x));
    if (shortcut != null) {
      if (!shortcut.shape().equals(x.shape())) {
        throw new GraphException(
            "AffineRelu: the shortcut must be " + x.shape() + ", got " + shortcut);
      }
      in.add(shortcut);
    }
    if (shortcutRead != null) {
      if (shortcut == null) {
        throw new GraphException("AffineRelu: there is no shortcut to be read");
      }
      in.addAll(numbers("AffineRelu", shortcutRead, x));
    }
    return node("AffineRelu", in, List.of(x.shape()), Map.of()).get(0);
  }

  /** Gradients of an {@code AffineRelu} node; what belongs to a shortcut is null where there is none. */
  public record ReluGradients(Tensor dx, Sums sums, Tensor dshortcut, Sums shortcutSums) {}

  /** Gradients of an {@code AffineRelu} node. */
  public static ReluGradients affineReluGradient(Node relu, Tensor dy) {
    Tensor x = relu.input(0);
    List<Tensor> in = new ArrayList<>(List.of(dy, relu.output(0), x, relu.input(1), relu.input(2)));
    List<Shape> shapes = new ArrayList<>(List.of(x.shape(), numbers(x), numbers(x)));
    boolean shortcut = relu.inputs().size() > 4;
    boolean read = relu.inputs().size() > 5;
    if (shortcut) {
      shapes.add(x.shape());
    }
    if (read) {
      in.addAll(relu.inputs().subList(4, 7));
      shapes.add(numbers(x));
    }
    List<Tensor> out = node(
        "AffineReluGradient", in, shapes, Map.of("shortcut", Attribute.of(shortcut ? 1L : 0L)));
    return new ReluGradients(
        out.get(0),
        new Sums(out.get(1), out.get(2)),
        shortcut ? out.get(3) : null,
        read ? new Sums(out.get(1), out.get(4)) : null);
  }

  /** A tensor and every stride-th row and column of it. */
  public record Subsampled(Tensor x, Tensor taken) {}

  /** x and every stride-th row and column of it. Users of x should use the result's, so that their gradients and those of what was taken are one. */
  public static Subsampled subsampled(Tensor x, long stride) {
    requireVolumes("Subsample", x);
    requireStride("Subsample", stride);
    Shape s = x.shape();
    Shape y = new Shape(List.of(
        s.dim(0),
        s.dim(1),
        s.dim(2),
        s.dim(3).windows(1, stride, 0),
        s.dim(4).windows(1, stride, 0)));
    Function f = x.graph().function(SUBSAMPLED, List.of(x), () -> {
      Tensor same = x.graph().node("Identity", List.of(x), x.type(), x.shape(), Map.of());
      Tensor taken = node(
              "Subsample", List.of(x), List.of(y), Map.of("stride", Attribute.of(stride)))
          .get(0);
      return new Graph.Body(List.of(same, taken), List.of(), Map.of("stride", (double) stride));
    });
    return new Subsampled(f.output(0), f.output(1));
  }

  /** dx with dy added where {@link #subsampled} took its elements from. */
  public static Tensor subsampleGradient(Tensor dx, Tensor dy, long stride) {
    return node(
            "SubsampleGradient",
            List.of(dx, dy),
            List.of(dx.shape()),
            Map.of("stride", Attribute.of(stride)))
        .get(0);
  }

  /**
   * A convolution of each frame by itself, padding half the kernel: a standard {@code Conv}, whose weight has a gradient
   * of its own here.
   *
   * @param w [O, I, 1, kH, kW] with odd sides
   */
  public static Tensor frameConv(Tensor x, Tensor w, long stride) {
    requireVolumes("FrameConv", x);
    requireStride("FrameConv", stride);
    if (w.rank() != 5
        || !w.shape().dim(1).equals(x.shape().dim(1))
        || w.shape().size(2) != 1
        || w.shape().size(3) % 2 == 0
        || w.shape().size(4) % 2 == 0) {
      throw new GraphException(
          "FrameConv: w must be [O, " + x.shape().dim(1) + ", 1, kH, kW] with odd sides, got " + w);
    }
    long[] pads = {0, w.shape().size(3) / 2, w.shape().size(4) / 2};
    Linear.Window window = new Linear.Window(new long[] {1, stride, stride}, pads);
    return x.graph()
        .function(
            FRAME_CONV,
            List.of(x, w),
            () -> new Graph.Body(
                List.of(Linear.conv(x, w, null, window, 1)), List.of(), Map.of("stride", (double)
                    stride)))
        .output(0);
  }

  /** Gradient of the weight w of {@link #frameConv}, in w's shape. */
  public static Tensor frameConvWeightGradient(Tensor dy, Tensor x, Tensor w, long stride) {
    Shape s = w.shape();
    Tensor each = node(
            "FrameConvWeightGradient",
            List.of(dy, x),
            List.of(Shape.mixed(x.shape().dim(0), s.dim(0), s.dim(1), 1, s.dim(3), s.dim(4))),
            Map.of(
                "height", Attribute.of(s.size(3)),
                "width", Attribute.of(s.size(4)),
                "stride", Attribute.of(stride)))
        .get(0);
    return Movement.reshape(Reduction.reduceSum(each, 0), s);
  }

  private static List<Tensor> node(
      String opType, List<Tensor> in, List<Shape> shapes, Map<String, Attribute> attributes) {
    return in.get(0).graph().node(opType, DOMAIN, in, shapes, ElementType.FLOAT, attributes);
  }

  private static Shape numbers(Tensor x) {
    return new Shape(x.shape().dims().subList(0, 2));
  }

  private static List<Tensor> numbers(String opType, Affine read, Tensor x) {
    requireNumbers(opType, "center", read.center(), x);
    requireNumbers(opType, "scale", read.scale(), x);
    requireNumbers(opType, "shift", read.shift(), x);
    return List.of(read.center(), read.scale(), read.shift());
  }

  private static void requireNumbers(String opType, String name, Tensor t, Tensor x) {
    List<Dim> wanted = x.shape().dims().subList(0, 2);
    boolean fits = t.rank() == 2
        && t.type() == ElementType.FLOAT
        && t.shape().dim(1).equals(wanted.get(1))
        && (t.shape().dim(0).equals(wanted.get(0)) || t.shape().dim(0).equals(Dim.of(1)));
    if (!fits) {
      throw new GraphException(opType + ": " + name + " must be FLOAT [" + wanted.get(0) + " or 1, "
          + wanted.get(1) + "], got " + t);
    }
  }

  private static void requireStride(String opType, long stride) {
    if (stride < 1) {
      throw new GraphException(opType + ": the stride must be 1 or more, got " + stride);
    }
  }

  private static void requireVolumes(String opType, Tensor x) {
    if (x.rank() != 5 || x.type() != ElementType.FLOAT) {
      throw new GraphException(opType + ": needs FLOAT [N, C, T, H, W], got " + x);
    }
  }
}
