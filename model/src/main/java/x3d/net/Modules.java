package x3d.net;

import x3d.graph.Tensor;

/** Where the network's numbers come from, and how it normalises. */
interface Modules {
  /** The weight of a name of {@link X3D#parameters()}, in its shape. */
  Tensor weight(String name);

  /** A convolution without a bias and the batch normalisation after it. */
  Activation convNorm(
      Spelling spelling, Activation x, String conv, String norm, int stride, long groups);
}
