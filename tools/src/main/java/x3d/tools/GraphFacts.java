package x3d.tools;

import java.util.Map;
import java.util.TreeMap;
import x3d.graph.Constant;
import x3d.graph.ElementType;
import x3d.graph.Graph;
import x3d.graph.Node;
import x3d.graph.Shape;
import x3d.graph.Tensor;

/**
 * The size of a graph.
 *
 * @param operators how many nodes of each operator
 * @param numbers elements in the graph's floating-point initializers
 * @param macs multiplications with addition of one run: of convolutions and matrix products, as SlowFast counts
 */
record GraphFacts(Map<String, Integer> operators, long numbers, long macs) {
  /**
   * @param symbols values of the graph's free dimensions
   * @throws IllegalArgumentException if one is lacking
   */
  static GraphFacts of(Graph graph, Map<String, Long> symbols) {
    Map<String, Integer> operators = new TreeMap<>();
    long macs = 0;
    for (Node node : graph.nodes()) {
      operators.merge(node.kind(), 1, Integer::sum);
      macs += macs(node, symbols);
    }
    long numbers = graph.initializers().values().stream()
        .filter(constant -> constant.type() == ElementType.FLOAT)
        .mapToLong(Constant::size)
        .sum();
    return new GraphFacts(operators, numbers, macs);
  }

  private static long macs(Node node, Map<String, Long> symbols) {
    return switch (node.opType()) {
      case "Conv" -> elements(output(node), symbols) * kernel(node.inputs().get(1));
      // Each element of its input meets each weight of its input channel.
      case "ConvTranspose" ->
        elements(node.inputs().get(0).shape(), symbols) * kernel(node.inputs().get(1));
      case "MatMul" -> elements(output(node), symbols) * inner(node.inputs().get(0), symbols);
      case "Gemm" -> elements(output(node), symbols) * inner(node.inputs().get(0), symbols);
      default -> 0;
    };
  }

  private static Shape output(Node node) {
    return node.outputs().get(0).shape();
  }

  private static long elements(Shape shape, Map<String, Long> symbols) {
    return shape.dims().stream()
        .mapToLong(dim -> Extent.of(dim, symbols))
        .reduce(1, Math::multiplyExact);
  }

  /** Weights that make one element of the output: all axes but the first. */
  private static long kernel(Tensor weight) {
    return weight.shape().elements(1, weight.rank());
  }

  private static long inner(Tensor left, Map<String, Long> symbols) {
    return Extent.of(left.shape().dim(left.rank() - 1), symbols);
  }
}
