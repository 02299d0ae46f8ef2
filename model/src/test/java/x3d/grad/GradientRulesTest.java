package x3d.grad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import x3d.graph.Constant;
import x3d.graph.ElementType;
import x3d.graph.Elementwise;
import x3d.graph.Functions;
import x3d.graph.Graph;
import x3d.graph.GraphException;
import x3d.graph.Linear;
import x3d.graph.Linear.Window;
import x3d.graph.Movement;
import x3d.graph.Node;
import x3d.graph.OnnxFile;
import x3d.graph.Reduction;
import x3d.graph.Shape;
import x3d.graph.Tensor;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.Session;

class GradientRulesTest {
  private static Arguments of(String name, Function<List<Tensor>, Tensor> f, long[]... shapes) {
    return Arguments.of(Named.of(name, f), List.of(shapes));
  }

  private static long[] shape(long... sizes) {
    return sizes;
  }

  static List<Arguments> operators() {
    return List.of(
        of("add, broadcast", x -> Elementwise.add(x.get(0), x.get(1)), shape(2, 3, 4), shape(3, 1)),
        of(
            "add, both broadcast",
            x -> Elementwise.add(x.get(0), x.get(1)),
            shape(2, 1, 4),
            shape(3, 1)),
        of("sub, broadcast", x -> Elementwise.sub(x.get(0), x.get(1)), shape(4), shape(2, 3, 4)),
        of("mul, broadcast", x -> Elementwise.mul(x.get(0), x.get(1)), shape(2, 3, 4), shape(1, 4)),
        of("mul by itself", x -> Elementwise.mul(x.get(0), x.get(0)), shape(5)),
        of("div, broadcast", x -> Elementwise.div(x.get(0), x.get(1)), shape(2, 3), shape(3)),
        of("neg", x -> Elementwise.neg(x.get(0)), shape(3)),
        of("sqrt", x -> Elementwise.sqrt(x.get(0)), shape(2, 3)),
        of("reciprocal", x -> Elementwise.reciprocal(x.get(0)), shape(2, 3)),
        of("exp", x -> Elementwise.exp(x.get(0)), shape(2, 3)),
        of("log", x -> Elementwise.log(x.get(0)), shape(2, 3)),
        of("sigmoid", x -> Elementwise.sigmoid(x.get(0)), shape(2, 3)),
        of("relu", x -> Elementwise.relu(Elementwise.shift(x.get(0), -1.05)), shape(2, 3, 4)),
        of("scale and shift", x -> Elementwise.shift(Elementwise.scale(x.get(0), 3), 2), shape(4)),
        of("reduceSum", x -> Reduction.reduceSum(x.get(0), 0, 2), shape(2, 3, 4)),
        of("reduceMean", x -> Reduction.reduceMean(x.get(0), 1), shape(2, 3, 4)),
        of("softmax", x -> Reduction.softmax(x.get(0), 1), shape(2, 3, 2)),
        of("logSoftmax", x -> Reduction.logSoftmax(x.get(0), 1), shape(2, 5)),
        of("reshape", x -> Movement.reshape(x.get(0), 3, 4), shape(2, 6)),
        of("squeeze", x -> Movement.squeeze(x.get(0), 1), shape(2, 1, 3)),
        of("transpose", x -> Movement.transpose(x.get(0), 2, 0, 1), shape(2, 3, 4)),
        of("slice", x -> Movement.slice(x.get(0), 1, 1, 4, 1), shape(2, 5, 2)),
        of(
            "slice with steps",
            x -> Movement.slice(
                x.get(0), new int[] {0, 2}, new long[] {1, 0}, new long[] {6, 5}, new long[] {2, 3
                }),
            shape(6, 2, 5)),
        of("slice with steps to the end", x -> Movement.slice(x.get(0), 0, 1, 8, 3), shape(8, 2)),
        of("concat", x -> Movement.concat(x, 1), shape(2, 1), shape(2, 3), shape(2, 2)),
        of("split, a piece unused", x -> Movement.split(x.get(0), 0, 2, 1, 3).get(2), shape(6, 2)),
        of("pad", x -> Movement.pad(x.get(0), new long[] {1, 0}, new long[] {0, 2}), shape(2, 3)),
        of("swish", x -> Functions.swish(x.get(0)), shape(2, 3)),
        of(
            "batchNormalization",
            x ->
                Functions.batchNormalization(x.get(0), x.get(1), x.get(2), 1e-2).y(),
            shape(3, 2, 2, 2),
            shape(2, 1, 1),
            shape(2, 1, 1)),
        of(
            "a tensor used three times",
            x -> Elementwise.add(Elementwise.mul(x.get(0), x.get(0)), Elementwise.exp(x.get(0))),
            shape(3)));
  }

