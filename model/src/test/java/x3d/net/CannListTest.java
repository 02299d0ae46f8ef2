package x3d.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import x3d.graph.Graph;
import x3d.graph.Node;
import x3d.weights.Weights;

/** The {@code planes} graphs stay within what ONNX Runtime's CANN provider takes. */
class CannListTest {
  /** From the sources of the provider in ONNX Runtime 1.24. */
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

  @Test
  void trainingStepOfX3dSIsTaken() {
    assertTaken(TrainingStep.graph(
        new X3D(Variant.S.config(400)), new TrainingStep.Options(4, Lowering.PLANES, 0.1, false)));
  }

  @Test
  void trainingStepWithFrozenBatchNormalizationIsTaken() {
    assertTaken(TrainingStep.graph(
        new X3D(Variant.S.config(400)), new TrainingStep.Options(4, Lowering.PLANES, 0, true)));
  }

  @Test
  void inferenceGraphsOfAllVariantsAreTaken() {
    for (Variant v : Variant.values()) {
      X3DConfig config = v.config(400);
      assertTaken(
          InferenceModel.graph(config, initial(config), Lowering.PLANES, Precision.FLOAT32));
    }
  }

  @Test
  void theListFindsThe3dConvolutionsOfTheOtherLowering() {
    Graph g = TrainingStep.graph(
        new X3D(Variant.S.config(400)), new TrainingStep.Options(4, Lowering.CONV3D, 0, false));
    assertTrue(g.nodes().stream().anyMatch(CannListTest::refused));
  }

  private static Weights initial(X3DConfig config) {
    X3D net = new X3D(config);
    Weights parameters = net.parameters().unpack(net.parameters().initialise(1), Map.of());
    return parameters.and(net.statistics().unpack(net.statistics().initialise(1), Map.of()));
  }

  private static void assertTaken(Graph g) {
    List<String> refused =
        g.nodes().stream().filter(CannListTest::refused).map(Node::name).toList();
    assertEquals(List.of(), refused);
  }

  private static boolean refused(Node node) {
    boolean wideConvolution = node.opType().equals("Conv") && node.input(0).rank() > 4;
    boolean constant = node.inputs().stream().allMatch(t -> t.constant() != null);
    return !node.domain().isEmpty()
        || !TAKEN.contains(node.opType())
        || wideConvolution
        || constant;
  }
}
