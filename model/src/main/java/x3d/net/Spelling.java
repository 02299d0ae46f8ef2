package x3d.net;

import x3d.graph.Tensor;

/** The operations of X3D on activations, in one spelling's own layout of them. Weights, biases, gamma and beta come in float32. */
interface Spelling {
  /** Clips [N, 3, T, H, W] in this spelling's layout. */
  Activation begin(Tensor clips);

  /**
   * A convolution that keeps frames and, at stride 1, height and width: padding is half the kernel.
   *
   * @param w [O, I / groups, kT, kH, kW]
   * @param bias [O], or null
   * @param stride of height and width
   */
  Activation conv(Activation x, Tensor w, Tensor bias, int stride, long groups);

  /**
   * Batch normalisation by the batch's own statistics.
   *
   * @param gamma [C]
   * @param beta [C]
   */
  Normalized normalize(Activation x, Tensor gamma, Tensor beta, double epsilon);

  /**
   * A normalised activation.
   *
   * @param mean of the batch, C elements
   * @param variance of the batch, C elements, with the divisor m - 1
   */
  record Normalized(Activation y, Tensor mean, Tensor variance) {}

  /** max(x, 0). */
  Activation relu(Activation x);

  /** max(x + shortcut, 0). */
  Activation addRelu(Activation x, Activation shortcut);

  /** Swish of x times a factor for each sample and channel, [N, C] in the type of activations; null for 1. */
  Activation swish(Activation x, Tensor factors);

  /** Mean over frames, height and width: float32 [N, C]. */
  Tensor mean(Activation x);

  /** Mean over frames: float32 [N, C, H, W]. */
  Tensor meanOverFrames(Activation x);
}
