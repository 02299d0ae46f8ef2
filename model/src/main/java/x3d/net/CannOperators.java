package x3d.net;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import x3d.graph.ElementType;
import x3d.graph.Graph;
import x3d.graph.Node;
import x3d.graph.Tensor;

/**
 * What ONNX Runtime's CANN provider takes, without a device at hand: from {@code SupportONNXModel} in its sources (a whole graph
 * at a time, {@code enable_cann_graph}), and from what CANN's own operators are documented to take. A node that it refuses runs
 * on the host, in the middle of the step, with its tensors copied there and back.
 */
public final class CannOperators {
  /**
   * {@code cann_supported_ops} in {@code onnxruntime/core/providers/cann/cann_graph.cc}, the same at commits 89e471615345, which
   * has an upper bound of the opset, and 0fc067a144c9, which has none any more.
   */
  private static final Set<String> TAKEN = Set.of("""
      Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization
      BitShift Cast Ceil Celu Clip Compress Concat Constant ConstantOfShape Conv ConvTranspose Cos
      Cosh CumSum DepthToSpace Det Div Dropout Elu Equal Erf Exp Expand EyeLike Flatten Floor
      Gather GatherElements GatherND Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater
      GreaterOrEqual Hardmax HardSigmoid HardSwish Identity InstanceNormalization LeakyRelu Less
      LessOrEqual Log LogSoftmax LpNormalization LpPool LRN LSTM MatMul Max MaxPool MaxRoiPool
      MaxUnpool Mean MeanVarianceNormalization Min Mod Mul Multinomial Neg NonMaxSuppression
      NonZero Not OneHot Or Pad Pow PRelu RandomNormalLike RandomUniform RandomUniformLike Range
      Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin
      ReduceProd ReduceSum ReduceSumSquare Relu Reshape Resize ReverseSequence RoiAlign Round
      Scatter ScatterElements ScatterND Selu Shape Shrink Sigmoid Sign Sin Sinh Size Slice Softmax
      SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh
      TfIdfVectorizer ThresholdedRelu Tile TopK Transpose Unsqueeze Where Xor
      """.strip().split("\\s+"));

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
    return constant(node);
  }

  /** The provider's test whether all inputs are initializers holds where there are none, too. */
  private static Optional<String> constant(Node node) {
    if (node.opType().equals("Constant")) {
      return Optional.empty(); // ONNX Runtime makes an initializer of it as it loads the model.
    }
    if (node.inputs().isEmpty()) {
      return Optional.of("it has no inputs, which counts as initializers only");
    }
    if (node.inputs().stream().allMatch(CannOperators::initializer)) {
      return Optional.of("all its inputs are initializers; fold it into one");
    }
    return Optional.empty();
  }

  private static boolean initializer(Tensor tensor) {
    Node producer = tensor.graph().producer(tensor);
    return tensor.constant() != null || producer != null && producer.opType().equals("Constant");
  }
}
