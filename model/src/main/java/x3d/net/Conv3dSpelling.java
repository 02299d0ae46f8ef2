package x3d.net;

import static x3d.graph.Movement.reshape;
import static x3d.graph.Movement.squeeze;

import x3d.graph.Dim;
import x3d.graph.Elementwise;
import x3d.graph.Linear.Window;
import x3d.graph.Reduction;
import x3d.graph.Shape;
import x3d.graph.Tensor;

/** Activations [N, C, T, H, W] and 3-D convolutions. */
final class Conv3dSpelling extends LayeredSpelling {
  Conv3dSpelling(Precision precision, Vocabulary vocabulary) {
    super(precision, vocabulary);
  }

  @Override
  Tensor layOut(Tensor clips) {
    return clips;
  }

  @Override
  Tensor conv(Tensor x, Tensor w, Tensor bias, int stride, long groups) {
    long[] pads = {w.shape().size(2) / 2, w.shape().size(3) / 2, w.shape().size(4) / 2};
    return vocabulary().conv(x, w, bias, new Window(new long[] {1, stride, stride}, pads), groups);
  }

  @Override
  Tensor mean(Tensor x) {
    return reshape(Reduction.reduceMean(x, 2, 3, 4), sampleAndChannel(x));
  }

  @Override
  Tensor meanOverFrames(Tensor x) {
    return squeeze(Reduction.reduceMean(x, 2), 2);
  }

  @Override
  Tensor gate(Tensor x, Tensor factors) {
    Dim batch = factors.shape().dim(0);
    return Elementwise.mul(
        x, reshape(factors, Shape.mixed(batch, factors.shape().dim(1), 1, 1, 1)));
  }

  private static Shape sampleAndChannel(Tensor x) {
    return Shape.mixed(x.shape().dim(0), x.shape().dim(1));
  }
}
