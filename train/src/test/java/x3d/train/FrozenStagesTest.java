package x3d.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import x3d.net.X3D;
import x3d.weights.ParameterLayout;

/** Stages that stay as they are while others train, and a rate of the head's own. */
class FrozenStagesTest {
  private static final double RATE = 0.01;
  private static final double KEPT = 0.9;
  private static final Set<String> FROZEN = Set.of("s1", "s2", "s4");

  private static Recipe recipe(String... overrides) {
    return TestRun.recipe(
            "MODEL.DROPOUT_RATE", "0",
            "RESNET.ZERO_INIT_FINAL_BN", "False",
            "SOLVER.WEIGHT_DECAY", "0.01",
            "BN.WEIGHT_DECAY", "0.02")
        .withOverrides(List.of(overrides));
  }

  private static float[] clips(long seed) {
    Random random = new Random(seed);
    float[] clips = new float[4 * 3 * 4 * 32 * 32];
    for (int i = 0; i < clips.length; i++) {
      clips[i] = (float) random.nextGaussian();
    }
    return clips;
  }

  private static void update(Rig rig, int step) {
    rig.update(clips(step), new int[] {0, 1, 2, 1}, RATE);
  }

  private static float[] part(float[] flat, ParameterLayout.Slice slice) {
    return Arrays.copyOfRange(flat, slice.offset(), slice.offset() + slice.length());
  }

  @ParameterizedTest
  @CsvSource({"1, false", "2, false", "1, true"})
  void nothingOfAFrozenStageChangesAndAllOfTheOthersDoes(int replicas, boolean onDevice) {
    Recipe recipe = recipe("TRAIN.FROZEN_STAGES", "[s1, s2, s4]");
    try (Rig rig = new Rig(recipe, replicas, 4, 1, null, onDevice)) {
      for (int step = 0; step < 2; step++) {
        update(rig, step);
      }
      float[] parameters = rig.engine.parameters();
      float[] momentum = rig.engine.momentum();
      for (ParameterLayout.Slice slice : rig.step.parameters().slices()) {
        float[] before = part(rig.parameters, slice);
        if (FROZEN.contains(X3D.stage(slice.name()))) {
          assertArrayEquals(before, part(parameters, slice), slice.name());
          assertArrayEquals(new float[slice.length()], part(momentum, slice), slice.name());
        } else {
          assertNotEquals(
              Arrays.toString(before), Arrays.toString(part(parameters, slice)), slice.name());
        }
      }
      float[] statistics = rig.engine.statistics();
      for (ParameterLayout.Slice slice : rig.step.statistics().slices()) {
        assertEquals(
            FROZEN.contains(X3D.stage(slice.name())),
            Arrays.equals(part(rig.statistics, slice), part(statistics, slice)),
            slice.name());
      }
    }
  }

  /** Of the momentum after each update follows what SGD's direction was, and of it the step. */
  @ParameterizedTest
  @CsvSource({"1, false", "2, false", "1, true"})
  void theHeadMovesAtARateOfItsOwn(int replicas, boolean onDevice) {
    float[] firstDirection;
    try (Rig plain = new Rig(recipe(), replicas, 4, 1, null, onDevice)) {
      update(plain, 0);
      firstDirection = plain.engine.momentum();
    }
    Recipe recipe = recipe("SOLVER.HEAD_LR_SCALE", "10", "TRAIN.FROZEN_STAGES", "[s1]");
    try (Rig rig = new Rig(recipe, replicas, 4, 1, null, onDevice)) {
      float[] p = rig.parameters.clone();
      float[] m = new float[p.length];
      for (int step = 0; step < 2; step++) {
        update(rig, step);
        float[] momentum = rig.engine.momentum();
        float[] parameters = rig.engine.parameters();
        for (ParameterLayout.Slice slice : rig.step.parameters().slices()) {
          String stage = X3D.stage(slice.name());
          double scale = stage.equals("s1") ? 0 : stage.equals("head") ? 10 : 1;
          for (int i = slice.offset(); i < slice.offset() + slice.length(); i++) {
            double direction = momentum[i] - KEPT * m[i];
            double expected = p[i] - RATE * scale * (direction + KEPT * momentum[i]);
            assertEquals(expected, parameters[i], 1e-6 + 1e-5 * Math.abs(expected), slice.name());
          }
        }
        p = parameters;
        m = momentum;
      }
      assertEquals(firstDirection.length, m.length);
    }
  }

  @Test
  void theRateOfTheHeadChangesNoDirection() {
    float[][] momentum = new float[2][];
    for (int i = 0; i < 2; i++) {
      Recipe recipe = recipe("SOLVER.HEAD_LR_SCALE", i == 0 ? "1" : "10");
      try (Rig rig = new Rig(recipe, 1, 4, null)) {
        update(rig, 0);
        momentum[i] = rig.engine.momentum();
      }
    }
    assertArrayEquals(momentum[0], momentum[1]);
  }

  @Test
  void aDeviceAndTheHostTakeTheSameSteps() {
    float[][] after = new float[2][];
    Recipe recipe = recipe("SOLVER.HEAD_LR_SCALE", "10", "TRAIN.FROZEN_STAGES", "[s1, s2]");
    for (int i = 0; i < 2; i++) {
      try (Rig rig = new Rig(recipe, 1, 4, 1, null, i == 1)) {
        for (int step = 0; step < 3; step++) {
          update(rig, step);
        }
        after[i] = rig.engine.parameters();
      }
    }
    assertArrayEquals(after[0], after[1], 1e-5f);
  }

  @Test
  void whatIsFrozenLaterBeginsWithoutMomentum() {
    Recipe recipe = recipe("TRAIN.FROZEN_STAGES", "[head]");
    ParameterLayout layout = Network.step(recipe, 1).parameters();
    float[] momentum = new float[layout.size()];
    Arrays.fill(momentum, 1);
    float[] moving = ParameterGroups.of(layout, recipe).moving(momentum);
    int head = layout.slice("head.conv_5.weight").offset();
    for (int i = 0; i < moving.length; i++) {
      assertEquals(i < head ? 1 : 0, moving[i]);
    }
  }

  @Test
  void stagesThatThereAreNotOrAllOfThemAreRefused() {
    assertEquals(
        "TRAIN.FROZEN_STAGES is [s1, stem]; it must be a list of some of s1, s2, s3, s4, s5, head,"
            + " not of all",
        refusal("TRAIN.FROZEN_STAGES", "[s1, stem]"));
    assertTrue(refusal("TRAIN.FROZEN_STAGES", "[s1, s2, s3, s4, s5, head]").endsWith("not of all"));
    assertEquals(
        "SOLVER.HEAD_LR_SCALE is 0.0; it must be above 0 (TRAIN.FROZEN_STAGES [head] freezes the"
            + " head)",
        refusal("SOLVER.HEAD_LR_SCALE", "0"));
  }

  private static String refusal(String... overrides) {
    return assertThrows(RecipeException.class, () -> TestRun.recipe(overrides).checked())
        .getMessage();
  }
}
