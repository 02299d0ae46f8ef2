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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that only measure how fast they train. */
class PerformanceTest {
  private static final long SECOND = 1_000_000_000;

  @TempDir
  Path folder;

  @Test
  void theFirstTenUpdatesAreLeftOut() {
    Throughput throughput = new Throughput(14, 256, 0);
    long now = 0;
    for (int i = 0; i < 7; i++) {
      now += 100 * SECOND;
      throughput.update(90, now);
    }
    for (int seconds : new int[] {1, 2, 3, 2, 1, 4, 1}) { // 14 planned: the first 7 are left out
      now += seconds * SECOND;
      throughput.update(0.5, now);
    }
    Throughput.Measured pace = throughput.measured();
    assertEquals(14, pace.updates());
    assertEquals(7, pace.excludedUpdates());
    assertEquals(7 * 256, pace.clips());
    assertEquals(14, pace.seconds(), 1e-9);
    assertEquals(128, pace.clipsPerSecond(), 1e-9);
    assertEquals(2, pace.updateSeconds(), 1e-9);
    assertEquals(2, pace.updateSecondsMedian(), 1e-9);
    assertEquals(4, pace.updateSecondsP90(), 1e-9);
    assertEquals(0.5, pace.dataSeconds(), 1e-9);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 1", "19, 9", "20, 10", "5000, 10"})
  void ofAShortRunItsFirstHalfIs(long planned, int excluded) {
    Throughput throughput = new Throughput(planned, 1, 0);
    for (int i = 1; i <= planned; i++) {
      throughput.update(0, i * SECOND);
    }
    assertEquals(excluded, throughput.measured().excludedUpdates());
    assertEquals(planned - excluded, throughput.measured().seconds(), 1e-6);
  }

  @Test
  void theSeedsFormulaShowsEightTimesAsMuchOnEightDevices() {
    Throughput throughput = new Throughput(2, 256, 0);
    throughput.update(0, 5 * SECOND);
    throughput.update(0, 7 * SECOND);
    Performance found = new Performance(Map.of(), 256, 8, throughput.measured());
    assertEquals(128, found.pace().clipsPerSecond(), 1e-9);
    assertEquals(1024, found.seedFormulaFps(), 1e-9);
  }

  @Test
  void leavesFiguresAndNothingElse() throws IOException {
    Path output = folder.resolve("out");
    Recipe recipe = TestRun.recipe(
        TestRun.data(folder.resolve("data"), 13),
        output,
        "TRAIN.PERFORMANCE",
        "True",
        "TRAIN.CHECKPOINT_PERIOD_ITERATIONS",
        "1",
        "SOLVER.MAX_EPOCH",
        "2",
        "NUM_GPUS",
        "2");
    TrainResult result = Trainer.train(recipe, TestRun.options("auto"), TrainingListener.NONE);
    assertEquals(6, result.steps());
    assertTrue(result.model().isEmpty());
    try (var files = Files.list(output)) {
      assertEquals(
          List.of("metrics.jsonl", "performance.json", "recipe.yaml", "stdout.log"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
    JsonNode found =
        new ObjectMapper().readTree(output.resolve("performance.json").toFile());
    assertEquals(3, found.get("excluded_updates").asInt());
    assertEquals(12, found.get("clips").asInt());
    double rate = found.get("clips_per_second").asDouble();
    assertEquals(12 / found.get("seconds").asDouble(), rate, 1e-6 * rate);
    assertEquals(2 * rate, found.get("seed_formula_fps").asDouble(), 1e-6 * rate);
    assertEquals(2, found.at("/run/devices").asInt());
    String log = Files.readString(output.resolve("stdout.log"));
    assertTrue(log.contains("\"_type\":\"performance\""), log);
    assertFalse(log.contains("val_epoch"), log);
    assertFalse(log.contains("precise_bn"), log);
  }

  @Test
  void aFolderOfATrainingIsNotTouched() throws IOException {
    Path output = folder.resolve("out");
    Path checkpoints = Files.createDirectories(output.resolve("checkpoints"));
    Recipe recipe = TestRun.recipe(
        TestRun.data(folder.resolve("data"), 8), output, "TRAIN.PERFORMANCE", "True");
    assertEquals(
        output + " holds a training run, which a performance run is not to touch: take another"
            + " folder",
        assertThrows(
                TrainingException.class,
                () -> Trainer.train(recipe, TestRun.options("auto"), TrainingListener.NONE))
            .getMessage());
    assertTrue(Files.exists(checkpoints));
  }
}
