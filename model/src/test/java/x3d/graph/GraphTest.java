package x3d.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import x3d.graph.Linear.Window;

class GraphTest {
  private final Graph graph = new Graph("test");

  private Tensor input(String name, Object... dims) {
    return graph.input(name, ElementType.FLOAT, Shape.mixed(dims));
  }

  private static Shape parsed(String dims) {
    Object[] sizes = Arrays.stream(dims.split(" "))
        .map(d -> d.matches("\\d+") ? (Object) Long.valueOf(d) : d)
        .toArray();
    return Shape.mixed(sizes);
  }

  @ParameterizedTest
  @CsvSource({
    "2 3, 2 3, 2 3",
    "2 3, 3, 2 3",
    "2 1 4, 3 1, 2 3 4",
    "1, 5 6, 5 6",
    "n 3 1, 3 7, n 3 7",
    "n 3, n 1, n 3"
  })
  void elementwiseOperatorsBroadcast(String a, String b, String result) {
    Tensor sum = Elementwise.add(
        graph.input("a", ElementType.FLOAT, parsed(a)),
        graph.input("b", ElementType.FLOAT, parsed(b)));
    assertEquals(parsed(result), sum.shape());
  }

  @ParameterizedTest
  @CsvSource({"2 3, 2", "2 3, 4 3", "n 3, m 3", "n, 2"})
  void shapesThatDoNotBroadcastAreRefused(String a, String b) {
    Tensor x = graph.input("a", ElementType.FLOAT, parsed(a));
    Tensor y = graph.input("b", ElementType.FLOAT, parsed(b));
    assertThrows(GraphException.class, () -> Elementwise.add(x, y));
  }

  private static void assertRefused(String message, Executable build) {
    assertEquals(message, assertThrows(GraphException.class, build).getMessage());
  }

  @Test
  void aShapeErrorNamesTheOperatorItsInputsAndTheirShapes() {
    Tensor a = input("a", 2, 3);
    Tensor b = input("b", 4, 5);
    assertRefused(
        "MatMul: a FLOAT[2, 3] and b FLOAT[4, 5] do not go together", () -> Linear.matMul(a, b));
    assertRefused(
        "Add: a FLOAT[2, 3] and b FLOAT[4, 5] cannot be broadcast together",
        () -> Elementwise.add(a, b));
    assertRefused("Reshape: a FLOAT[2, 3] does not fit into [7]", () -> Movement.reshape(a, 7));
    assertRefused(
        "Concat: b FLOAT[4, 5] does not continue a FLOAT[2, 3] along axis 0",
        () -> Movement.concat(List.of(a, b), 0));
    assertRefused(
        "Slice: [0:4:1] of axis 1 is not inside of a FLOAT[2, 3]",
        () -> Movement.slice(a, 1, 0, 4, 1));
    Tensor x = input("x", 1, 4, 8, 8);
    Tensor w = input("w", 6, 3, 3, 3);
    assertRefused(
        "Conv: x x FLOAT[1, 4, 8, 8] and w w FLOAT[6, 3, 3, 3] with 1 groups, strides [1, 1], pads [1, 1] do not go together",
        () -> Linear.conv(x, w, null, new Window(new long[] {1, 1}, new long[] {1, 1}), 1));
  }

  @Test
  void aTensorOfAnotherGraphIsRefused() {
    Tensor a = input("a", 2);
    Tensor b = new Graph("other").input("b", ElementType.FLOAT, Shape.of(2));
    assertRefused(
        "Add: input b FLOAT[2] belongs to graph 'other', not to 'test'",
        () -> Elementwise.add(a, b));
  }

  @Test
  void namesAreUniqueAndCarryThePathOfTheModule() {
    Tensor x = input("x", 2);
    graph.scope(
        "s2.pathway0_res0",
        () -> Elementwise.relu(
            graph.scope("branch2.a", () -> Elementwise.relu(Elementwise.relu(x)))));
    List<String> names = graph.nodes().stream().map(Node::name).toList();
    assertEquals(
        List.of(
            "s2.pathway0_res0/branch2.a/Relu",
            "s2.pathway0_res0/branch2.a/Relu_1",
            "s2.pathway0_res0/Relu"),
        names);
  }

  @Test
  void freeHeightsHaveTheSameNameWhicheverConvolutionHalvesThem() {
    Tensor x = input("x", "n", 2, "height", 8);
    Tensor pointwise = Linear.conv(
        x, input("a", 4, 2, 1, 1), null, new Window(new long[] {2, 2}, new long[] {0, 0}), 1);
    Tensor padded = Linear.conv(
        x, input("b", 4, 2, 3, 3), null, new Window(new long[] {2, 2}, new long[] {1, 1}), 1);
    assertEquals(pointwise.shape(), Elementwise.add(pointwise, padded).shape());
  }

