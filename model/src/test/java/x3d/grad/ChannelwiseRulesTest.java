package x3d.grad;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import x3d.graph.Channelwise;
import x3d.graph.Channelwise.Affine;
import x3d.graph.Channelwise.Measured;
import x3d.graph.Channelwise.Subsampled;
import x3d.graph.ElementType;
import x3d.graph.Elementwise;
import x3d.graph.Functions;
import x3d.graph.Graph;
import x3d.graph.Linear;
import x3d.graph.Linear.Window;
import x3d.graph.Movement;
import x3d.graph.OnnxFile;
import x3d.graph.Reduction;
import x3d.graph.Shape;
import x3d.graph.Tensor;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.Session;

/**
 * Holds the gradient rules of {@link Channelwise}, whose operators know float32 only, in two ways: against central
 * differences of the same function spelled in standard operators, in float64 where ONNX Runtime has them all in it; and
 * against those operators' own rules in float32, to 1e-5 of the largest gradient.
 */
class ChannelwiseRulesTest {
  private static final int N = 2;
  private static final int C = 3;

  /** A function in our operators and in standard ones; several results are several losses' parts. */
  private record Pair(
      String name,
      Function<List<Tensor>, List<Tensor>> ours,
      Function<List<Tensor>, List<Tensor>> standard,
      List<long[]> shapes) {}

  private static long[] shape(long... sizes) {
    return sizes;
  }

  private static final long[] X = shape(N, C, 3, 5, 4);
  private static final long[] W = shape(C, 1, 3, 3, 3);
  private static final long[] EACH = shape(N, C);
  private static final long[] ALL = shape(1, C);

  /** Center, scale and shift among the arguments. */
  private static Affine affine(List<Tensor> x, int first) {
    return new Affine(x.get(first), x.get(first + 1), x.get(first + 2));
  }

  private static Tensor wide(Tensor numbers) {
    return Movement.reshape(numbers, numbers.shape().size(0), C, 1, 1, 1);
  }

  /** What {@link #affine} means. */
  private static Tensor read(Tensor x, List<Tensor> all, int first) {
    Tensor centered = Elementwise.sub(x, wide(all.get(first)));
    return Elementwise.add(
        Elementwise.mul(centered, wide(all.get(first + 1))), wide(all.get(first + 2)));
  }

  private static Tensor mean(Tensor x) {
    return Movement.reshape(Reduction.reduceMean(x, 2, 3, 4), N, C);
  }

  private static Tensor squares(Tensor x) {
    Tensor apart = Elementwise.sub(x, Reduction.reduceMean(x, 2, 3, 4));
    return Movement.reshape(Reduction.reduceSum(Elementwise.mul(apart, apart), 2, 3, 4), N, C);
  }

  /** In single products and shifts, so that float64 has all that it takes. */
  private static Tensor conv(Tensor x, Tensor w, int stride) {
    long[] k = w.shape().toArray();
    long[] pads = {k[2] / 2, k[3] / 2, k[4] / 2};
    if (x.type() == ElementType.FLOAT) {
      long groups = k[1] == 1 ? k[0] : 1;
      return Linear.conv(x, w, null, new Window(new long[] {1, stride, stride}, pads), groups);
    }
    long[] border = {0, 0, pads[0], pads[1], pads[2]};
    Tensor padded = Movement.pad(x, border, border);
    long[] s = x.shape().toArray();
    long[] ends = {s[2], (s[3] - 1) / stride * stride + 1, (s[4] - 1) / stride * stride + 1};
    boolean channelwise = k[1] == 1;
    Tensor sum = null;
    for (int i = 0; i < k[2] * k[3] * k[4]; i++) {
      long[] at = {i / (k[3] * k[4]), i / k[4] % k[3], i % k[4]};
      Tensor met = Movement.slice(
          padded,
          new int[] {2, 3, 4},
          at,
          new long[] {at[0] + ends[0], at[1] + ends[1], at[2] + ends[2]},
          new long[] {1, stride, stride});
      Tensor element =
          Movement.slice(Movement.reshape(w, k[0], k[1], k[2] * k[3] * k[4]), 2, i, i + 1, 1);
      Tensor product;
      if (channelwise) {
        product = Elementwise.mul(met, Movement.reshape(element, 1, k[0], 1, 1, 1));
      } else {
        Tensor each = Movement.reshape(
            met, s[0], 1, s[1], s[2], met.shape().size(3), met.shape().size(4));
        product = Reduction.reduceSum(
            Elementwise.mul(each, Movement.reshape(element, 1, k[0], k[1], 1, 1, 1)), 2);
        product = Movement.reshape(
            product, s[0], k[0], s[2], met.shape().size(3), met.shape().size(4));
      }
      sum = sum == null ? product : Elementwise.add(sum, product);
    }
    return sum;
  }

