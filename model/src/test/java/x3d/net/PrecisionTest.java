package x3d.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import x3d.graph.ElementType;
import x3d.graph.Graph;
import x3d.graph.Node;
import x3d.graph.Tensor;

class PrecisionTest {
  private static final X3DConfig TINY = new X3DConfig(1.0, 0.4, 2.25, 8, 64, 7, 4, 32, true);

  private static Graph step(Lowering lowering, Precision precision) {
    return TrainingStep.graph(
        new X3D(TINY),
        new TrainingStep.Options(2, lowering, 0.1, false, precision, ClipType.FLOAT32));
  }

  private static List<ElementType> types(Graph g, String opType) {
    return g.nodes().stream()
        .filter(n -> n.opType().equals(opType))
        .map(n -> n.output(0).type())
        .distinct()
        .toList();
  }

  @Test
  void eachIsFoundByItsName() {
    for (Precision p : Precision.values()) {
      assertSame(p, Precision.of(p.id()));
    }
    assertEquals(
        "no precision 'O3'; there are: O0, O1, O2",
        assertThrows(IllegalArgumentException.class, () -> Precision.of("O3")).getMessage());
  }

  @ParameterizedTest
  @EnumSource(names = {"CONV3D", "PLANES"})
  void float16IsWhereItShouldBe(Lowering lowering) {
    Graph float32 = step(lowering, Precision.FLOAT32);
    assertEquals(List.of(), types(float32, "Cast"));
    Graph products = step(lowering, Precision.FLOAT16_PRODUCTS);
    assertEquals(List.of(ElementType.FLOAT16), types(products, "Conv"));
    assertEquals(List.of(ElementType.FLOAT16), types(products, "MatMul"));
    assertEquals(List.of(ElementType.FLOAT), types(products, "Relu"));
    Graph float16 = step(lowering, Precision.FLOAT16);
    assertEquals(List.of(ElementType.FLOAT16), types(float16, "Conv"));
    assertEquals(List.of(ElementType.FLOAT16), types(float16, "MatMul"));
    assertEquals(List.of(ElementType.FLOAT16), types(float16, "Relu"));
    assertEquals(List.of(ElementType.FLOAT), types(float16, "ReduceMean"));
    assertEquals(List.of(ElementType.FLOAT), types(float16, "LogSoftmax"));
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void whatALearnerSeesIsFloat32(Precision precision) {
    Graph g = step(Lowering.CONV3D, precision);
    for (Tensor output : g.outputs().keySet()) {
      assertEquals(ElementType.FLOAT, output.type(), g.outputs().get(output));
    }
  }

  @Test
  void batchNormIsInFloat32() {
    Graph g = step(Lowering.CONV3D, Precision.FLOAT16);
    assertTrue(g.functions().stream()
        .filter(f -> f.kind().equals("BatchNormalization"))
        .allMatch(f ->
            f.input(0).type() == ElementType.FLOAT && f.output(0).type() == ElementType.FLOAT));
    List<Node> deviations =
        g.nodes().stream().filter(n -> n.opType().equals("Sqrt")).toList();
    assertTrue(deviations.stream().allMatch(n -> n.output(0).type() == ElementType.FLOAT));
  }

  @Test
  void kernelsAreFloat32Only() {
    String message = assertThrows(
            IllegalArgumentException.class, () -> step(Lowering.KERNELS, Precision.FLOAT16))
        .getMessage();
    assertEquals(
        "the lowering kernels computes in float32 only (O0): O2 needs conv3d or planes", message);
  }

  @Test
  void clipsInFloat16AreNotForANetworkInFloat32() {
    assertThrows(
        IllegalArgumentException.class,
        () -> EvaluationStep.build(TINY, Lowering.CONV3D, Precision.FLOAT32, ClipType.FLOAT16));
    assertThrows(
        IllegalArgumentException.class,
        () -> StatisticsStep.build(
            TINY, 2, Lowering.CONV3D, Precision.FLOAT32, ClipType.FLOAT16, Set.of()));
    assertThrows(
        IllegalArgumentException.class,
        () -> new TrainingStep.Options(
            2, Lowering.CONV3D, 0, false, Precision.FLOAT32, ClipType.FLOAT16));
  }
}
