package x3d.net;

import x3d.graph.Tensor;

/** The operations of X3D on activations, in one spelling's own layout of them. */
interface Spelling {
  /** Clips [N, 3, T, H, W] in this spelling's layout. */
  Tensor begin(Tensor clips);

  /**
   * A convolution that keeps frames and, at stride 1, height and width: padding is half the kernel.
   *
   * @param w [O, I / groups, kT, kH, kW]
   * @param bias [O], or null
   * @param stride of height and width
   */
  Tensor conv(Tensor x, Tensor w, Tensor bias, int stride, long groups);

  /** A number a channel [C], ready to be broadcast over activations. */
  Tensor perChannel(Tensor values);

  /** Mean over frames, height and width: [N, C]. */
  Tensor mean(Tensor x);

  /** Mean over frames: [N, C, H, W]. */
  Tensor meanOverFrames(Tensor x);

  /** x times a factor for each sample and channel, [N, C]. */
  Tensor gate(Tensor x, Tensor factors);
}
