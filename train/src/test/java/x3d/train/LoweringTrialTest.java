package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import x3d.collective.InProcess;
import x3d.net.Lowering;
import x3d.runtime.Provider;

class LoweringTrialTest {
  @Test
  void theFasterOfTwoSpellingsIsTaken() {
    Recipe recipe = TestRun.recipe();
    List<Lowering> both = List.of(Lowering.PLANES, Lowering.CONV3D);
    Batch.Dimensions dimensions = Batch.Dimensions.of(recipe, InProcess.alone());
    assertTrue(
        both.contains(LoweringTrial.fastest(recipe, TestRun.options("never"), dimensions, both)));
  }

  @Test
  void onlyCudaLeavesAChoice() {
    Recipe recipe = TestRun.recipe();
    assertEquals(List.of(Lowering.PLANES), Network.lowerings(recipe, Provider.CANN));
    assertEquals(4, Network.lowerings(recipe, Provider.CUDA).size());
    assertEquals(
        List.of(Lowering.CONV3D),
        Network.lowerings(recipe.with("MODEL.LOWERING", "conv3d"), Provider.CANN));
    assertEquals(1, Network.lowerings(recipe, Provider.CPU).size());
  }

  @Test
  void trainingOperatorsThatDamageMemoryOnTheCpuAreRefusedThere() {
    Recipe recipe = TestRun.recipe().with("MODEL.LOWERING", "conv3d_fused");
    assertTrue(assertThrows(RecipeException.class, () -> Network.lowerings(recipe, Provider.CPU))
        .getMessage()
        .contains("conv3d_fused is for GPUs"));
    assertEquals(List.of(Lowering.CONV3D_FUSED), Network.lowerings(recipe, Provider.CUDA));
  }
}
