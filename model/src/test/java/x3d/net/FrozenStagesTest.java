package x3d.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.Session;
import x3d.weights.ParameterLayout;

/** Training steps in which some stages do not learn. */
class FrozenStagesTest {
  private static final X3DConfig SMALL = new X3DConfig(1.0, 0.5, 2.25, 8, 32, 5, 4, 32, true);
  private static final X3D NET = new X3D(SMALL);
  private static final int BATCH = 3;
  private static final Set<String> FROZEN = Set.of("s1", "s2", "s3");

  private static TrainingStep.Options options(
      Lowering lowering, boolean frozenBatchNorm, Set<String> stages) {
    return new TrainingStep.Options(
        BATCH, lowering, 0.1, frozenBatchNorm, Precision.FLOAT32, ClipType.FLOAT32, stages);
  }

  private static float[] random(int size, long seed, double from, double to) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextDouble(from, to);
    }
    return values;
  }

  private static float[] parameters() {
    float[] flat = NET.parameters().initialise(1);
    for (ParameterLayout.Slice slice : NET.parameters().slices()) {
      if (slice.spec().batchNorm()) {
        float[] values = random(slice.length(), slice.offset(), 0.5, 1.5);
        System.arraycopy(values, 0, flat, slice.offset(), values.length);
      }
    }
    return flat;
  }

  private static float[] statistics() {
    return random(NET.statistics().size(), 3, 0.5, 1.5);
  }

  /** All results of a step, flat. */
  private static Map<String, float[]> run(TrainingStep.Options options, float[] statistics) {
    Map<String, float[]> values = Map.of(
        "parameters", parameters(),
        "statistics", statistics,
        "clips", random(BATCH * 3 * 4 * 32 * 32, 1, -2, 2),
        "dropout_mask", random(BATCH * 32, 2, 0, 2),
        "loss_scale", new float[] {1});
    Map<String, HostTensor> given = new LinkedHashMap<>();
    Map<String, HostTensor> filled = new LinkedHashMap<>();
    try (Session session = Session.open(TrainingStep.build(SMALL, options).onnx(), Device.cpu(1))) {
      for (String name : session.inputNames()) {
        if (name.equals("labels")) {
          given.put(name, HostTensor.longs(BATCH));
          given.get(name).longs().put(new long[] {0, 3, 1});
        } else {
          given.put(name, HostTensor.floats(session.inputShape(name)));
          given.get(name).floats().put(values.get(name));
        }
      }
      session
          .outputNames()
          .forEach(name -> filled.put(name, HostTensor.floats(session.outputShape(name))));
      session.run(given, filled);
      Map<String, float[]> results = new LinkedHashMap<>();
      filled.forEach((name, tensor) -> {
        float[] all = new float[tensor.floats().capacity()];
        tensor.floats().get(0, all);
        results.put(name, all);
      });
      return results;
    } finally {
      given.values().forEach(HostTensor::close);
      filled.values().forEach(HostTensor::close);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CONV3D_FUSED") // not for CPUs
  void gradientsOfTheOthersAreThoseOfTheWholeStepAndItsOwnAreZero(Lowering lowering) {
    float[] whole = run(options(lowering, true, Set.of()), statistics()).get("gradients");
    float[] part = run(options(lowering, true, FROZEN), statistics()).get("gradients");
    for (ParameterLayout.Slice slice : NET.parameters().slices()) {
      float[] expected = FROZEN.contains(X3D.stage(slice.name()))
          ? new float[slice.length()]
          : Arrays.copyOfRange(whole, slice.offset(), slice.offset() + slice.length());
      assertArrayEquals(
          expected,
          Arrays.copyOfRange(part, slice.offset(), slice.offset() + slice.length()),
          1e-6f,
          slice.name());
    }
  }

  /** By statistics that are the batch's own it computes what a stage that is not frozen does. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CONV3D_FUSED") // not for CPUs
  void aFrozenStageNormalisesByTheRunningStatistics(Lowering lowering) {
    Map<String, float[]> free = run(options(lowering, false, Set.of()), statistics());
    float[] own = free.get("batch_statistics").clone();
    for (ParameterLayout.Slice slice : NET.statistics().slices()) {
      if (slice.name().endsWith("running_var")) {
        int size = SMALL.crop() >> size(slice.name());
        double count = (double) BATCH * SMALL.numFrames() * size * size;
        for (int i = slice.offset(); i < slice.offset() + slice.length(); i++) {
          own[i] *= (float) ((count - 1) / count);
        }
      }
    }
    Map<String, float[]> frozen = run(options(lowering, false, FROZEN), own);
    assertArrayEquals(free.get("logits"), frozen.get("logits"), 1e-3f);
    for (ParameterLayout.Slice slice : NET.statistics().slices()) {
      boolean given = FROZEN.contains(X3D.stage(slice.name()));
      for (int i = slice.offset(); i < slice.offset() + slice.length(); i++) {
        float expected = given ? own[i] : free.get("batch_statistics")[i];
        assertEquals(expected, frozen.get("batch_statistics")[i], given ? 0 : 1e-3, slice.name());
      }
    }
  }

  /** How often the spatial size was halved before this batch norm. */
  private static int size(String norm) {
    String stage = X3D.stage(norm);
    int halvings = stage.equals("head") ? 5 : Integer.parseInt(stage.substring(1));
    boolean before = norm.contains("res0.branch2.a_bn");
    return before ? halvings - 1 : halvings;
  }

  @Test
  void noNodeComputesAGradientOfTheFirstStages() {
    Set<String> first = Set.of("s1", "s2", "s3");
    List<String> names =
        TrainingStep.graph(NET, options(Lowering.KERNELS, false, first)).nodes().stream()
            .map(node -> node.name())
            .toList();
    assertTrue(names.stream().anyMatch(name -> name.startsWith("gradient/s4.")));
    for (String stage : first) {
      assertFalse(
          names.stream().anyMatch(name -> name.startsWith("gradient/" + stage + ".")), stage);
    }
  }

  @Test
  void allStagesOrOthersThanThereAreAreRefused() {
    for (Set<String> stages : List.of(Set.copyOf(X3D.STAGES), Set.of("s6"))) {
      assertThrows(IllegalArgumentException.class, () -> options(Lowering.CONV3D, false, stages));
    }
  }
}