  private static List<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    pairs.add(new Pair(
        "moments",
        x -> {
          Measured m = Channelwise.measured(x.get(0));
          return List.of(m.x(), m.mean(), m.squares());
        },
        x -> List.of(x.get(0), mean(x.get(0)), squares(x.get(0))),
        List.of(X)));
    pairs.add(new Pair(
        "moments, the mean unused",
        x -> {
          Measured m = Channelwise.measured(x.get(0));
          return List.of(m.x(), m.squares());
        },
        x -> List.of(x.get(0), squares(x.get(0))),
        List.of(X)));
    pairs.add(new Pair(
        "moments, all unused",
        x -> List.of(Channelwise.measured(x.get(0)).x()),
        List::copyOf,
        List.of(X)));
    pairs.add(new Pair(
        "moments alone",
        x -> List.of(Channelwise.measured(x.get(0)).squares()),
        x -> List.of(squares(x.get(0))),
        List.of(X)));
    pairs.add(new Pair(
        "depthwise, only its moments used",
        x -> {
          Measured m = Channelwise.depthwiseConv(x.get(0), x.get(1), null, 2, true);
          return List.of(m.mean(), m.squares());
        },
        x -> {
          Tensor y = conv(x.get(0), x.get(1), 2);
          return List.of(mean(y), squares(y));
        },
        List.of(X, W)));
    for (int stride : new int[] {1, 2}) {
      for (long[] w : List.of(W, shape(C, 1, 5, 1, 1), shape(C, 1, 1, 3, 3))) {
        pairs.add(new Pair(
            "depthwise " + Arrays.toString(w) + " at stride " + stride,
            x -> {
              Measured m = Channelwise.depthwiseConv(x.get(0), x.get(1), null, stride, true);
              return List.of(m.x(), m.mean(), m.squares());
            },
            x -> {
              Tensor y = conv(x.get(0), x.get(1), stride);
              return List.of(y, mean(y), squares(y));
            },
            List.of(X, w)));
      }
      for (long[] numbers : List.of(ALL, EACH)) {
        pairs.add(new Pair(
            "depthwise of relu at stride " + stride + ", numbers " + Arrays.toString(numbers),
            x -> {
              Measured m =
                  Channelwise.depthwiseConv(x.get(0), x.get(1), affine(x, 2), stride, true);
              return List.of(m.x(), m.mean(), m.squares());
            },
            x -> {
              Tensor y = conv(Elementwise.relu(read(x.get(0), x, 2)), x.get(1), stride);
              return List.of(y, mean(y), squares(y));
            },
            List.of(X, W, numbers, numbers, numbers)));
      }
      pairs.add(new Pair(
          "subsampled at stride " + stride,
          x -> {
            Subsampled s = Channelwise.subsampled(x.get(0), stride);
            return List.of(s.x(), s.taken());
          },
          x -> List.of(x.get(0), taken(x.get(0), stride)),
          List.of(X)));
      pairs.add(new Pair(
          "frameConv at stride " + stride,
          x -> List.of(Channelwise.frameConv(x.get(0), x.get(1), stride)),
          x -> List.of(conv(x.get(0), x.get(1), stride)),
          List.of(X, shape(5, C, 1, 3, 3))));
    }
    pairs.add(new Pair(
        "depthwise, only its values used",
        x -> List.of(
            Channelwise.depthwiseConv(x.get(0), x.get(1), affine(x, 2), 1, true).x()),
        x -> List.of(conv(Elementwise.relu(read(x.get(0), x, 2)), x.get(1), 1)),
        List.of(X, W, ALL, EACH, ALL)));
    pairs.add(new Pair(
        "depthwise without squares",
        x -> {
          Measured m = Channelwise.depthwiseConv(x.get(0), x.get(1), null, 2, false);
          return List.of(m.x(), m.mean());
        },
        x -> {
          Tensor y = conv(x.get(0), x.get(1), 2);
          return List.of(y, mean(y));
        },
        List.of(X, W)));
    for (List<long[]> numbers :
        List.of(List.of(ALL, ALL, ALL), List.of(EACH, EACH, EACH), List.of(ALL, EACH, EACH))) {
      String kinds = ", numbers " + numbers.stream().map(Arrays::toString).toList();
      List<long[]> one = Stream.concat(Stream.of(X), numbers.stream()).toList();
      pairs.add(new Pair(
          "swish" + kinds,
          x -> List.of(Channelwise.affineSwish(x.get(0), affine(x, 1))),
          x -> List.of(Functions.swish(read(x.get(0), x, 1))),
          one));
      pairs.add(new Pair(
          "relu" + kinds,
          x -> List.of(Channelwise.affineRelu(x.get(0), affine(x, 1))),
          x -> List.of(Elementwise.relu(read(x.get(0), x, 1))),
          one));
      List<long[]> two = Stream.concat(one.stream(), Stream.of(X)).toList();
      pairs.add(new Pair(
          "relu with a shortcut" + kinds,
          x -> List.of(Channelwise.affineRelu(x.get(0), affine(x, 1), x.get(4), null)),
          x -> List.of(Elementwise.relu(Elementwise.add(read(x.get(0), x, 1), x.get(4)))),
          two));
      pairs.add(new Pair(
          "relu with a shortcut that is read" + kinds,
          x -> List.of(Channelwise.affineRelu(x.get(0), affine(x, 1), x.get(4), affine(x, 5))),
          x -> List.of(
              Elementwise.relu(Elementwise.add(read(x.get(0), x, 1), read(x.get(4), x, 5)))),
          Stream.concat(two.stream(), numbers.stream()).toList()));
    }
    pairs.add(new Pair(
        "subsampled, only what is taken used",
        x -> List.of(Channelwise.subsampled(x.get(0), 2).taken()),
        x -> List.of(taken(x.get(0), 2)),
        List.of(X)));
    pairs.add(new Pair(
        "subsampled, nothing taken used",
        x -> List.of(Channelwise.subsampled(x.get(0), 2).x()),
        List::copyOf,
        List.of(X)));
    return pairs;
  }

  private static Tensor taken(Tensor x, int stride) {
    return Movement.slice(
        x,
        new int[] {3, 4},
        new long[] {0, 0},
        new long[] {x.shape().size(3), x.shape().size(4)},
        new long[] {stride, stride});
  }

  @TestFactory
  Stream<DynamicTest> agreeWithDifferencesAndWithTheRulesOfStandardOperators() {
    return pairs().stream().map(p -> DynamicTest.dynamicTest(p.name(), () -> check(p)));
  }

  private static void check(Pair p) {
    SplittableRandom random = new SplittableRandom(11);
    double[][] values = p.shapes().stream()
        .map(s -> random.doubles(elements(s), -0.7, 1.3).map(v -> (float) v).toArray())
        .toArray(double[][]::new);
    try (Computation ours = new Computation(p.ours(), p.shapes(), ElementType.FLOAT);
        Computation standard = new Computation(p.standard(), p.shapes(), ElementType.FLOAT);
        Computation exact = new Computation(p.standard(), p.shapes(), ElementType.DOUBLE)) {
      double[][] actual = ours.gradients(values);
      assertClose("standard rules", standard.gradients(values), actual);
      assertClose("differences", exact.differences(values), actual);
    }
  }

  private static void assertClose(String what, double[][] expected, double[][] actual) {
    for (int i = 0; i < expected.length; i++) {
      double largest = Arrays.stream(expected[i]).map(Math::abs).max().orElseThrow();
      for (int j = 0; j < expected[i].length; j++) {
        assertEquals(
            expected[i][j], actual[i][j], 1e-5 * largest, what + ", input " + i + ", element " + j);
      }
    }
  }

  private static int elements(long[] shape) {
    return (int) LongStream.of(shape).reduce(1, (a, b) -> a * b);
  }

  /** The loss Σ weight · result over all results, weights fixed and random, and its gradients. */
  private static final class Computation implements AutoCloseable {
    /** Of central differences in float64: the error is about its square, and no relu changes sides within it. */
    private static final double STEP = 1e-5;

    private final ElementType type;
    private final Map<String, HostTensor> given = new LinkedHashMap<>();
    private final Map<String, HostTensor> filled = new LinkedHashMap<>();
    private final Session session;

    Computation(Function<List<Tensor>, List<Tensor>> f, List<long[]> shapes, ElementType type) {
      this.type = type;
      Graph g = new Graph("check");
      List<Tensor> inputs = IntStream.range(0, shapes.size())
          .mapToObj(i -> g.input("x" + i, type, Shape.of(shapes.get(i))))
          .toList();
      Tensor loss = null;
      SplittableRandom random = new SplittableRandom(7);
      for (Tensor y : f.apply(inputs)) {
        long[] s = y.shape().toArray();
        String name = "weight" + given.size();
        given.put(name, tensor(s));
        for (int j = 0; j < elements(s); j++) {
          put(given.get(name), j, (float) random.nextDouble(-0.5, 1));
        }
        int[] axes = IntStream.range(0, s.length).toArray();
        Tensor part = Movement.reshape(
            Reduction.reduceSum(Elementwise.mul(y, g.input(name, type, y.shape())), axes), 1);
        loss = loss == null ? part : Elementwise.add(loss, part);
      }
      g.output("loss", loss);
      filled.put("loss", tensor(1));
      given.put("one", tensor(1));
      put(given.get("one"), 0, 1);
      List<Tensor> gradients = Gradients.of(loss, g.input("one", type, Shape.of(1)), inputs);
      for (int i = 0; i < inputs.size(); i++) {
        g.output("d" + i, gradients.get(i));
        filled.put("d" + i, tensor(shapes.get(i)));
        given.put("x" + i, tensor(shapes.get(i)));
      }
      session = Session.open(new OnnxFile(g, Map.of()).toBytes(), Device.cpu(1));
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

    private double get(String name, int i) {
      HostTensor t = filled.get(name);
      return type == ElementType.DOUBLE ? t.doubles().get(i) : t.floats().get(i);
    }

    private void set(double[][] values) {
      for (int i = 0; i < values.length; i++) {
        for (int j = 0; j < values[i].length; j++) {
          put(given.get("x" + i), j, values[i][j]);
        }
      }
    }

    double[][] gradients(double[][] values) {
      set(values);
      session.run(given, filled);
      double[][] gradients = new double[values.length][];
      for (int i = 0; i < values.length; i++) {
        String name = "d" + i;
        gradients[i] =
            IntStream.range(0, values[i].length).mapToDouble(j -> get(name, j)).toArray();
      }
      return gradients;
    }

    double[][] differences(double[][] values) {
      set(values);
      double[][] differences = new double[values.length][];
      for (int i = 0; i < values.length; i++) {
        differences[i] = new double[values[i].length];
        for (int j = 0; j < values[i].length; j++) {
          double more = lossAt(i, j, values[i][j] + STEP);
          double less = lossAt(i, j, values[i][j] - STEP);
          differences[i][j] = (more - less) / (2 * STEP);
          put(given.get("x" + i), j, values[i][j]);
        }
      }
      return differences;
    }

    private double lossAt(int input, int element, double value) {
      put(given.get("x" + input), element, value);
      session.run(given, Map.of("loss", filled.get("loss")));
      return get("loss", 0);
    }

    @Override
    public void close() {
      session.close();
      given.values().forEach(HostTensor::close);
      filled.values().forEach(HostTensor::close);
    }
  }
}
