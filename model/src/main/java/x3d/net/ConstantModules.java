package x3d.net;

import java.util.HashMap;
import java.util.Map;
import x3d.graph.Constant;
import x3d.graph.Graph;
import x3d.graph.Shape;
import x3d.graph.Tensor;
import x3d.weights.Weights;

/** Modules whose numbers are initializers: {@link FoldedWeights}. */
final class ConstantModules implements Modules {
  private final Graph graph;
  private final X3D net;
  private final Weights weights;
  private final Map<String, Tensor> made = new HashMap<>();

  /** @param weights folded */
  ConstantModules(Graph graph, X3D net, Weights weights) {
    this.graph = graph;
    this.net = net;
    this.weights = weights;
  }

  @Override
  public Tensor weight(String name) {
    int[] shape = net.parameters().slice(name).spec().shape();
    return made.computeIfAbsent(name, n -> graph.initializer(n, Shape.of(longs(shape)), values(n)));
  }

  private Constant values(String name) {
    return Constant.of(weights.get(name).values());
  }

  private static long[] longs(int[] shape) {
    long[] longs = new long[shape.length];
    for (int i = 0; i < shape.length; i++) {
      longs[i] = shape[i];
    }
    return longs;
  }

  @Override
  public Activation convNorm(
      Spelling spelling, Activation x, String conv, String norm, int stride, long groups) {
    Constant bias = values(conv + ".bias");
    Tensor b = graph.initializer(conv + ".bias", Shape.of(bias.size()), bias);
    return spelling.conv(x, weight(conv + ".weight"), b, stride, groups);
  }
}
