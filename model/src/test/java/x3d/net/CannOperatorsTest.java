package x3d.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import x3d.graph.Constant;
import x3d.graph.ElementType;
import x3d.graph.Elementwise;
import x3d.graph.Graph;
import x3d.graph.Linear;
import x3d.graph.Node;
import x3d.graph.OnnxFile;
import x3d.graph.Shape;
import x3d.graph.Tensor;
import x3d.net.CannOperators.Refused;
import x3d.weights.Weights;

/** The {@code planes} graphs stay within what ONNX Runtime's CANN provider takes. */
class CannOperatorsTest {
  @ParameterizedTest
  @EnumSource(Variant.class)
  void trainingStepsInPlanesAreTaken(Variant variant) {
    X3D net = new X3D(variant.config(400));
    assertTaken(step(net, Lowering.PLANES, 0.1, false));
    assertTaken(step(net, Lowering.PLANES, 0, true));
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FLOAT16_PRODUCTS", "FLOAT16"})
  void soAreThoseInMixedPrecisionWithClipsInFloat16(Precision precision) {
    X3D net = new X3D(Variant.S.config(400));
    for (boolean frozen : new boolean[] {false, true}) {
      assertTaken(TrainingStep.graph(
          net,
          new TrainingStep.Options(4, Lowering.PLANES, 0.1, frozen, precision, ClipType.FLOAT16)));
    }
  }

  @Test
  void soIsATrainingOfSomeStages() {
    X3DConfig config = Variant.S.config(400);
    Set<String> frozen = Set.of("s1", "s3");
    assertTaken(TrainingStep.graph(
        new X3D(config),
        new TrainingStep.Options(
            4, Lowering.PLANES, 0, false, Precision.FLOAT16, ClipType.FLOAT16, frozen)));
    byte[] statistics = StatisticsStep.build(
        config, 4, Lowering.PLANES, Precision.FLOAT16, ClipType.FLOAT32, frozen);
    assertTaken(OnnxFile.fromBytes(statistics).graph());
  }

  @ParameterizedTest
  @EnumSource(Variant.class)
  void inferenceGraphsInPlanesAreTaken(Variant variant) {
    X3DConfig config = variant.config(400);
    for (Precision precision : Precision.values()) {
      assertTaken(InferenceModel.graph(config, initial(config), Lowering.PLANES, precision));
    }
  }

  @Test
  void soIsWhatElseATrainingRunsOnItsDevice() {
    SgdStep sgd = SgdStep.build(10, 0.9, true, true);
    assertTaken(OnnxFile.fromBytes(sgd.norm()).graph());
    assertTaken(OnnxFile.fromBytes(sgd.update()).graph());
    X3DConfig config = Variant.S.config(400);
    for (Precision precision : Precision.values()) {
      byte[] statistics =
          StatisticsStep.build(config, 4, Lowering.PLANES, precision, ClipType.FLOAT32, Set.of());
      assertTaken(OnnxFile.fromBytes(statistics).graph());
      byte[] evaluation =
          EvaluationStep.build(config, Lowering.PLANES, precision, ClipType.FLOAT32);
      assertTaken(OnnxFile.fromBytes(evaluation).graph());
    }
  }

  @ParameterizedTest
  @EnumSource(Variant.class)
  void exactlyThe3dOperatorsOfConv3dAreRefused(Variant variant) {
    X3DConfig config = variant.config(400);
    Graph inference =
        InferenceModel.graph(config, initial(config), Lowering.CONV3D, Precision.FLOAT32);
    Graph training = step(new X3D(config), Lowering.CONV3D, 0, false);
    for (Graph g : List.of(inference, training)) {
      Set<String> wide = g.liveNodes().stream()
          .filter(n -> Set.of("Conv", "ConvTranspose", "AveragePool").contains(n.opType()))
          .filter(n -> n.input(0).rank() == 5)
          .map(Node::name)
          .collect(Collectors.toSet());
      List<Refused> refused = CannOperators.refusedOf(g);
      assertEquals(wide, refused.stream().map(Refused::name).collect(Collectors.toSet()));
      assertTrue(wide.stream().anyMatch(name -> name.contains("s2.pathway0_res0/branch2.b")));
    }
  }

  @Test
  void operatorsOfOurOwnAreRefusedByDomain() {
    X3DConfig config = Variant.XS.config(400);
    List<Refused> refused = CannOperators.refusedOf(
        InferenceModel.graph(config, initial(config), Lowering.KERNELS, Precision.FLOAT32));
    assertTrue(
        refused.stream()
            .anyMatch(r -> r.operator().startsWith("x3d.")
                && r.reason().equals("only operators of the ONNX domain are taken")),
        refused.toString());
  }

  @Test
  void doublesAndConstantsAreRefusedWithTheirReason() {
    Graph g = new Graph("odd");
    Tensor x = g.input("x", ElementType.DOUBLE, Shape.of(2, 3));
    Tensor w = g.input("w", ElementType.DOUBLE, Shape.of(3, 2));
    Tensor one = g.initializer("one", Shape.of(1), Constant.of(1.0));
    Tensor two = g.initializer("two", Shape.of(1), Constant.of(2.0));
    g.output("y", Elementwise.add(Linear.matMul(x, w), Elementwise.mul(one, two)));
    assertEquals(
        List.of(
            new Refused(
                "MatMul", "MatMul", "CANN computes it in float16 and float32, not in double"),
            new Refused("Mul", "Mul", "all its inputs are initializers; fold it into one")),
        CannOperators.refusedOf(g));
  }

  @Test
  void aNodeWithoutInputsIsRefusedUnlessOnnxRuntimeMakesAnInitializerOfIt() {
    Graph g = new Graph("models of others");
    Tensor x = g.input("x", ElementType.FLOAT, Shape.of(2));
    Tensor constant = withoutInputs(g, "Constant");
    g.output("taken", Elementwise.add(x, constant));
    g.output("folded", Elementwise.add(constant, withoutInputs(g, "Constant")));
    g.output("drawn", withoutInputs(g, "RandomUniform"));
    g.output("unlisted", withoutInputs(g, "RandomNormal"));
    assertEquals(
        List.of(
            new Refused("Add_1", "Add", "all its inputs are initializers; fold it into one"),
            new Refused(
                "RandomUniform",
                "RandomUniform",
                "it has no inputs, which counts as initializers only"),
            new Refused(
                "RandomNormal", "RandomNormal", "the operator is not in the provider's list")),
        CannOperators.refusedOf(g));
  }

  private static Tensor withoutInputs(Graph g, String operator) {
    return g.node(operator, "", List.of(), List.of(Shape.of(2)), ElementType.FLOAT, Map.of())
        .get(0);
  }

  private static Graph step(X3D net, Lowering lowering, double smoothing, boolean frozen) {
    return TrainingStep.graph(net, new TrainingStep.Options(4, lowering, smoothing, frozen));
  }

  private static Weights initial(X3DConfig config) {
    X3D net = new X3D(config);
    Weights parameters = net.parameters().unpack(net.parameters().initialise(1), Map.of());
    return parameters.and(net.statistics().unpack(net.statistics().initialise(1), Map.of()));
  }

  private static void assertTaken(Graph g) {
    assertEquals(List.of(), CannOperators.refusedOf(g));
  }
}
