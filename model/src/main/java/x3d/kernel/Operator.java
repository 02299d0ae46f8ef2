package x3d.kernel;

import java.util.function.Function;

/** The operators of the domain {@value #DOMAIN}: all their tensors are FLOAT. */
public enum Operator {
  MOMENTS("Moments", 1, 1, 2, 2, a -> new Moments()),
  MOMENTS_GRADIENT("MomentsGradient", 5, 5, 1, 1, a -> new MomentsGradient()),
  DEPTHWISE_CONV(
      "DepthwiseConv", 2, 5, 2, 3, a -> new DepthwiseConv(stride(a), a.integer("squares", 1) != 0)),
  DEPTHWISE_CONV_ACTIVATION(
      "DepthwiseConvActivation",
      3,
      6,
      1,
      1,
      a -> new DepthwiseConvActivation(stride(a), a.integer("swish", 0) != 0)),
  DEPTHWISE_CONV_GRADIENT(
      "DepthwiseConvGradient", 7, 10, 2, 4, a -> new DepthwiseConvGradient(stride(a))),
  AFFINE_SWISH("AffineSwish", 4, 4, 1, 1, a -> new AffineSwish()),
  AFFINE_SWISH_GRADIENT("AffineSwishGradient", 5, 5, 3, 3, a -> new AffineSwishGradient()),
  AFFINE_RELU("AffineRelu", 4, 8, 1, 1, a -> new AffineRelu()),
  AFFINE_RELU_GRADIENT(
      "AffineReluGradient", 5, 8, 3, 5, a -> new AffineReluGradient(a.integer("shortcut", 0) != 0)),
  SUBSAMPLE("Subsample", 1, 1, 1, 1, a -> new Subsample(stride(a))),
  SUBSAMPLE_GRADIENT("SubsampleGradient", 2, 2, 1, 1, a -> new SubsampleGradient(stride(a))),
  FRAME_CONV_WEIGHT_GRADIENT(
      "FrameConvWeightGradient",
      2,
      2,
      1,
      1,
      a -> new FrameConvWeightGradient(a.integer("height", 1), a.integer("width", 1), stride(a)));

  public static final String DOMAIN = "x3d";

  private final String opType;
  private final int leastInputs;
  private final int mostInputs;
  private final int leastOutputs;
  private final int mostOutputs;
  private final Function<Attributes, Kernel> kernel;

  Operator(
      String opType,
      int leastInputs,
      int mostInputs,
      int leastOutputs,
      int mostOutputs,
      Function<Attributes, Kernel> kernel) {
    this.opType = opType;
    this.leastInputs = leastInputs;
    this.mostInputs = mostInputs;
    this.leastOutputs = leastOutputs;
    this.mostOutputs = mostOutputs;
    this.kernel = kernel;
  }

  /** The attributes of a node. */
  public interface Attributes {
    /** An attribute's value, or {@code otherwise} where the node has none of that name. */
    long integer(String name, long otherwise);
  }

  /** Whether this JVM has the Vector API, without which no kernel runs. */
  public static boolean available() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  private static long stride(Attributes a) {
    return a.integer("stride", 1);
  }

  public String opType() {
    return opType;
  }

  public int leastInputs() {
    return leastInputs;
  }

  public int mostInputs() {
    return mostInputs;
  }

  public int leastOutputs() {
    return leastOutputs;
  }

  public int mostOutputs() {
    return mostOutputs;
  }

  /** @throws IllegalArgumentException if an attribute is out of range */
  public Kernel kernel(Attributes attributes) {
    return kernel.apply(attributes);
  }
}
