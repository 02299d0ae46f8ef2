package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The recipes of the seed project's runs. */
class ShippedRecipesTest {
  @TempDir
  Path folder;

  private static Recipe shipped(String name) {
    return Recipe.read(Path.of(name));
  }

  @Test
  void eachCanBeObeyedAndIsNamedInTheHelp() {
    String help = new CommandLine(new TrainCommand()).getUsageMessage().replaceAll("\\s+", " ");
    for (String name : Recipe.SHIPPED) {
      shipped(name).with("TRAIN.CHECKPOINT_FILE_PATH", "start.pyth").checked();
      assertTrue(help.contains(name), name);
    }
  }

  @Test
  void ofOneDeviceAndOfEightTheyDifferInBatchRatesAndWorkers() {
    assertEquals(
        List.of(
            "TRAIN.BATCH_SIZE: 256 -> 32",
            "SOLVER.BASE_LR: 0.05 -> 0.00625",
            "SOLVER.WARMUP_START_LR: 0.02 -> 0.0025",
            "DATA_LOADER.NUM_WORKERS: 3 -> 8",
            "NUM_GPUS: 8 -> 1"),
        Recipe.seed().differences(shipped("x3d_s_kinetics_1p")));
  }

  @Test
  void performanceRunsAreTheTrainingsButForTheirEnd() {
    assertEquals(
        List.of("TRAIN.PERFORMANCE: False -> True", "SOLVER.MAX_EPOCH: 300 -> 3"),
        Recipe.seed().differences(shipped("x3d_s_performance")));
    assertEquals(
        List.of("TRAIN.PERFORMANCE: False -> True", "SOLVER.MAX_EPOCH: 300 -> 1"),
        shipped("x3d_s_kinetics_1p").differences(shipped("x3d_s_performance_1p")));
  }

  @Test
  void fineTuningWithoutACheckpointIsRefused() {
    String message = assertThrows(
            RecipeException.class, () -> shipped("x3d_s_finetune").checked())
        .getMessage();
    assertEquals(
        "TRAIN.CHECKPOINT_REQUIRED is True: the recipe is for a start from a checkpoint; name it"
            + " with --finetune FILE or TRAIN.CHECKPOINT_FILE_PATH",
        message);
  }

  @Test
  void aRecipeStandsOnItsBase() throws IOException {
    Files.writeString(folder.resolve("base.yaml"), "SOLVER: {BASE_LR: 0.5, MAX_EPOCH: 7}");
    Path file =
        Files.writeString(folder.resolve("own.yaml"), "_BASE_: base.yaml\nSOLVER: {BASE_LR: 0.25}");
    assertEquals(
        List.of("SOLVER.BASE_LR: 0.1 -> 0.25", "SOLVER.MAX_EPOCH: 300 -> 7"),
        Recipe.defaults().differences(Recipe.read(file)));
    Path seed = Files.writeString(folder.resolve("seed.yaml"), "_BASE_: x3d_s_kinetics");
    assertEquals(Recipe.seed(), Recipe.read(seed));
  }

  @Test
  void aBaseThatIsNotThereOrLeadsBackIsRefused() throws IOException {
    Path a = Files.writeString(folder.resolve("a.yaml"), "_BASE_: b.yaml");
    Path b = folder.resolve("b.yaml");
    assertEquals(
        "recipe " + a + ": its _BASE_ " + b + " cannot be read",
        assertThrows(RecipeException.class, () -> Recipe.read(a)).getMessage());
    Files.writeString(b, "_BASE_: a.yaml");
    assertEquals(
        "recipe " + a + ": its _BASE_ leads in a circle, " + a + " -> " + b + " -> " + a,
        assertThrows(RecipeException.class, () -> Recipe.read(a)).getMessage());
  }
}
