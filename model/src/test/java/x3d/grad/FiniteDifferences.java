package x3d.grad;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import x3d.graph.ElementType;
import x3d.graph.Elementwise;
import x3d.graph.Graph;
import x3d.graph.Movement;
import x3d.graph.OnnxFile;
import x3d.graph.Reduction;
import x3d.graph.Shape;
import x3d.graph.Tensor;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.Session;

/** Holds the gradients of a function of tensors against central differences, both computed by ONNX Runtime. */
final class FiniteDifferences {
  private final ElementType type;
  private final double step;
  private final double tolerance;

  private FiniteDifferences(ElementType type, double step, double tolerance) {
    this.type = type;
    this.step = step;
    this.tolerance = tolerance;
  }

  /** In float64. */
  static FiniteDifferences exact() {
    return new FiniteDifferences(ElementType.DOUBLE, 1e-5, 1e-6);
  }

  /** In float32, for functions linear in each input: any step is exact, so a wide one. */
  static FiniteDifferences linear() {
    return new FiniteDifferences(ElementType.FLOAT, 1, 2e-4);
  }

  /** In float32, for smooth functions of operators that have no float64. */
  static FiniteDifferences coarse() {
    return new FiniteDifferences(ElementType.FLOAT, 1e-2, 5e-3);
  }

  /** Checks the gradient of sum(weight · f(inputs)) with fixed random weights, by every element of every input. */
  void check(Function<List<Tensor>, Tensor> f, List<long[]> shapes, double[][] values) {
    Graph g = new Graph("check");
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      inputs.add(g.input("x" + i, type, Shape.of(shapes.get(i))));
    }
    Tensor y = f.apply(inputs);
    Tensor weight = g.input("weight", type, y.shape());
    int[] all = IntStream.range(0, y.rank()).toArray();
    Tensor loss = Movement.reshape(Reduction.reduceSum(Elementwise.mul(y, weight), all), 1);
    g.output("loss", loss);
    Tensor one = g.input("one", type, Shape.of(1));
    List<Tensor> gradients = Gradients.of(loss, one, inputs);
    for (int i = 0; i < inputs.size(); i++) {
      g.output("d" + i, gradients.get(i));
    }
    Map<String, HostTensor> given = new LinkedHashMap<>();
    Map<String, HostTensor> filled = new LinkedHashMap<>();
    try (Session session = Session.open(new OnnxFile(g, Map.of()).toBytes(), Device.cpu(1))) {
      for (int i = 0; i < shapes.size(); i++) {
        given.put("x" + i, tensor(shapes.get(i)));
        filled.put("d" + i, tensor(shapes.get(i)));
        for (int j = 0; j < values[i].length; j++) {
          put(given.get("x" + i), j, values[i][j]);
        }
      }
      HostTensor w = tensor(y.shape().toArray());
      given.put("weight", w);
      Random random = new Random(7);
      for (int j = 0; j < y.shape().elements(); j++) {
        put(w, j, random.nextGaussian());
      }
      given.put("one", tensor(1));
      put(given.get("one"), 0, 1);
      filled.put("loss", tensor(1));
      session.run(given, filled);
      for (int i = 0; i < shapes.size(); i++) {
        double[] analytic = new double[values[i].length];
        for (int j = 0; j < analytic.length; j++) {
          analytic[j] = get(filled.get("d" + i), j);
        }
        for (int j = 0; j < analytic.length; j++) {
          double numeric = (lossAt(session, given, filled, i, j, values[i][j] + step)
                  - lossAt(session, given, filled, i, j, values[i][j] - step))
              / (2 * step);
          put(given.get("x" + i), j, values[i][j]);
          assertEquals(
              numeric,
              analytic[j],
              tolerance * (1 + Math.abs(numeric)),
              "input " + i + ", element " + j);
        }
      }
    } finally {
      given.values().forEach(HostTensor::close);
      filled.values().forEach(HostTensor::close);
    }
  }

  private double lossAt(
      Session session,
      Map<String, HostTensor> given,
      Map<String, HostTensor> filled,
      int input,
      int element,
      double value) {
    put(given.get("x" + input), element, value);
    session.run(given, Map.of("loss", filled.get("loss")));
    return get(filled.get("loss"), 0);
  }

  private HostTensor tensor(long... shape) {
    return type == ElementType.DOUBLE ? HostTensor.doubles(shape) : HostTensor.floats(shape);
  }

  private void put(HostTensor t, int i, double value) {
    if (type == ElementType.DOUBLE) {
      t.doubles().put(i, value);
    } else {
      t.floats().put(i, (float) value);
    }
  }

  private double get(HostTensor t, int i) {
    return type == ElementType.DOUBLE ? t.doubles().get(i) : t.floats().get(i);
  }
}
