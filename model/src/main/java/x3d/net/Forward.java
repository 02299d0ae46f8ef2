package x3d.net;

import static x3d.graph.Elementwise.add;
import static x3d.graph.Elementwise.mul;
import static x3d.graph.Elementwise.relu;
import static x3d.graph.Elementwise.sigmoid;
import static x3d.graph.Movement.reshape;
import static x3d.graph.Movement.transpose;

import x3d.graph.Graph;
import x3d.graph.Linear;
import x3d.graph.Reduction;
import x3d.graph.Shape;
import x3d.graph.Tensor;

/**
 * X3D's forward pass.
 *
 * <pre>
 * clips → stem: conv 1x3x3 /2, channelwise 5x1x1, BN, relu
 *       → blocks: x + [1x1x1 BN relu, channelwise 3x3x3 BN, SE, swish, 1x1x1 BN], relu
 *       → head: 1x1x1 BN relu, mean, linear relu, dropout, linear
 * </pre>
 */
final class Forward {
  private final X3D net;
  private final Spelling spelling;
  private final Precision precision;
  private final Modules modules;
  private final Graph graph;

  /** @param precision that of the spelling */
  Forward(Graph graph, X3D net, Spelling spelling, Precision precision, Modules modules) {
    this.graph = graph;
    this.net = net;
    this.spelling = spelling;
    this.precision = precision;
    this.modules = modules;
  }

  /** Features before pooling. */
  private Activation features(Tensor clips) {
    Activation x = graph.scope(X3D.STEM, () -> stem(spelling.begin(clips)));
    for (X3D.Block block : net.blocks()) {
      Activation in = x;
      x = graph.scope(block.name(), () -> block(block, in));
    }
    Activation last = x;
    return graph.scope(
        "head.conv_5",
        () ->
            spelling.relu(modules.convNorm(spelling, last, "head.conv_5", "head.conv_5_bn", 1, 1)));
  }

  private Activation stem(Activation x) {
    Activation xy = spelling.conv(x, modules.weight(X3D.STEM + ".conv_xy.weight"), null, 2, 1);
    long groups = net.config().channelwise() ? net.stem() : 1;
    return spelling.relu(
        modules.convNorm(spelling, xy, X3D.STEM + ".conv", X3D.STEM + ".bn", 1, groups));
  }

  private Activation block(X3D.Block block, Activation x) {
    String branch = block.name() + ".branch2";
    // First, so that what it takes of x is known when the others read x.
    Activation shortcut = block.shortcut()
        ? graph.scope(
            "branch1",
            () -> modules.convNorm(
                spelling,
                x,
                block.name() + ".branch1",
                block.name() + ".branch1_bn",
                block.stride(),
                1))
        : x;
    Activation a = graph.scope(
        "branch2.a",
        () -> spelling.relu(modules.convNorm(spelling, x, branch + ".a", branch + ".a_bn", 1, 1)));
    long groups = net.config().channelwise() ? block.inner() : 1;
    Activation b = graph.scope(
        "branch2.b",
        () ->
            modules.convNorm(spelling, a, branch + ".b", branch + ".b_bn", block.stride(), groups));
    Tensor gate = block.squeeze() == 0
        ? null
        : graph.scope("branch2.se", () -> squeezeExcitation(branch + ".se", b));
    Activation c = graph.scope(
        "branch2.c",
        () -> modules.convNorm(
            spelling, spelling.swish(b, gate), branch + ".c", branch + ".c_bn", 1, 1));
    return spelling.addRelu(c, shortcut);
  }

  /** The factor of each sample and channel. Hu et al., Squeeze-and-Excitation Networks (2018), section 3. */
  private Tensor squeezeExcitation(String name, Activation x) {
    Tensor squeezed = relu(linear(spelling.mean(x), name + ".fc1"));
    return sigmoid(linear(squeezed, name + ".fc2"));
  }

  private Tensor linear(Tensor x, String name) {
    return add(matrixProduct(x, name), precision.activation(modules.weight(name + ".bias")));
  }

  private Tensor matrixProduct(Tensor x, String name) {
    Tensor w = precision.factor(modules.weight(name + ".weight"));
    Tensor rows = reshape(w, w.shape().size(0), w.shape().size(1));
    return precision.activation(Linear.matMul(precision.factor(x), transpose(rows, 1, 0)));
  }

  /** Logits, float32 [N, K], of clips of the size that the network is trained on.
   *  @param dropoutMask [N, C5] factors of the features before the classifier, or null for none */
  Tensor logits(Tensor clips, Tensor dropoutMask) {
    Activation x = features(clips);
    return graph.scope("head", () -> {
      Tensor hidden = relu(matrixProduct(spelling.mean(x), "head.lin_5"));
      Tensor kept = dropoutMask == null ? hidden : mul(hidden, precision.activation(dropoutMask));
      return Precision.exact(linear(kept, "head.projection"));
    });
  }

  /**
   * Probabilities, float32 [N, K], of clips of any height and width from the training crop up: the classifier
   * looks at each place that the training crop's window fits, and the probabilities are averaged.
   * SlowFast, {@code head_helper.py}, X3DHead in evaluation.
   */
  Tensor probabilities(Tensor clips) {
    Activation x = features(clips);
    return graph.scope("head", () -> {
      long window = (net.config().crop() + 31) / 32;
      Tensor pooled = Linear.averagePool(spelling.meanOverFrames(x), window, window);
      Tensor hidden = relu(pixelwise(pooled, "head.lin_5", null));
      Tensor logits = pixelwise(hidden, "head.projection", modules.weight("head.projection.bias"));
      Tensor mean = Reduction.reduceMean(Reduction.softmax(Precision.exact(logits), 1), 2, 3);
      return reshape(mean, Shape.mixed(clips.shape().dim(0), net.config().numClasses()));
    });
  }

  private Tensor pixelwise(Tensor x, String name, Tensor bias) {
    Tensor w = precision.factor(modules.weight(name + ".weight"));
    Tensor kernel = reshape(w, w.shape().size(0), w.shape().size(1), 1, 1);
    Tensor b = bias == null ? null : precision.factor(bias);
    Linear.Window window = new Linear.Window(new long[] {1, 1}, new long[] {0, 0});
    return precision.activation(Linear.conv(precision.factor(x), kernel, b, window, 1));
  }
}
