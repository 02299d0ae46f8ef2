package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import x3d.net.ClipType;
import x3d.net.Lowering;
import x3d.net.Precision;
import x3d.net.TrainingStep;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.Session;
import x3d.weights.ParameterLayout;
import x3d.weights.Safetensors;

/**
 * Gradients in float16 against those in float32, at the weights and clips of {@code reference/tiny}.
 *
 * <p>A Relu's gradient jumps where its argument crosses zero, and in a batch of 3 clips of 4 frames, whose last stages
 * have 12 elements a channel, a single element that rounding takes across changes all gradients before it by percents.
 * So float32 is computed with the choices that the Relus made in float16 ({@link Gates}), which differ in a few elements.
 * Measured then: the whole gradient differs by 2e-3 (conv3d) and 6e-3 (planes), the worst parameter by 1.7e-2; with
 * float32's own choices the whole differs by 6e-2 to 1e-1.
 */
class MixedPrecisionTest {
  private static final Recipe RECIPE = TestRun.recipe("MODEL.NUM_CLASSES", "7");
  private static final int BATCH = 3;
  private static final double TOLERANCE = 2e-2;

  @TempDir
  Path folder;

  private TrainingStep step(Lowering lowering, Precision precision, boolean frozen) {
    return TrainingStep.build(
        Network.config(RECIPE),
        new TrainingStep.Options(BATCH, lowering, 0, frozen, precision, ClipType.FLOAT32));
  }

  private Safetensors reference(String name) {
    Path file = folder.resolve(name);
    return Safetensors.read(
        file.toFile().exists() ? file : TestRun.resource("/reference/tiny/" + name, file));
  }

  /** All results of a step; its gates are given if it wants them. */
  private Map<String, float[]> run(
      TrainingStep step, byte[] onnx, double scale, Map<String, float[]> gates) {
    Map<String, float[]> inputs = new LinkedHashMap<>(gates);
    inputs.put(
        "parameters", step.parameters().pack(reference("weights.safetensors").weights()));
    inputs.put(
        "statistics", step.statistics().pack(reference("weights.safetensors").weights()));
    inputs.put("clips", reference("batch.safetensors").floats("clips"));
    float[] ones = new float[BATCH * step.config().dimC5()];
    Arrays.fill(ones, 1);
    inputs.put("dropout_mask", ones);
    inputs.put("loss_scale", new float[] {(float) scale});
    Map<String, HostTensor> given = new LinkedHashMap<>();
    Map<String, HostTensor> filled = new LinkedHashMap<>();
    try (Session session = Session.open(onnx, Device.cpu(2))) {
      for (String name : session.inputNames()) {
        if (name.equals("labels")) {
          given.put(name, HostTensor.longs(BATCH));
          given.get(name).longs().put(reference("batch.safetensors").longs("labels"));
        } else {
          given.put(name, HostTensor.floats(session.inputShape(name)));
          given.get(name).floats().put(inputs.get(name));
        }
      }
      for (String name : session.outputNames()) {
        filled.put(name, HostTensor.floats(session.outputShape(name)));
      }
      session.run(given, filled);
      Map<String, float[]> results = new LinkedHashMap<>();
      filled.forEach((name, tensor) -> results.put(name, values(tensor.floats())));
      return results;
    } finally {
      given.values().forEach(HostTensor::close);
      filled.values().forEach(HostTensor::close);
    }
  }

  private static float[] values(FloatBuffer buffer) {
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  /** Relative L2 difference of a part of two flat gradients, the second of the loss times its scale; 0 where the gradient is. */
  private static double difference(
      float[] exact, float[] rounded, double scale, int from, int length) {
    double difference = 0;
    double norm = 0;
    for (int i = from; i < from + length; i++) {
      difference += Math.pow(exact[i] - rounded[i] / scale, 2);
      norm += Math.pow(exact[i], 2);
    }
    return Math.sqrt(norm) > 1e-6 ? Math.sqrt(difference / norm) : 0;
  }

  private static void assertClose(TrainingStep step, float[] exact, float[] rounded, double scale) {
    assertTrue(difference(exact, rounded, scale, 0, exact.length) < TOLERANCE / 2, "whole");
    for (ParameterLayout.Slice slice : step.parameters().slices()) {
      double error = difference(exact, rounded, scale, slice.offset(), slice.length());
      assertTrue(error < TOLERANCE, slice.name() + " differs by " + error);
    }
  }

  private void assertWithinTolerance(Lowering lowering, Precision precision, double scale) {
    TrainingStep rounding = step(lowering, precision, false);
    TrainingStep exact = step(lowering, Precision.FLOAT32, false);
    Map<String, float[]> rounded = run(rounding, Gates.shown(rounding.onnx()), scale, Map.of());
    Map<String, float[]> expected = run(exact, Gates.given(exact.onnx()), 1, rounded);
    assertEquals(expected.get("loss")[0], rounded.get("loss")[0], 1e-3);
    assertClose(exact, expected.get("gradients"), rounded.get("gradients"), scale);
  }

  @ParameterizedTest
  @CsvSource({
    "CONV3D, FLOAT16",
    "PLANES, FLOAT16",
    "CONV3D, FLOAT16_PRODUCTS",
    "PLANES, FLOAT16_PRODUCTS"
  })
  void gradientsAreWithinTwoPercentOfThoseInFloat32(Lowering lowering, Precision precision) {
    assertWithinTolerance(lowering, precision, 128);
  }

  /** With normalisation by fixed numbers no single element counts for so much: this needs no gates. */
  @ParameterizedTest
  @CsvSource({
    "CONV3D, FLOAT16",
    "PLANES, FLOAT16",
    "CONV3D, FLOAT16_PRODUCTS",
    "PLANES, FLOAT16_PRODUCTS"
  })
  void soAreThoseWithFrozenBatchNorm(Lowering lowering, Precision precision) {
    TrainingStep rounding = step(lowering, precision, true);
    TrainingStep exact = step(lowering, Precision.FLOAT32, true);
    float[] rounded = run(rounding, rounding.onnx(), 128, Map.of()).get("gradients");
    assertClose(exact, run(exact, exact.onnx(), 1, Map.of()).get("gradients"), rounded, 128);
  }

  @Test
  void aDynamicScaleFallsUntilTheGradientIsFiniteAndThenItIsAsClose() {
    TrainingStep step = step(Lowering.CONV3D, Precision.FLOAT16, false);
    LossScaler scaler = new LossScaler(true, 0x1p21, LossScaler.SKIPS_ALLOWED);
    LossScale scale = scaler.start();
    while (!finite(run(step, step.onnx(), scale.value(), Map.of()).get("gradients"))) {
      scale = scaler.after(scale, true);
      assertTrue(scaler.failure(scale).isEmpty());
    }
    assertTrue(scale.overflows() > 0, scale.toString());
    assertEquals(0x1p21 / Math.pow(2, scale.overflows()), scale.value());
    assertTrue(scale.value() >= LossScaler.DYNAMIC_START, scale.toString());
    assertWithinTolerance(Lowering.CONV3D, Precision.FLOAT16, scale.value());
  }

  private static boolean finite(float[] values) {
    boolean finite = true;
    for (float value : values) {
      finite &= Float.isFinite(value);
    }
    return finite;
  }
}
