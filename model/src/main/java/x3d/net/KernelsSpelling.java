package x3d.net;

import static x3d.graph.Elementwise.add;
import static x3d.graph.Elementwise.mul;
import static x3d.graph.Elementwise.reciprocal;
import static x3d.graph.Elementwise.scale;
import static x3d.graph.Elementwise.shift;
import static x3d.graph.Elementwise.sqrt;
import static x3d.graph.Elementwise.sub;
import static x3d.graph.Movement.reshape;
import static x3d.graph.Movement.squeeze;

import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import x3d.graph.Channelwise;
import x3d.graph.Channelwise.Affine;
import x3d.graph.Channelwise.After;
import x3d.graph.Channelwise.Measured;
import x3d.graph.Constant;
import x3d.graph.Graph;
import x3d.graph.Linear;
import x3d.graph.Linear.Window;
import x3d.graph.Node;
import x3d.graph.Reduction;
import x3d.graph.Shape;
import x3d.graph.Tensor;

/**
 * Activations [N, C, T, H, W]; channelwise convolutions, normalisation and activation functions by the operators of
 * {@link Channelwise}, the rest in standard ones. Biases and normalisation are left to the reader, which applies them
 * while it reads.
 */
final class KernelsSpelling implements Spelling {
  private final Purpose purpose;
  private final Map<Activation, Tensor> settled = new IdentityHashMap<>();
  private final Map<String, Tensor> constants = new HashMap<>();

  KernelsSpelling(Purpose purpose) {
    this.purpose = purpose;
  }

  @Override
  public Activation begin(Tensor clips) {
    return Activation.of(clips);
  }

  @Override
  public Activation conv(Activation x, Tensor w, Tensor bias, int stride, long groups) {
    boolean channelwise = w.shape().size(1) == 1 && w.shape().size(0) == groups;
    Activation y = channelwise
        ? Activation.of(depthwise(x, w, stride))
        : Activation.of(dense(x, w, stride, groups));
    return bias == null
        ? y
        : y.reading(new Affine(constant(bias, 0), constant(bias, 1), row(bias)));
  }

  private Measured depthwise(Activation x, Tensor w, int stride) {
    boolean squares = purpose == Purpose.TRAINING;
    return x.relu()
        ? Channelwise.depthwiseConv(x.tensor(), w, x.pending(), stride, squares)
        : Channelwise.depthwiseConv(settle(x), w, null, stride, squares);
  }

  private Tensor dense(Activation x, Tensor w, int stride, long groups) {
    Shape s = w.shape();
    if (s.elements(2, 5) == 1 && stride > 1) {
      Channelwise.Subsampled sampled = Channelwise.subsampled(settle(x), stride);
      settled.put(x, sampled.x());
      return Linear.conv(sampled.taken(), w, null, window(w, 1), groups);
    }
    if (s.size(2) == 1 && s.elements(3, 5) > 1 && groups == 1) {
      return Channelwise.frameConv(settle(x), w, stride);
    }
    return Linear.conv(settle(x), w, null, window(w, stride), groups);
  }

  private static Window window(Tensor w, int stride) {
    long[] pads = {w.shape().size(2) / 2, w.shape().size(3) / 2, w.shape().size(4) / 2};
    return new Window(new long[] {1, stride, stride}, pads);
  }

  /** The batch's mean and variance out of each volume's, which are more exact than sums over all. Chan et al., Updating Formulae (1979). */
  @Override
  public Normalized normalize(Activation x, Tensor gamma, Tensor beta, double epsilon) {
    Measured m = x.moments() == null ? Channelwise.measured(x.tensor()) : x.moments();
    double volume = m.x().shape().elements(2, 5);
    double count = volume * m.x().shape().size(0);
    Tensor mean = Reduction.reduceMean(m.mean(), 0);
    Tensor apart = sub(m.mean(), mean);
    Tensor between = Reduction.reduceMean(mul(apart, apart), 0);
    Tensor within = scale(Reduction.reduceSum(m.squares(), 0), 1 / count);
    Tensor variance = add(within, between);
    Tensor factor = mul(row(gamma), reciprocal(sqrt(shift(variance, epsilon))));
    Tensor unbiased = count > 1 ? scale(variance, count / (count - 1)) : variance;
    Activation y = Activation.of(m).reading(new Affine(mean, factor, row(beta)));
    return new Normalized(y, mean, unbiased);
  }

