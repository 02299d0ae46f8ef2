package x3d.net;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import x3d.graph.Constant;
import x3d.graph.Graph;
import x3d.graph.Shape;
import x3d.graph.Tensor;
import x3d.weights.Weights;

/** Modules whose numbers are initializers; batch normalisation is folded into the convolution before it. */
final class ConstantModules implements Modules {
  private final Graph graph;
  private final X3D net;
  private final Weights weights;
  private final Map<String, Tensor> made = new HashMap<>();

  ConstantModules(Graph graph, X3D net, Weights weights) {
    this.graph = graph;
    this.net = net;
    this.weights = weights;
  }

  @Override
  public Tensor weight(String name) {
    return made.computeIfAbsent(name, n -> initializer(n, values(n)));
  }

  private float[] values(String name) {
    return weights.get(name).values();
  }

  private Tensor initializer(String name, float[] values) {
    long[] shape = Arrays.stream(net.parameters().slice(name).spec().shape())
        .asLongStream()
        .toArray();
    return graph.initializer(name, Shape.of(shape), Constant.of(values));
  }

  @Override
  public Activation convNorm(
      Spelling spelling, Activation x, String conv, String norm, int stride, long groups) {
    float[] gamma = values(norm + ".weight");
    float[] beta = values(norm + ".bias");
    float[] mean = values(norm + ".running_mean");
    float[] variance = values(norm + ".running_var");
    float[] folded = values(conv + ".weight").clone();
    float[] bias = new float[gamma.length];
    int each = folded.length / gamma.length;
    for (int c = 0; c < gamma.length; c++) {
      double factor = gamma[c] / Math.sqrt(variance[c] + X3D.BN_EPSILON);
      bias[c] = (float) (beta[c] - mean[c] * factor);
      for (int i = c * each; i < (c + 1) * each; i++) {
        folded[i] = (float) (folded[i] * factor);
      }
    }
    Tensor w = initializer(conv + ".weight", folded);
    Tensor b = graph.initializer(conv + ".bias", Shape.of(bias.length), Constant.of(bias));
    return spelling.conv(x, w, b, stride, groups);
  }
}
