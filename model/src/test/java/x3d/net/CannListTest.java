package x3d.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
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

  @ParameterizedTest
  @CsvSource({
    "FLOAT32, 0.1, false",
    "FLOAT32, 0, true",
    "FLOAT16_PRODUCTS, 0.1, false",
    "FLOAT16_PRODUCTS, 0, true",
    "FLOAT16, 0.1, false",
    "FLOAT16, 0, true"
  })
  void trainingStepOfX3dSIsTaken(Precision precision, double smoothing, boolean frozen) {
    ClipType clips = precision == Precision.FLOAT32 ? ClipType.FLOAT32 : ClipType.FLOAT16;
    assertTaken(TrainingStep.graph(
        new X3D(Variant.S.config(400)),
        new TrainingStep.Options(4, Lowering.PLANES, smoothing, frozen, precision, clips)));
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void inferenceGraphsOfAllVariantsAreTaken(Precision precision) {
    for (Variant v : Variant.values()) {
      X3DConfig config = v.config(400);
      assertTaken(InferenceModel.graph(config, initial(config), Lowering.PLANES, precision));
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