  @Override
  public Activation relu(Activation x) {
    if (fusible(x)) {
      return fused(x, After.RELU);
    }
    return (x.pending() == null ? x.reading(asItIs(x.tensor())) : x).rectified();
  }

  @Override
  public Activation addRelu(Activation x, Activation shortcut) {
    Affine read = x.pending() == null ? asItIs(x.tensor()) : x.pending();
    return Activation.of(
        shortcut.relu()
            ? Channelwise.affineRelu(x.tensor(), read, settle(shortcut), null)
            : Channelwise.affineRelu(x.tensor(), read, shortcut.tensor(), shortcut.pending()));
  }

  @Override
  public Activation swish(Activation x, Tensor factors) {
    if (factors == null && fusible(x)) {
      return fused(x, After.SWISH);
    }
    Affine read = x.pending() == null ? asItIs(x.tensor()) : x.pending();
    Affine gated = factors == null
        ? read
        : new Affine(read.center(), mul(factors, read.scale()), mul(factors, read.shift()));
    return Activation.of(Channelwise.affineSwish(x.tensor(), gated));
  }

  /** Whether only a bias lies between a channelwise convolution and what follows it. */
  private boolean fusible(Activation x) {
    return purpose == Purpose.INFERENCE && x.moments() != null && x.pending() != null;
  }

  /** The convolution again with what follows it; the first one is left without a reader. */
  private Activation fused(Activation x, After after) {
    Node conv = x.tensor().graph().producer(x.tensor());
    return Activation.of(Channelwise.depthwiseConvActivation(conv, x.pending().shift(), after));
  }

  @Override
  public Tensor mean(Activation x) {
    if (x.relu()) {
      return mean(settle(x));
    }
    Tensor mean = x.moments() == null ? mean(x.tensor()) : x.moments().mean();
    Affine read = x.pending();
    return read == null ? mean : add(mul(sub(mean, read.center()), read.scale()), read.shift());
  }

  private static Tensor mean(Tensor x) {
    Shape s = x.shape();
    return reshape(Reduction.reduceMean(x, 2, 3, 4), Shape.mixed(s.dim(0), s.dim(1)));
  }

  @Override
  public Tensor meanOverFrames(Activation x) {
    return squeeze(Reduction.reduceMean(settle(x), 2), 2);
  }

  /** The activation as a tensor of which nothing is pending; computed once however many read it. */
  private Tensor settle(Activation x) {
    if (settled.containsKey(x)) {
      return settled.get(x);
    }
    if (x.pending() == null) {
      return x.tensor();
    }
    if (!x.relu()) {
      throw new IllegalStateException("only rectified activations are read by several: " + x);
    }
    Tensor tensor = Channelwise.affineRelu(x.tensor(), x.pending());
    settled.put(x, tensor);
    return tensor;
  }

  private Affine asItIs(Tensor x) {
    return new Affine(
        constant(x.graph(), x.shape().size(1), 0),
        constant(x.graph(), x.shape().size(1), 1),
        constant(x.graph(), x.shape().size(1), 0));
  }

  private Tensor constant(Tensor perChannel, float value) {
    return constant(perChannel.graph(), perChannel.shape().size(0), value);
  }

  private Tensor constant(Graph graph, long channels, float value) {
    String name = "constant/" + value + "_" + channels;
    return constants.computeIfAbsent(name, key -> {
      float[] values = new float[(int) channels];
      Arrays.fill(values, value);
      return graph.initializer(name, Shape.of(1, channels), Constant.of(values));
    });
  }

  private static Tensor row(Tensor perChannel) {
    return reshape(perChannel, 1, perChannel.shape().size(0));
  }
}
