package x3d.net;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import x3d.graph.ElementType;
import x3d.graph.Graph;
import x3d.graph.Node;
import x3d.graph.Tensor;

/**
 * What ONNX Runtime's CANN provider takes, without a device at hand: from its sources in ONNX Runtime 1.24 (a whole graph at a
 * time, {@code enable_cann_graph}), and from what CANN's own operators are documented to take. A node that it refuses runs
 * on the host, in the middle of the step, with its tensors copied there and back.
 */
public final class CannOperators {
  private static final Set<String> TAKEN = Set.of(
      "Add",
      "AveragePool",
      "BatchNormalization",
      "Cast",
      "Clip",
      "Concat",
      "Constant",
      "ConstantOfShape",
      "Conv",
      "ConvTranspose",
      "Div",
      "Equal",
      "Exp",
      "Expand",
      "Flatten",
      "Gather",
      "Gemm",
      "GlobalAveragePool",
      "Greater",
      "Identity",
      "Less",
      "Log",
      "LogSoftmax",
      "MatMul",
      "Max",
      "Mul",
      "Neg",
      "OneHot",
      "Pad",
      "Pow",
      "Reciprocal",
      "ReduceMean",
      "ReduceSum",
      "ReduceSumSquare",
      "Relu",
      "Reshape",
      "Resize",
      "Shape",
      "Sigmoid",
      "Sign",
      "Slice",
      "Softmax",
      "SoftmaxCrossEntropyLoss",
      "Split",
      "Sqrt",
      "Squeeze",
      "Sub",
      "Sum",
      "Tile",
      "TopK",
      "Transpose",
      "Unsqueeze",
      "Where");

  /** Of these, CANN has a form for images only: [N, C, H, W]. */
  private static final Set<String> IMAGES_ONLY = Set.of("Conv", "ConvTranspose", "AveragePool");

  /** Of these, CANN has forms for float16 and float32 only. */
  private static final Set<String> NEVER_DOUBLE =
      Set.of("Conv", "ConvTranspose", "AveragePool", "MatMul", "Gemm", "BatchNormalization");

  /**
   * A node that the provider would leave to the host.
   *
   * @param name of the node
   * @param operator its type, with the domain before it where that is not ONNX's
   */
  public record Refused(String name, String operator, String reason) {}

  private CannOperators() {}

  /** The nodes of a graph that the provider would refuse, in the graph's order; those that no result depends on are not looked at. */
  public static List<Refused> refusedOf(Graph graph) {
    return graph.liveNodes().stream()
        .flatMap(node ->
            reason(node).map(reason -> new Refused(node.name(), node.kind(), reason)).stream())
        .toList();
  }

  private static Optional<String> reason(Node node) {
    if (!node.domain().isEmpty()) {
      return Optional.of("only operators of the ONNX domain are taken");
    }
    if (!TAKEN.contains(node.opType())) {
      return Optional.of("the operator is not in the provider's list");
    }
    if (IMAGES_ONLY.contains(node.opType()) && node.input(0).rank() > 4) {
      return Optional.of("only images [N, C, H, W] are taken, and its input has "
          + node.input(0).rank() + " dimensions; the lowering planes has 2-D convolutions only");
    }
    if (NEVER_DOUBLE.contains(node.opType())
        && node.inputs().stream().map(Tensor::type).anyMatch(t -> t == ElementType.DOUBLE)) {
      return Optional.of("CANN computes it in float16 and float32, not in double");
    }
    if (!node.inputs().isEmpty() && node.inputs().stream().allMatch(t -> t.constant() != null)) {
      return Optional.of("all its inputs are initializers; fold it into one");
    }
    return Optional.empty();
  }
}
