package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.tensorboard.TfEvents;

class CurvesTest {
  @TempDir
  Path folder;

  private Recipe recipe(String... overrides) {
    return TestRun.recipe(folder.resolve("data"), folder.resolve("out"))
        .withOverrides(java.util.List.of(overrides));
  }

  /** By tag the values in {@code metrics.jsonl}, which have six digits. */
  private static void assertAsInMetrics(
      Path output, String type, String field, TreeMap<Long, Float> curve) throws IOException {
    Map<Long, String> expected = new TreeMap<>();
    for (String text : Files.readAllLines(output.resolve("metrics.jsonl"))) {
      JsonNode line = new ObjectMapper().readTree(text);
      if (line.get("_type").asText().equals(type)) {
        expected.put(line.get("step").asLong(), digits(line.get(field).asDouble()));
      }
    }
    Map<Long, String> actual = new TreeMap<>();
    curve.forEach((step, value) -> actual.put(step, digits(value)));
    assertEquals(expected, actual, field);
  }

  private static String digits(double value) {
    return String.format(Locale.ROOT, "%.5g", value);
  }

  @Test
  void aRunThatWasStoppedAndWentOnHasEachStepOnceUnderSlowFastsTags() throws IOException {
    TestRun.data(folder.resolve("data"), 12);
    Recipe recipe = recipe(
        "TENSORBOARD.ENABLE", "True",
        "SOLVER.MAX_EPOCH", "2",
        "TRAIN.CHECKPOINT_PERIOD_ITERATIONS", "2");
    int[] updates = {0};
    TrainOptions stopped = new TrainOptions(2, Resume.of("auto"), () -> ++updates[0] > 4);
    Trainer.train(recipe, stopped, TrainingListener.NONE);
    Trainer.train(recipe, TestRun.options("auto"), TrainingListener.NONE);

    Path output = folder.resolve("out");
    Map<String, TreeMap<Long, Float>> curves = TfEvents.curves(output.resolve("runs-kinetics"));
    assertTrue(
        curves
            .keySet()
            .containsAll(Set.of(
                "Train/loss",
                "Train/lr",
                "Train/Top1_err",
                "Train/Top5_err",
                "Val/Top1_err",
                "Val/Top5_err",
                "Train/grad_norm",
                "Memory/heap_bytes")),
        curves.keySet().toString());
    assertEquals(Set.of(1L, 2L, 3L, 4L, 5L, 6L), curves.get("Train/loss").keySet());
    assertEquals(Set.of(3L, 6L), curves.get("Val/Top1_err").keySet());
    assertAsInMetrics(output, "train", "loss", curves.get("Train/loss"));
    assertAsInMetrics(output, "train", "lr", curves.get("Train/lr"));
    assertAsInMetrics(output, "train", "top1_err", curves.get("Train/Top1_err"));
    assertAsInMetrics(output, "val", "top1_err", curves.get("Val/Top1_err"));
  }

  @Test
  void withoutTheKeyThereAreNone() {
    assertTrue(Curves.of(recipe(), 0).isEmpty());
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @Test
  void theyLieWhereSlowFastPutsThem() {
    Path output = folder.resolve("out");
    assertEquals(output.resolve("runs-kinetics"), Curves.folder(recipe()));
    assertEquals(output.resolve("tb"), Curves.folder(recipe("TENSORBOARD.LOG_DIR", "tb")));
    assertEquals(Path.of("/tb"), Curves.folder(recipe("TENSORBOARD.LOG_DIR", "/tb")));
  }

  @Test
  void anEarlierRunTakesItsCurvesAlongButNotThoseElsewhere() throws IOException {
    RunFolder run = RunFolder.at(folder.resolve("out"));
    Files.writeString(run.model(), "model");
    Path within = Files.createDirectory(run.path().resolve("runs-kinetics"));
    Path aside = run.moveAside(within).orElseThrow();
    assertTrue(Files.exists(aside.resolve("runs-kinetics")));

    Path elsewhere = Files.createDirectory(folder.resolve("tb"));
    Files.writeString(run.model(), "model");
    run.moveAside(run.path().resolve("../tb")).orElseThrow();
    assertTrue(Files.exists(elsewhere));
  }

  @Test
  void whatIsNotWrittenIsRefused() {
    RecipeException refused = assertThrows(
        RecipeException.class,
        () -> recipe("TENSORBOARD.ENABLE", "True", "TENSORBOARD.HISTOGRAM.ENABLE", "True")
            .checked());
    assertTrue(
        refused.getMessage().contains("TENSORBOARD.HISTOGRAM.ENABLE is True, but only scalars"),
        refused.getMessage());
  }
}
