package x3d.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.net.ModelMetadata;
import x3d.net.TrainingStep;
import x3d.weights.ParameterLayout;
import x3d.weights.Safetensors;

class NetworkTest {
  private static final Recipe TINY = TestRun.recipe("MODEL.NUM_CLASSES", "7");

  @TempDir
  Path folder;

  private Network.Start from(String resource, Recipe recipe) {
    Path name = Path.of(resource).getFileName();
    Path file = TestRun.resource(resource, folder.resolve(name.toString()));
    TrainingStep step = Network.step(recipe, 1);
    return Network.from(Pretrained.at(file), recipe, step.parameters(), step.statistics());
  }

  private static List<String> notes(Network.Start start) {
    return start.loaded().orElseThrow().sentences();
  }

  @Test
  void startsFromAPytorchCheckpointAndFromSafetensorsAlike() {
    float[] expected = from("/reference/tiny/weights.safetensors", TINY).parameters();
    assertArrayEquals(
        expected, from("/reference/pyth/slowfast_tiny_zip.pyth", TINY).parameters());
    TrainingStep step = Network.step(TINY, 1);
    Path file = folder.resolve("weights.safetensors");
    assertArrayEquals(step.parameters().pack(Safetensors.read(file).weights()), expected);
  }

  @Test
  void aClassifierForOtherClassesStartsAfresh() {
    Network.Start start =
        from("/reference/pyth/slowfast_tiny_zip.pyth", TestRun.recipe("MODEL.NUM_CLASSES", "3"));
    assertTrue(
        notes(start).stream().anyMatch(note -> note.contains("head.projection.weight")),
        notes(start).toString());
    ParameterLayout layout =
        Network.step(TestRun.recipe("MODEL.NUM_CLASSES", "3"), 1).parameters();
    ParameterLayout.Slice bias = layout.slice("head.projection.bias");
    assertEquals(0, start.parameters()[bias.offset()]);
  }

  @Test
  void weightsOfAnotherNetworkAreRefusedByName() {
    Recipe wider = TINY.withOverrides(List.of("X3D.DIM_C5", "96"));
    String message = assertThrows(
            TrainingException.class, () -> from("/reference/pyth/slowfast_tiny_zip.pyth", wider))
        .getMessage();
    assertTrue(message.contains("head.lin_5.weight"), message);
  }

  @Test
  void aCheckpointOfARunServesAsWeights() {
    TrainingStep step = Network.step(TINY, 1);
    Network.Start fresh = Network.fresh(TINY, step.parameters(), step.statistics());
    Path file = folder.resolve("checkpoint.safetensors");
    new Checkpoint(
            fresh.parameters(),
            new float[fresh.parameters().length],
            fresh.statistics(),
            Checkpoint.Progress.START,
            TINY,
            "",
            List.of(),
            LossScaler.of(TINY).start(),
            "")
        .write(file, step.parameters(), step.statistics(), () -> {});
    Network.Start start =
        Network.from(Pretrained.at(file), TINY, step.parameters(), step.statistics());
    assertArrayEquals(fresh.parameters(), start.parameters());
    assertEquals(
        List.of(
            "loaded 140 of the 140 tensors of the network",
            "not used 92 tensors of momentum, for a new run begins without",
            "not used beside the weights: epoch 0; the run begins at epoch 0"),
        notes(start));
  }

  @Test
  void finalBatchNormsStartAtZeroOnlyIfTheRecipeSaysSo() {
    for (boolean zero : new boolean[] {true, false}) {
      Recipe recipe =
          TINY.withOverrides(List.of("RESNET.ZERO_INIT_FINAL_BN", zero ? "True" : "False"));
      TrainingStep step = Network.step(recipe, 1);
      float[] parameters =
          Network.fresh(recipe, step.parameters(), step.statistics()).parameters();
      for (ParameterLayout.Slice slice : step.parameters().slices()) {
        if (slice.name().endsWith("c_bn.weight")) {
          float[] expected = new float[slice.length()];
          Arrays.fill(expected, zero ? 0 : 1);
          assertArrayEquals(
              expected,
              Arrays.copyOfRange(parameters, slice.offset(), slice.offset() + slice.length()));
        }
      }
    }
  }

  @Test
  void modelFileSaysHowItIsToBeUsed() {
    ModelMetadata three = Network.metadata(Recipe.seed(), List.of(), Map.of());
    assertEquals(182, three.shortSide());
    assertEquals(160, three.crop());
    assertEquals(3, three.crops());
    assertEquals(10, three.views());
    Recipe one = Recipe.seed()
        .withOverrides(List.of("TEST.NUM_SPATIAL_CROPS", "1", "DATA.TEST_CROP_SIZE", "160"));
    assertEquals(182, Network.metadata(one, List.of(), Map.of()).shortSide());
    assertEquals(160, Network.metadata(one, List.of(), Map.of()).crop());
  }
}
