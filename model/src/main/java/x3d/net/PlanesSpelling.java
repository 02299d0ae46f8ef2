package x3d.net;

import static x3d.graph.Elementwise.add;
import static x3d.graph.Elementwise.mul;
import static x3d.graph.Movement.pad;
import static x3d.graph.Movement.reshape;
import static x3d.graph.Movement.slice;
import static x3d.graph.Movement.transpose;

import x3d.graph.Dim;
import x3d.graph.Linear.Window;
import x3d.graph.Reduction;
import x3d.graph.Shape;
import x3d.graph.Tensor;

/**
 * Activations [N T, C, H, W], frames of one clip side by side, and 2-D convolutions only. A kernel of
 * several frames is a convolution for each of its temporal taps; its result is shifted by whole frames
 * and added. Height and width are fixed.
 */
final class PlanesSpelling extends LayeredSpelling {
  private final Dim batch;
  private final int frames;

  PlanesSpelling(Precision precision, Vocabulary vocabulary, Dim batch, int frames) {
    super(precision, vocabulary);
    this.batch = batch;
    this.frames = frames;
  }

  @Override
  Tensor layOut(Tensor clips) {
    Shape s = clips.shape();
    return reshape(
        transpose(clips, 0, 2, 1, 3, 4), Shape.mixed(planes(), s.dim(1), s.dim(3), s.dim(4)));
  }

  private Dim planes() {
    return batch.fixed() ? Dim.of(batch.size() * frames) : Dim.of(batch.symbol() + "*" + frames);
  }

  @Override
  Tensor conv(Tensor x, Tensor w, Tensor bias, int stride, long groups) {
    long taps = w.shape().size(2);
    Tensor sum = null;
    for (long tap = 0; tap < taps; tap++) {
      long shift = tap - taps / 2;
      if (Math.abs(shift) >= frames) {
        continue;
      }
      Tensor kernel = slice(w, 2, tap, tap + 1, 1);
      Tensor part = shifted(plane(x, kernel, shift == 0 ? bias : null, stride, groups), shift);
      sum = sum == null ? part : add(sum, part);
    }
    return sum;
  }

  /** A kernel of one pixel a channel is a product: cheaper than a convolution everywhere. */
  private Tensor plane(Tensor x, Tensor kernel, Tensor bias, int stride, long groups) {
    Shape k = kernel.shape();
    long channels = k.size(0);
    if (k.elements() == channels && groups == channels && stride == 1) {
      Tensor product = mul(x, reshape(kernel, channels, 1, 1));
      return bias == null ? product : add(product, reshape(bias, channels, 1, 1));
    }
    Tensor w = reshape(kernel, channels, k.size(1), k.size(3), k.size(4));
    return vocabulary()
        .conv(
            x,
            w,
            bias,
            new Window(new long[] {stride, stride}, new long[] {k.size(3) / 2, k.size(4) / 2}),
            groups);
  }

  /** Frame t of the result is frame t + shift of x, or zero where the clip has none. */
  private Tensor shifted(Tensor x, long shift) {
    if (shift == 0) {
      return x;
    }
    Shape s = x.shape();
    Tensor clips = reshape(x, Shape.mixed(batch, frames, s.elements(1, 4)));
    Tensor kept = slice(clips, 1, Math.max(0, shift), frames + Math.min(0, shift), 1);
    Tensor moved =
        pad(kept, new long[] {0, Math.max(0, -shift), 0}, new long[] {0, Math.max(0, shift), 0});
    return reshape(moved, s);
  }

  @Override
  Tensor mean(Tensor x) {
    long channels = x.shape().size(1);
    Tensor means = reshape(Reduction.reduceMean(x, 2, 3), Shape.mixed(batch, frames, channels));
    return reshape(Reduction.reduceMean(means, 1), Shape.mixed(batch, channels));
  }

  @Override
  Tensor meanOverFrames(Tensor x) {
    Shape s = x.shape();
    Tensor clips = reshape(x, Shape.mixed(batch, frames, s.elements(1, 4)));
    return reshape(
        Reduction.reduceMean(clips, 1), Shape.mixed(batch, s.dim(1), s.dim(2), s.dim(3)));
  }

  @Override
  Tensor gate(Tensor x, Tensor factors) {
    Shape s = x.shape();
    Tensor clips = reshape(x, Shape.mixed(batch, frames, s.dim(1), s.elements(2, 4)));
    return reshape(mul(clips, reshape(factors, Shape.mixed(batch, 1, s.dim(1), 1))), s);
  }
}