  /** Values from 0.5 to 1.6, all apart, away from the kinks and poles of the operators above. */
  private static double[][] positive(List<long[]> shapes) {
    Random random = new Random(3);
    return shapes.stream()
        .map(s -> random.doubles(elements(s), 0.5, 1.6).toArray())
        .toArray(double[][]::new);
  }

  private static int elements(long[] shape) {
    return (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  @ParameterizedTest
  @MethodSource("operators")
  void gradientMatchesFiniteDifferences(Function<List<Tensor>, Tensor> f, List<long[]> shapes) {
    FiniteDifferences.exact().check(f, shapes, positive(shapes));
  }

  private static Arguments conv(
      String name, long[] x, long[] w, long[] strides, long[] pads, long groups, boolean bias) {
    List<long[]> shapes = new ArrayList<>(List.of(x, w));
    if (bias) {
      shapes.add(shape(w[0]));
    }
    Function<List<Tensor>, Tensor> f = t ->
        Linear.conv(t.get(0), t.get(1), bias ? t.get(2) : null, new Window(strides, pads), groups);
    return Arguments.of(Named.of(name, f), shapes);
  }

  /** Operators linear in each input. ONNX Runtime has them, or what it fuses them to, in float32 only. */
  static List<Arguments> products() {
    return List.of(
        of("matMul", x -> Linear.matMul(x.get(0), x.get(1)), shape(2, 3), shape(3, 4)),
        of(
            "cast there and back",
            x -> Elementwise.cast(
                Elementwise.mul(
                    Elementwise.cast(x.get(0), ElementType.DOUBLE),
                    Elementwise.cast(x.get(1), ElementType.DOUBLE)),
                x.get(0).type()),
            shape(2, 3),
            shape(3)),
        of(
            "matMul, batches broadcast",
            x -> Linear.matMul(x.get(0), x.get(1)),
            shape(2, 1, 2, 3),
            shape(4, 3, 2)),
        conv(
            "pointwise",
            shape(2, 3, 2, 3, 2),
            shape(4, 3, 1, 1, 1),
            shape(1, 1, 1),
            shape(0, 0, 0),
            1,
            false),
        conv(
            "pointwise, stride 2, even size",
            shape(1, 3, 2, 4, 4),
            shape(2, 3, 1, 1, 1),
            shape(1, 2, 2),
            shape(0, 0, 0),
            1,
            false),
        conv(
            "pointwise, stride 2, odd size",
            shape(1, 3, 2, 5, 3),
            shape(2, 3, 1, 1, 1),
            shape(1, 2, 2),
            shape(0, 0, 0),
            1,
            false),
        conv(
            "depthwise 3x3x3",
            shape(2, 3, 3, 4, 5),
            shape(3, 1, 3, 3, 3),
            shape(1, 1, 1),
            shape(1, 1, 1),
            3,
            false),
        conv(
            "depthwise 3x3x3, stride 2, even",
            shape(1, 2, 3, 4, 6),
            shape(2, 1, 3, 3, 3),
            shape(1, 2, 2),
            shape(1, 1, 1),
            2,
            false),
        conv(
            "depthwise 3x3x3, stride 2, odd",
            shape(1, 2, 2, 5, 3),
            shape(2, 1, 3, 3, 3),
            shape(1, 2, 2),
            shape(1, 1, 1),
            2,
            true),
        conv(
            "depthwise 5x1x1",
            shape(2, 3, 4, 2, 2),
            shape(3, 1, 5, 1, 1),
            shape(1, 1, 1),
            shape(2, 0, 0),
            3,
            false),
        conv(
            "dense 1x3x3, stride 2",
            shape(2, 3, 2, 6, 5),
            shape(4, 3, 1, 3, 3),
            shape(1, 2, 2),
            shape(0, 1, 1),
            1,
            false),
        conv(
            "dense 3x3x3",
            shape(1, 2, 3, 3, 3),
            shape(3, 2, 3, 3, 3),
            shape(1, 1, 1),
            shape(1, 1, 1),
            1,
            true),
        conv(
            "groups of two",
            shape(2, 4, 5, 4),
            shape(6, 2, 3, 3),
            shape(2, 1),
            shape(1, 1),
            2,
            false),
        conv(
            "one pixel, one frame",
            shape(1, 2, 1, 1, 1),
            shape(2, 1, 3, 3, 3),
            shape(1, 2, 2),
            shape(1, 1, 1),
            2,
            false),
        conv(
            "depthwise in 2-D",
            shape(3, 2, 5, 5),
            shape(2, 1, 3, 3),
            shape(2, 2),
            shape(1, 1),
            2,
            true));
  }

  @ParameterizedTest
  @MethodSource("products")
  void productGradientMatchesFiniteDifferences(
      Function<List<Tensor>, Tensor> f, List<long[]> shapes) {
    FiniteDifferences.linear().check(f, shapes, positive(shapes));
  }

  @Test
  void crossEntropyGradientMatchesFiniteDifferences() {
    Function<List<Tensor>, Tensor> f = x -> {
      Tensor labels = x.get(0).graph().initializer("labels", Shape.of(3), Constant.of(4L, 0L, 2L));
      return Functions.softmaxCrossEntropy(x.get(0), labels, 0.1);
    };
    List<long[]> shapes = List.of(shape(3, 5));
    FiniteDifferences.coarse().check(f, shapes, positive(shapes));
  }

  static List<Arguments> everyFunction() {
    List<Arguments> all = new ArrayList<>(operators());
    all.addAll(products());
    all.add(of(
        "softmaxCrossEntropy",
        x -> {
          Tensor labels =
              x.get(0).graph().initializer("labels", Shape.of(3), Constant.of(4L, 0L, 2L));
          return Functions.softmaxCrossEntropy(x.get(0), labels, 0.1);
        },
        shape(3, 5)));
    return all;
  }

  /** So every rule makes its constants and sums in the type of what it differentiates. */
  @ParameterizedTest
  @MethodSource("everyFunction")
  void gradientInFloat16IsThatInFloat32(Function<List<Tensor>, Tensor> f, List<long[]> shapes) {
    double[] exact = gradients(f, ElementType.FLOAT, shapes);
    double[] rounded = gradients(f, ElementType.FLOAT16, shapes);
    double largest = Arrays.stream(exact).map(Math::abs).max().orElseThrow();
    assertArrayEquals(exact, rounded, 1e-2 * largest);
  }

  private static List<Tensor> inputs(Graph g, ElementType type, List<long[]> shapes) {
    List<Tensor> inputs = new ArrayList<>();
    for (long[] shape : shapes) {
      Tensor x = g.input("x" + inputs.size(), ElementType.FLOAT, Shape.of(shape));
      inputs.add(Elementwise.cast(x, type));
    }
    return inputs;
  }

  /** Of f's elements times 1, 2, ... 5, 1, 2 ... summed, by each input, one behind the other. */
  private static double[] gradients(
      Function<List<Tensor>, Tensor> f, ElementType type, List<long[]> shapes) {
    Graph g = new Graph("rounded");
    List<Tensor> inputs = inputs(g, type, shapes);
    Tensor y = f.apply(inputs);
    float[] weights = new float[(int) y.shape().elements()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = 1 + i % 5;
    }
    Tensor dy = Elementwise.cast(g.initializer("dy", y.shape(), Constant.of(weights)), type);
    List<Tensor> gradients = Gradients.of(y, dy, inputs);
    List<HostTensor> tensors = new ArrayList<>();
    Map<String, HostTensor> given = new LinkedHashMap<>();
    Map<String, HostTensor> filled = new LinkedHashMap<>();
    double[][] values = positive(shapes);
    for (int i = 0; i < shapes.size(); i++) {
      g.output("d" + i, Elementwise.cast(gradients.get(i), ElementType.FLOAT));
      HostTensor x = HostTensor.floats(shapes.get(i));
      for (int j = 0; j < values[i].length; j++) {
        x.floats().put(j, (float) values[i][j]);
      }
      given.put("x" + i, x);
      filled.put("d" + i, HostTensor.floats(shapes.get(i)));
    }
    tensors.addAll(given.values());
    tensors.addAll(filled.values());
    try (Session session = Session.open(new OnnxFile(g, Map.of()).toBytes(), Device.cpu(1))) {
      given.keySet().retainAll(session.inputNames());
      session.run(given, filled);
      List<Double> all = new ArrayList<>();
      for (HostTensor d : filled.values()) {
        for (FloatBuffer b = d.floats(); b.hasRemaining(); ) {
          all.add((double) b.get());
        }
      }
      return all.stream().mapToDouble(Double::doubleValue).toArray();
    } finally {
      tensors.forEach(HostTensor::close);
    }
  }

  @Test
  void reluPassesNoGradientAtZero() {
    Graph g = new Graph("relu");
    Tensor x = g.input("x", ElementType.FLOAT, Shape.of(3));
    Tensor dy = g.input("dy", ElementType.FLOAT, Shape.of(3));
    g.output("dx", Gradients.of(Elementwise.relu(x), dy, List.of(x)).get(0));
    try (Session s = Session.open(new OnnxFile(g, Map.of()).toBytes(), Device.cpu(1));
        HostTensor hx = HostTensor.floats(3);
        HostTensor hdy = HostTensor.floats(3);
        HostTensor dx = HostTensor.floats(3)) {
      hx.floats().put(new float[] {-1, 0, 2});
      hdy.floats().put(new float[] {5, 6, 7});
      s.run(Map.of("x", hx, "dy", hdy), Map.of("dx", dx));
      assertEquals(
          List.of(0f, 0f, 7f),
          List.of(dx.floats().get(0), dx.floats().get(1), dx.floats().get(2)));
    }
  }

  @Test
  void computesNoGradientThatNobodyNeeds() {
    Graph g = new Graph("matMul");
    Tensor a = g.input("a", ElementType.FLOAT, Shape.of(2, 3));
    Tensor b = g.input("b", ElementType.FLOAT, Shape.of(3, 4));
    Tensor dy = g.input("dy", ElementType.FLOAT, Shape.of(2, 4));
    Gradients.of(Linear.matMul(a, b), dy, List.of(a));
    assertEquals(
        List.of("MatMul", "Transpose", "MatMul"),
        g.nodes().stream().map(Node::opType).toList());
  }

  @Test
  void aMissingRuleNamesTheOperator() {
    Graph g = new Graph("gather");
    Tensor x = g.input("x", ElementType.FLOAT, Shape.of(3));
    Tensor dy = g.input("dy", ElementType.FLOAT, Shape.of(1));
    GraphException e = assertThrows(
        GraphException.class, () -> Gradients.of(Movement.gather(x, 0, 1), dy, List.of(x)));
    assertEquals("no gradient rule for operator Gather ('Gather')", e.getMessage());
  }

  @Test
  void anInputThatTheResultDoesNotDependOnIsRefused() {
    Graph g = new Graph("exp");
    Tensor x = g.input("x", ElementType.FLOAT, Shape.of(3));
    Tensor other = g.input("other", ElementType.FLOAT, Shape.of(3));
    GraphException e = assertThrows(
        GraphException.class, () -> Gradients.of(Elementwise.exp(x), x, List.of(other)));
    assertTrue(e.getMessage().contains("does not depend on other"), e.getMessage());
  }
}
