package x3d.tools.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.graph.Liveness;
import x3d.graph.OnnxFile;
import x3d.train.Network;
import x3d.train.Recipe;

final class DemandTest {
  static final List<String> SMALL = List.of(
      "X3D.WIDTH_FACTOR",
      "1",
      "X3D.DEPTH_FACTOR",
      "0.4",
      "X3D.DIM_C1",
      "8",
      "X3D.DIM_C5",
      "64",
      "DATA.NUM_FRAMES",
      "4",
      "DATA.TRAIN_CROP_SIZE",
      "32",
      "DATA.TEST_CROP_SIZE",
      "32",
      "DATA.TRAIN_JITTER_SCALES",
      "[40, 48]",
      "MODEL.NUM_CLASSES",
      "7",
      "TEST.NUM_SPATIAL_CROPS",
      "1");

  private static Recipe small(String lowering) {
    return Recipe.seed().withOverrides(SMALL).with("MODEL.LOWERING", lowering);
  }

  @ParameterizedTest
  @ValueSource(strings = {"conv3d", "planes", "kernels"})
  void twoGraphsTellOfALargerOne(String lowering) {
    Recipe recipe = small(lowering);
    Liveness of9 =
        Liveness.of(OnnxFile.fromBytes(Network.step(recipe, 9).onnx()).graph());
    assertEquals(of9.peak(), Demand.of(recipe).activations().peak(9));
  }

  @Test
  void inputsAndOutputsAreCounted() {
    Demand demand = Demand.of(small("conv3d"));
    assertEquals(4 * 3 * 4 * 32 * 32, demand.clips());
    // a label, a mask and logits a clip; loss, scale and statistics once
    assertEquals(8 + 4 * 64 + 4 * 7, demand.others().each());
    assertEquals(4 + 4 + 4 * demand.statistics(), demand.others().fixed());
  }

  @Test
  void frozenBatchNormMeasuresNoStatistics() {
    Demand demand = Demand.of(small("conv3d").with("MODEL.FROZEN_BN", true));
    assertEquals(0, demand.statistics());
  }
}