  @Test
  void movingAnInitializerNeedsNoNode() {
    Tensor c = graph.initializer("c", Shape.of(2, 3), Constant.of(1f, 2f, 3f, 4f, 5f, 6f));
    assertArrayEquals(
        new float[] {1, 4, 2, 5, 3, 6}, Movement.transpose(c, 1, 0).constant().floats());
    assertArrayEquals(
        new float[] {2, 3, 5, 6}, Movement.slice(c, 1, 1, 3, 1).constant().floats());
    assertArrayEquals(
        new float[] {1, 3, 4, 6}, Movement.slice(c, 1, 0, 3, 2).constant().floats());
    assertEquals(Shape.of(6), Movement.reshape(c, 6).shape());
    assertEquals(List.of(), graph.nodes());
  }

  @Test
  void aFileGivesBackWhatWasWritten() {
    Tensor x = input("x", "n", 3, 4, 4);
    Tensor w = graph.initializer("w", Shape.of(2, 3, 1, 1), Constant.of(1f, 2f, 3f, 4f, 5f, 6f));
    Tensor y = Linear.conv(x, w, null, new Window(new long[] {1, 1}, new long[] {0, 0}), 1);
    graph.output("y", Reduction.softmax(Movement.reshape(y, Shape.mixed("n", 32)), 1));
    byte[] bytes = new OnnxFile(graph, Map.of("key", "value")).toBytes();
    OnnxFile read = OnnxFile.fromBytes(bytes);
    assertEquals(Map.of("key", "value"), read.metadata());
    assertEquals(Shape.mixed("n", 3, 4, 4), read.graph().inputs().get(0).shape());
    assertEquals(
        graph.nodes().stream().map(Node::name).toList(),
        read.graph().nodes().stream().map(Node::name).toList());
    assertEquals(List.of("y"), List.copyOf(read.graph().outputs().values()));
    assertArrayEquals(bytes, read.toBytes());
  }

  @Test
  void anInitializerIsCastWhenTheGraphIsBuiltAndFloat16TakesHalfTheFile() {
    float[] values = new float[1000];
    Arrays.fill(values, 0.1f);
    values[0] = 70_000;
    Tensor w = graph.initializer("w", Shape.of(1000), Constant.of(values));
    Tensor half = Elementwise.cast(w, ElementType.FLOAT16);
    assertEquals(List.of(), graph.nodes());
    assertEquals(ElementType.FLOAT16, half.type());
    Tensor x = graph.input("x", ElementType.FLOAT, Shape.of(1000));
    graph.output(
        "y",
        Elementwise.cast(
            Elementwise.mul(Elementwise.cast(x, ElementType.FLOAT16), Elementwise.scale(half, 1)),
            ElementType.FLOAT));
    byte[] bytes = new OnnxFile(graph, Map.of()).toBytes();
    assertTrue(bytes.length < 2700, "bytes: " + bytes.length);
    OnnxFile read = OnnxFile.fromBytes(bytes);
    assertArrayEquals(bytes, read.toBytes());
    Constant back = read.graph().initializers().entrySet().stream()
        .filter(e -> e.getKey().name().equals(half.name()))
        .findFirst()
        .orElseThrow()
        .getValue();
    assertEquals(Float.POSITIVE_INFINITY, back.floats()[0]);
    assertEquals(0.0999755859375f, back.floats()[1]);
  }

  @Test
  void onlyFloatingTypesAreCast() {
    Tensor labels = graph.input("labels", ElementType.INT64, Shape.of(2));
    assertRefused(
        "Cast: needs floating types, got labels INT64[2] and FLOAT",
        () -> Elementwise.cast(labels, ElementType.FLOAT));
  }

  @Test
  void whatIsNoModelIsRefused() {
    assertTrue(assertThrows(GraphException.class, () -> OnnxFile.fromBytes(new byte[] {1, 2, 3}))
        .getMessage()
        .startsWith("not an ONNX model"));
    assertRefused("not an ONNX model: it holds no graph", () -> OnnxFile.fromBytes(new byte[0]));
  }

  @Test
  void tensorNamesNeverCollide() {
    Tensor x = input("x", 2);
    Tensor again = input("x", 2);
    Set<String> names = new HashSet<>(List.of(x.name(), again.name()));
    assertEquals(2, names.size());
  }
}
