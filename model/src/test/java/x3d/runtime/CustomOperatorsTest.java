package x3d.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.graph.Attribute;
import x3d.graph.Channelwise;
import x3d.graph.Channelwise.Affine;
import x3d.graph.Constant;
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

/** Operators of our own inside ONNX Runtime. */
class CustomOperatorsTest {
  private static final int CHANNELS = 11;

  /** The same block in our operators and in standard ones: results y, mean and squares of x [N, C, T, H, W]. */
  private static byte[] block(boolean ours) {
    Graph g = new Graph("block");
    Shape shape = Shape.mixed("n", CHANNELS, "t", "h", "w");
    Tensor x = g.input("x", ElementType.FLOAT, shape);
    Tensor w =
        g.initializer("w", Shape.of(CHANNELS, 1, 3, 3, 3), Constant.of(random(CHANNELS * 27, 1)));
    Tensor center = numbers(g, "center", 2);
    Tensor scale = numbers(g, "scale", 3);
    Tensor shift = numbers(g, "shift", 4);
    if (ours) {
      Affine read = new Affine(center, scale, shift);
      Channelwise.Measured m = Channelwise.depthwiseConv(x, w, read, 1, true);
      Tensor swish = Channelwise.affineSwish(m.x(), read);
      g.output("mean", m.mean());
      g.output("squares", m.squares());
      g.output("y", Channelwise.affineRelu(swish, read, x, read));
    } else {
      UnaryOperator<Tensor> read = t -> Elementwise.add(
          Elementwise.mul(Elementwise.sub(t, wide(center)), wide(scale)), wide(shift));
      Tensor y = Linear.conv(
          Elementwise.relu(read.apply(x)),
          w,
          null,
          new Window(new long[] {1, 1, 1}, new long[] {1, 1, 1}),
          CHANNELS);
      Tensor mean = Reduction.reduceMean(y, 2, 3, 4);
      Tensor apart = Elementwise.sub(y, mean);
      Tensor swish = Functions.swish(read.apply(y));
      g.output("mean", Movement.reshape(mean, Shape.mixed("n", CHANNELS)));
      g.output(
          "squares",
          Movement.reshape(
              Reduction.reduceSum(Elementwise.mul(apart, apart), 2, 3, 4),
              Shape.mixed("n", CHANNELS)));
      g.output("y", Elementwise.relu(Elementwise.add(read.apply(swish), read.apply(x))));
    }
    return new OnnxFile(g, Map.of()).toBytes();
  }

  private static Tensor numbers(Graph g, String name, int seed) {
    return g.initializer(name, Shape.of(1, CHANNELS), Constant.of(random(CHANNELS, seed)));
  }

  private static Tensor wide(Tensor perChannel) {
    return Movement.reshape(perChannel, 1, CHANNELS, 1, 1, 1);
  }

