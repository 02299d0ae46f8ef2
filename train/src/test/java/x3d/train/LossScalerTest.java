package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LossScalerTest {
  private static final LossScaler DYNAMIC = new LossScaler(true, 65536, 24);
  private static final LossScaler STATIC = new LossScaler(false, 128, 24);

  private static LossScale after(
      LossScaler scaler, LossScale state, int updates, boolean overflow) {
    LossScale now = state;
    for (int i = 0; i < updates; i++) {
      now = scaler.after(now, overflow);
    }
    return now;
  }

  @Test
  void aDynamicScaleIsHalvedByAnOverflow() {
    assertEquals(new LossScale(32768, 0, 1, 1), DYNAMIC.after(DYNAMIC.start(), true));
  }

  @Test
  void aDynamicScaleIsDoubledBy2000GoodUpdates() {
    LossScale almost = after(DYNAMIC, DYNAMIC.start(), 1999, false);
    assertEquals(new LossScale(65536, 1999, 0, 0), almost);
    assertEquals(new LossScale(131072, 0, 0, 0), DYNAMIC.after(almost, false));
    assertEquals(262144, after(DYNAMIC, almost, 2001, false).value());
  }

  @Test
  void anOverflowBeginsTheCountOfGoodUpdatesAnew() {
    LossScale almost = after(DYNAMIC, DYNAMIC.start(), 1999, false);
    LossScale fallen = DYNAMIC.after(almost, true);
    assertEquals(new LossScale(32768, 0, 1, 1), fallen);
    assertEquals(new LossScale(32768, 1999, 1, 0), after(DYNAMIC, fallen, 1999, false));
    assertEquals(new LossScale(65536, 0, 1, 0), after(DYNAMIC, fallen, 2000, false));
  }

  @Test
  void aDynamicScaleDoesNotGrowBeyond2To24() {
    LossScale high = new LossScale(0x1p24, 1999, 3, 0);
    assertEquals(new LossScale(0x1p24, 0, 3, 0), DYNAMIC.after(high, false));
  }

  @Test
  void aDynamicScaleBelow1EndsTheRun() {
    LossScale one = after(DYNAMIC, DYNAMIC.start(), 16, true);
    assertEquals(new LossScale(1, 0, 16, 16), one);
    assertEquals(Optional.empty(), DYNAMIC.failure(one));
    String why = DYNAMIC.failure(DYNAMIC.after(one, true)).orElseThrow();
    assertTrue(why.startsWith("the gradient is not finite even at loss scale 1.0,"), why);
  }

  @Test
  void aStaticScaleStaysWhateverHappensAndOverflowsAreCounted() {
    LossScale state = after(STATIC, STATIC.start(), 5000, false);
    assertEquals(new LossScale(128, 5000, 0, 0), state);
    state = after(STATIC, state, 2, true);
    assertEquals(new LossScale(128, 0, 2, 2), state);
    assertEquals(new LossScale(128, 1, 2, 0), STATIC.after(state, false));
  }

  @Test
  void twentyFiveSkippedInARowEndTheRun() {
    LossScale state = after(STATIC, STATIC.start(), 24, true);
    assertEquals(Optional.empty(), STATIC.failure(state));
    assertEquals(
        "the gradients of 25 updates in a row are not finite, the last at loss scale 128.0",
        STATIC.failure(STATIC.after(state, true)).orElseThrow());
    assertEquals(Optional.empty(), STATIC.failure(STATIC.after(state, false)));
    LossScaler high = new LossScaler(true, 0x1p24, 2);
    assertEquals(
        "the gradients of 3 updates in a row are not finite, the last at loss scale 4194304.0",
        high.failure(after(high, high.start(), 3, true)).orElseThrow());
  }

  @Test
  void inFloat32TheFirstOverflowEndsTheRun() {
    LossScaler scaler = LossScaler.of(TestRun.recipe());
    assertEquals(
        "the gradient is not finite",
        scaler.failure(scaler.after(scaler.start(), true)).orElseThrow());
  }

  @Test
  void aRunIsResumedWithTheScaleItHadUnlessThatWasOrIsStatic() {
    LossScale saved = new LossScale(4096, 17, 5, 1);
    assertEquals(saved, DYNAMIC.resumed(saved, DYNAMIC));
    assertEquals(new LossScale(128, 17, 5, 1), STATIC.resumed(saved, DYNAMIC));
    assertEquals(new LossScale(65536, 0, 5, 1), DYNAMIC.resumed(saved, STATIC));
  }

  @Test
  void aScaleThatIsNoNumberAboveZeroIsRefused() {
    for (double scale : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> new LossScaler(false, scale, 24));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "True, O2, 128.0, False, false, 128, 24",
    "True, O1, 128, False, false, 128, 24",
    "True, O0, 128, False, false, 128, 0",
    "True, O2, dynamic, False, true, 65536, 24",
    "True, O0, dynamic, False, true, 65536, 24",
    "False, O2, 128, False, false, 1, 0",
    "False, O2, dynamic, False, false, 1, 0",
    "False, O0, 128, True, true, 65536, 24",
    "True, O0, 1, True, true, 65536, 24",
    "True, O1, dynamic, True, true, 65536, 24"
  })
  void aRecipeChoosesIt(
      String apex,
      String level,
      String scale,
      String mixed,
      boolean dynamic,
      double initial,
      int allowed) {
    Recipe recipe = Recipe.defaults()
        .withOverrides(List.of(
            "APEX.ENABLE", apex,
            "APEX.OPT_LEVEL", level,
            "APEX.LOSS_SCALE", scale,
            "TRAIN.MIXED_PRECISION", mixed))
        .checked();
    assertEquals(new LossScaler(dynamic, initial, allowed), LossScaler.of(recipe));
  }
}
