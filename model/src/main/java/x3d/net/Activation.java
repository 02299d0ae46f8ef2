package x3d.net;

import x3d.graph.Channelwise.Affine;
import x3d.graph.Channelwise.Measured;
import x3d.graph.Tensor;

/**
 * What one layer hands to the next, in a {@link Spelling}'s layout: a tensor, and what its reader still has to do to it.
 *
 * @param pending how the tensor is to be read, or null for as it is
 * @param relu whether what was read then is 0 where it is negative; only with {@code pending}
 * @param moments of the tensor as it is, or null where they are not known
 */
record Activation(Tensor tensor, Affine pending, boolean relu, Measured moments) {
  static Activation of(Tensor tensor) {
    return new Activation(tensor, null, false, null);
  }

  static Activation of(Measured measured) {
    return new Activation(measured.x(), null, false, measured);
  }

  Activation reading(Affine read) {
    return new Activation(tensor, read, false, moments);
  }

  Activation rectified() {
    return new Activation(tensor, pending, true, moments);
  }
}