  private static float[] random(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (2 * random.nextDouble() - 0.7);
    }
    return values;
  }

  /** y, mean and squares of random clips. */
  private static List<float[]> run(Session session, int n, int t, int h, int w) {
    try (HostTensor x = HostTensor.floats(n, CHANNELS, t, h, w);
        HostTensor y = HostTensor.floats(n, CHANNELS, t, h, w);
        HostTensor mean = HostTensor.floats(n, CHANNELS);
        HostTensor squares = HostTensor.floats(n, CHANNELS)) {
      x.floats().put(random(n * CHANNELS * t * h * w, 5));
      session.run(Map.of("x", x), Map.of("y", y, "mean", mean, "squares", squares));
      return List.of(values(y), values(mean), values(squares));
    }
  }

  private static float[] values(HostTensor tensor) {
    FloatBuffer buffer = tensor.floats();
    float[] values = new float[buffer.capacity()];
    buffer.get(values);
    return values;
  }

  @ParameterizedTest
  @CsvSource({"2,13,20,20", "1,4,5,5", "3,1,1,1", "1,5,7,33"})
  void theyComputeWhatTheStandardOnesDo(int n, int t, int h, int w) {
    try (Session ours = Session.open(block(true), Device.cpu(2));
        Session standard = Session.open(block(false), Device.cpu(2))) {
      List<float[]> expected = run(standard, n, t, h, w);
      List<float[]> actual = run(ours, n, t, h, w);
      for (int i = 0; i < expected.size(); i++) {
        double largest = 0;
        for (float v : expected.get(i)) {
          largest = Math.max(largest, Math.abs(v));
        }
        assertArrayEquals(expected.get(i), actual.get(i), (float) (1e-5 * largest) + 1e-30f);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void theNumberOfThreadsChangesNoBit(int threads) {
    try (Session one = Session.open(block(true), Device.cpu(1));
        Session several = Session.open(block(true), Device.cpu(threads))) {
      for (int side : new int[] {30, 3, 17}) {
        assertSame(run(one, 2, 5, side, side), run(several, 2, 5, side, side));
      }
    }
  }

  private static void assertSame(List<float[]> expected, List<float[]> actual) {
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i));
    }
  }

  /** Each with shapes of its own, so that a session's layout for one must not serve another. */
  @Test
  void severalThreadsRunOneSessionAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Session session = Session.open(block(true), Device.cpu(2))) {
      List<Future<Boolean>> done = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        int side = 3 + 5 * thread;
        List<float[]> expected = run(session, 1, 4, side, side + 1);
        done.add(threads.submit(() -> {
          for (int i = 0; i < 150; i++) {
            assertSame(expected, run(session, 1, 4, side, side + 1));
          }
          return true;
        }));
      }
      for (Future<Boolean> thread : done) {
        assertTrue(thread.get());
      }
    } finally {
      threads.shutdown();
    }
  }

  /** A node as somebody else's program might write it: no rule of ours has looked at it. */
  private static byte[] node(
      String opType, Map<String, Attribute> attributes, int outputs, Shape... inputs) {
    Graph g = new Graph("node");
    List<Tensor> in = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      in.add(g.input("x" + i, ElementType.FLOAT, inputs[i]));
    }
    List<Shape> free = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      free.add(i == 0 ? Shape.mixed("a", "b", "c", "d", "e") : Shape.mixed("f", "g"));
    }
    List<Tensor> out = g.node(opType, Channelwise.DOMAIN, in, free, ElementType.FLOAT, attributes);
    g.output("y", out.get(0));
    return new OnnxFile(g, Map.of()).toBytes();
  }

  private static final Shape VOLUMES = Shape.mixed("n", "c", "t", "h", "w");

  private static String failureOf(byte[] model, long[]... shapes) {
    Map<String, HostTensor> given = new LinkedHashMap<>();
    try (Session session = Session.open(model, Device.cpu(2));
        HostTensor y = HostTensor.floats(1, 1, 1, 1, 1)) {
      for (int i = 0; i < shapes.length; i++) {
        given.put("x" + i, HostTensor.floats(shapes[i]));
      }
      return assertThrows(RuntimeFailure.class, () -> session.run(given, Map.of("y", y)))
          .getMessage();
    } finally {
      given.values().forEach(HostTensor::close);
    }
  }

  @Test
  void aShapeThatDoesNotFitFailsTheRunWithTheKernelsWords() {
    Shape free = Shape.mixed("o", "i", "kt", "kh", "kw");
    byte[] conv = node("DepthwiseConv", Map.of(), 2, VOLUMES, free);
    String message = failureOf(conv, new long[] {1, 3, 2, 4, 4}, new long[] {4, 1, 3, 3, 3});
    assertTrue(message.contains("w must be [3, 1, kT, kH, kW], got [4, 1, 3, 3, 3]"), message);
    byte[] swish = node(
        "AffineSwish",
        Map.of(),
        1,
        VOLUMES,
        Shape.mixed("a", "b"),
        Shape.mixed("a", "b"),
        Shape.mixed("a", "b"));
    long[] two = {2, 3};
    message = failureOf(swish, new long[] {1, 3, 2, 4, 4}, two, two, two);
    assertTrue(message.contains("center must be [1 or 1, 3], got [2, 3]"), message);
  }

  @Test
  void centerWithoutScaleAndShiftFailsTheRun() {
    byte[] conv = node("DepthwiseConv", Map.of(), 2, VOLUMES, VOLUMES, Shape.mixed("p", "q"));
    String message =
        failureOf(conv, new long[] {1, 1, 2, 4, 4}, new long[] {1, 1, 3, 3, 3}, new long[] {1, 1});
    assertTrue(message.contains("center, scale and shift come together: 5 inputs, got 3"), message);
  }

  @Test
  void aResultThatTheNodeDoesNotDeclareFailsTheRun() {
    byte[] conv = node("DepthwiseConv", Map.of("squares", Attribute.of(1L)), 2, VOLUMES, VOLUMES);
    String message = failureOf(conv, new long[] {1, 1, 2, 4, 4}, new long[] {1, 1, 3, 3, 3});
    assertTrue(message.contains("the operator has 3 results, the node 2"), message);
  }

  @Test
  void anInputLeftOutInTheMiddleFailsTheRun() {
    // an optional input of no name, as ONNX spells it
    byte[] conv = node("DepthwiseConv", Map.of(), 2, VOLUMES, VOLUMES);
    String message =
        failureOf(withInput(conv, ""), new long[] {1, 1, 2, 4, 4}, new long[] {1, 1, 3, 3, 3});
    assertTrue(message.contains("input 2 is left out"), message);
  }

  private static byte[] withInput(byte[] model, String name) {
    try {
      ModelProto.Builder m = ModelProto.parseFrom(model).toBuilder();
      m.getGraphBuilder().getNodeBuilder(0).addInput(name).addInput("x0").addInput("x0");
      return m.build().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aBatchOfNothingIsNoFailure() {
    try (Session session = Session.open(block(true), Device.cpu(2))) {
      assertEquals(3, run(session, 0, 4, 5, 5).size());
      assertEquals(CHANNELS, run(session, 1, 4, 5, 5).get(1).length);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "DepthwiseConv,stride,0,stride must be from 1 to 2147483647",
    "Subsample,stride,-3,stride must be from 1 to 2147483647",
    "Subsample,stride,4294967297,stride must be from 1 to 2147483647",
  })
  void anAttributeOutOfRangeIsRefusedWhenTheModelIsOpened(
      String opType, String attribute, long value, String message) {
    Shape[] inputs =
        opType.equals("Subsample") ? new Shape[] {VOLUMES} : new Shape[] {VOLUMES, VOLUMES};
    byte[] model = node(
        opType, Map.of(attribute, Attribute.of(value)), opType.equals("Subsample") ? 1 : 2, inputs);
    RuntimeFailure e = assertThrows(RuntimeFailure.class, () -> Session.open(model, Device.cpu(1)));
    assertTrue(e.getMessage().contains(message + ", got " + value), e.getMessage());
  }

  @Test
  void anUnknownOperatorIsRefusedWhenTheModelIsOpened() {
    RuntimeFailure e = assertThrows(
        RuntimeFailure.class,
        () -> Session.open(node("Nonsense", Map.of(), 1, VOLUMES), Device.cpu(1)));
    assertTrue(e.getMessage().contains("Nonsense"), e.getMessage());
  }

  @Test
  void openingAndClosingSessionsLeavesNoMemoryBehind() throws IOException {
    byte[] model = block(true);
    openRunClose(model, 200);
    long before = residentKib();
    openRunClose(model, 500);
    long grown = residentKib() - before;
    assertTrue(grown < 10_000, "resident memory grew by " + grown + " KiB in 500 sessions");
  }

  private static void openRunClose(byte[] model, int times) {
    for (int i = 0; i < times; i++) {
      try (Session session = Session.open(model, Device.cpu(2))) {
        run(session, 1, 4, 16, 16);
      }
    }
  }

  private static long residentKib() throws IOException {
    System.gc();
    Path status = Path.of("/proc/self/status");
    assumeTrue(Files.exists(status), "no /proc here");
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
