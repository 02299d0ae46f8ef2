package x3d.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.graph.OnnxFile;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.Session;
import x3d.weights.ParameterLayout;
import x3d.weights.Weights;

/** The lowering {@code kernels} computes what {@code conv3d} does, for X3D as a whole. */
class KernelsLoweringTest {
  private static final X3DConfig SMALL = new X3DConfig(1.0, 0.5, 2.25, 8, 32, 5, 4, 64, true);
  private static final int BATCH = 3;

  private static float[] random(int size, long seed, double from, double to) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextDouble(from, to);
    }
    return values;
  }

  /** Weights as of a trained network: none zero, norms around 1. */
  private static float[] parameters(ParameterLayout layout) {
    float[] flat = new float[layout.size()];
    for (ParameterLayout.Slice slice : layout.slices()) {
      int[] shape = slice.spec().shape();
      boolean norm = shape.length == 1 && slice.name().endsWith(".weight");
      double width = shape.length == 1 ? 0.3 : Math.sqrt(6.0 * shape[0] / slice.length());
      double middle = norm ? 1 : 0;
      float[] values =
          random(slice.length(), slice.name().hashCode(), middle - width, middle + width);
      System.arraycopy(values, 0, flat, slice.offset(), values.length);
    }
    return flat;
  }

  private static float[] statistics(ParameterLayout layout) {
    float[] flat = new float[layout.size()];
    for (ParameterLayout.Slice slice : layout.slices()) {
      boolean variance = slice.name().endsWith("running_var");
      float[] values = random(
          slice.length(), slice.name().hashCode(), variance ? 0.5 : -0.5, variance ? 2 : 0.5);
      System.arraycopy(values, 0, flat, slice.offset(), values.length);
    }
    return flat;
  }

  /** All results of one run, the inputs being those that the model wants of what is here. */
  private static Map<String, float[]> run(
      byte[] model, int threads, Map<String, Object> inputs, Map<String, long[]> shapes) {
    Map<String, HostTensor> given = new LinkedHashMap<>();
    Map<String, HostTensor> filled = new LinkedHashMap<>();
    try (Session session = Session.open(model, Device.cpu(threads))) {
      for (String name : session.inputNames()) {
        long[] shape = shapes.getOrDefault(name, session.inputShape(name));
        if (inputs.get(name) instanceof long[] integers) {
          given.put(name, HostTensor.longs(shape));
          given.get(name).longs().put(integers);
        } else {
          given.put(name, HostTensor.floats(shape));
          given.get(name).floats().put((float[]) inputs.get(name));
        }
      }
      for (String name : session.outputNames()) {
        long[] shape = shapes.getOrDefault(name, session.outputShape(name));
        filled.put(name, HostTensor.floats(shape));
      }
      session.run(given, filled);
      Map<String, float[]> results = new LinkedHashMap<>();
      filled.forEach((name, tensor) -> {
        FloatBuffer buffer = tensor.floats();
        float[] values = new float[buffer.capacity()];
        buffer.get(values);
        results.put(name, values);
      });
      return results;
    } finally {
      given.values().forEach(HostTensor::close);
      filled.values().forEach(HostTensor::close);
    }
  }

  private static Map<String, float[]> train(
      X3DConfig config, Lowering lowering, boolean frozen, int threads) {
    TrainingStep step =
        TrainingStep.build(config, new TrainingStep.Options(BATCH, lowering, 0.1, frozen));
    int pixels = BATCH * 3 * config.numFrames() * config.crop() * config.crop();
    return run(
        step.onnx(),
        threads,
        Map.of(
            "parameters", parameters(step.parameters()),
            "statistics", statistics(step.statistics()),
            "clips", random(pixels, 1, -2, 2),
            "labels", new long[] {0, 3, 1},
            "dropout_mask", random(BATCH * config.dimC5(), 2, 0, 2),
            "loss_scale", new float[] {16}),
        Map.of());
  }

  private static void assertClose(
      Map<String, float[]> expected, Map<String, float[]> actual, double tolerance) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, values) -> {
      double difference = 0;
      double norm = 0;
      for (int i = 0; i < values.length; i++) {
        difference += Math.pow(values[i] - actual.get(name)[i], 2);
        norm += Math.pow(values[i], 2);
      }
      double relative = Math.sqrt(difference / norm);
      assertTrue(relative < tolerance, name + " differs by " + relative);
    });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTrainingStepIsThatOfStandardOperators(boolean frozen) {
    Map<String, float[]> expected = train(SMALL, Lowering.CONV3D, frozen, 2);
    assertEquals(!frozen, expected.containsKey("batch_statistics"));
    assertClose(expected, train(SMALL, Lowering.KERNELS, frozen, 2), 2e-5);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTrainingStepOfTrainingOperatorsIsThatOfStandardOperators(boolean frozen) {
    assertClose(
        train(SMALL, Lowering.PLANES, frozen, 2),
        train(SMALL, Lowering.PLANES_FUSED, frozen, 2),
        2e-5);
  }

  /** Without groups there is no channelwise convolution, and moments are taken of what others computed. */
  @Test
  void aTrainingStepOfTheDenseNetworkIsThatOfStandardOperators() {
    X3DConfig dense = new X3DConfig(1.0, 0.5, 2.25, 8, 32, 5, 4, 32, false);
    assertClose(
        train(dense, Lowering.CONV3D, false, 2), train(dense, Lowering.KERNELS, false, 2), 2e-5);
  }

  @Test
  void aTrainingStepRepeatsBitForBit() {
    assertSame(train(SMALL, Lowering.KERNELS, false, 2), train(SMALL, Lowering.KERNELS, false, 2));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void theNumberOfThreadsChangesNoBitOfATrainingStep(int threads) {
    assertSame(
        train(SMALL, Lowering.KERNELS, false, 1), train(SMALL, Lowering.KERNELS, false, threads));
  }

  private static void assertSame(Map<String, float[]> expected, Map<String, float[]> actual) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, values) -> assertArrayEquals(values, actual.get(name), name));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void evaluationIsThatOfStandardOperatorsForAnyBatch(int batch) {
    X3D net = new X3D(SMALL);
    long[] shape = {batch, 3, SMALL.numFrames(), SMALL.crop(), SMALL.crop()};
    Map<String, Object> inputs = Map.of(
        "parameters", parameters(net.parameters()),
        "statistics", statistics(net.statistics()),
        "clips", random(batch * 3 * SMALL.numFrames() * SMALL.crop() * SMALL.crop(), 1, -2, 2));
    Map<String, long[]> shapes =
        Map.of("clips", shape, "probabilities", new long[] {batch, SMALL.numClasses()});
    assertClose(
        run(EvaluationStep.build(SMALL, Lowering.CONV3D), 2, inputs, shapes),
        run(EvaluationStep.build(SMALL, Lowering.KERNELS), 2, inputs, shapes),
        1e-5);
  }

  @Test
  void batchStatisticsAloneAreThoseOfStandardOperators() {
    X3D net = new X3D(SMALL);
    Map<String, Object> inputs = Map.of(
        "parameters", parameters(net.parameters()),
        "clips", random(2 * 3 * SMALL.numFrames() * SMALL.crop() * SMALL.crop(), 1, -2, 2));
    assertClose(
        run(StatisticsStep.build(SMALL, 2, Lowering.CONV3D), 2, inputs, Map.of()),
        run(StatisticsStep.build(SMALL, 2, Lowering.KERNELS), 2, inputs, Map.of()),
        1e-5);
  }

  private static Weights weights(X3D net) {
    return net.parameters()
        .unpack(parameters(net.parameters()), Map.of())
        .and(net.statistics().unpack(statistics(net.statistics()), Map.of()));
  }

  /** One clip of the training crop; and what three spatial crops of a video are cut out of, and odd sizes. */
  @ParameterizedTest
  @CsvSource({"64,64,2", "73,73,3", "73,130,1", "99,65,1"})
  void theInferenceModelIsThatOfStandardOperatorsAtAnySize(int height, int width, int batch) {
    Weights weights = weights(new X3D(SMALL));
    ModelMetadata metadata = ModelMetadata.of(SMALL, 6, 73, List.of(), Map.of());
    Map<String, Object> inputs =
        Map.of("clips", random(batch * 3 * SMALL.numFrames() * height * width, 3, -2, 2));
    Map<String, long[]> shapes = Map.of(
        "clips", new long[] {batch, 3, SMALL.numFrames(), height, width},
        "probabilities", new long[] {batch, SMALL.numClasses()});
    byte[] ours = InferenceModel.build(SMALL, weights, metadata, Lowering.KERNELS);
    byte[] standard = InferenceModel.build(SMALL, weights, metadata, Lowering.CONV3D);
    assertClose(run(standard, 2, inputs, shapes), run(ours, 2, inputs, shapes), 1e-5);
  }

  /** What a reader of the moments alone would have needed goes, and with it the convolution that was spelled twice. */
  @ParameterizedTest
  @EnumSource(Lowering.class)
  void everyNodeOfAnInferenceModelHasAReader(Lowering lowering) {
    byte[] bytes = InferenceModel.build(
        SMALL,
        weights(new X3D(SMALL)),
        ModelMetadata.of(SMALL, 6, 73, List.of(), Map.of()),
        lowering);
    OnnxFile file = OnnxFile.fromBytes(bytes);
    assertEquals(file.graph().nodes(), file.graph().liveNodes());
    long convolutions = file.graph().nodes().stream()
        .filter(n -> n.opType().startsWith("DepthwiseConv"))
        .count();
    long channelwise = new X3D(SMALL).blocks().size() + 1L;
    assertEquals(lowering == Lowering.KERNELS ? channelwise : 0, convolutions);
  }
}
