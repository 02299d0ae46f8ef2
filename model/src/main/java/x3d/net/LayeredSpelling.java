package x3d.net;

import x3d.graph.Elementwise;
import x3d.graph.Functions;
import x3d.graph.Tensor;

/** A spelling layer by layer: an activation is its tensor, nothing is left to its reader. */
abstract class LayeredSpelling implements Spelling {
  private final Precision precision;
  private final Vocabulary vocabulary;

  LayeredSpelling(Precision precision, Vocabulary vocabulary) {
    this.precision = precision;
    this.vocabulary = vocabulary;
  }

  final Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public final Activation begin(Tensor clips) {
    return Activation.of(layOut(precision.activation(clips)));
  }

  @Override
  public final Activation conv(Activation x, Tensor w, Tensor bias, int stride, long groups) {
    Tensor y = conv(
        precision.factor(x.tensor()),
        precision.factor(w),
        bias == null ? null : precision.factor(bias),
        stride,
        groups);
    return Activation.of(precision.activation(y));
  }

  @Override
  public final Normalized normalize(Activation x, Tensor gamma, Tensor beta, double epsilon) {
    Functions.Normalized n = vocabulary.normalize(x.tensor(), gamma, beta, epsilon);
    return new Normalized(Activation.of(precision.activation(n.y())), n.mean(), n.variance());
  }

  @Override
  public final Activation relu(Activation x) {
    return Activation.of(vocabulary.relu(x.tensor()));
  }

  @Override
  public final Activation addRelu(Activation x, Activation shortcut) {
    return Activation.of(vocabulary.relu(Elementwise.add(shortcut.tensor(), x.tensor())));
  }

  @Override
  public final Activation swish(Activation x, Tensor factors) {
    Tensor gated = factors == null ? x.tensor() : gate(x.tensor(), factors);
    return Activation.of(vocabulary.swish(gated));
  }

  @Override
  public final Tensor mean(Activation x) {
    return mean(Precision.exact(x.tensor()));
  }

  @Override
  public final Tensor meanOverFrames(Activation x) {
    return meanOverFrames(Precision.exact(x.tensor()));
  }

  abstract Tensor layOut(Tensor clips);

  abstract Tensor conv(Tensor x, Tensor w, Tensor bias, int stride, long groups);

  abstract Tensor mean(Tensor x);

  abstract Tensor meanOverFrames(Tensor x);

  abstract Tensor gate(Tensor x, Tensor factors);
}
