package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogTest {
  @TempDir
  Path folder;

  @Test
  void writesAJsonObjectALineAndTellsItsListener() throws IOException {
    List<String> heard = new ArrayList<>();
    try (RunLog log = new RunLog(folder, 0, Optional.empty(), line -> heard.add(line.toString()))) {
      log.line("val_epoch", Map.of("top1_err", 12.3456789));
      log.line("odd", Map.of("loss", Double.NaN));
    }
    assertEquals(
        List.of(
            "{\"_type\":\"val_epoch\",\"top1_err\":12.3457}",
            "{\"_type\":\"odd\",\"loss\":\"NaN\"}"),
        Files.readAllLines(folder.resolve("stdout.log")));
    assertEquals(Files.readAllLines(folder.resolve("stdout.log")), heard);
  }

  @Test
  void aResumedRunHasNoStepTwiceInItsMetrics() throws IOException {
    try (RunLog log = new RunLog(folder, 0, Optional.empty(), line -> {})) {
      for (int step = 1; step <= 5; step++) {
        log.metric("train", step, Map.of("loss", 0.5 * step));
      }
    }
    Path metrics = folder.resolve("metrics.jsonl");
    Files.writeString(metrics, Files.readString(metrics) + "{\"step\":6,\"lo"); // killed here
    try (RunLog log = new RunLog(folder, 3, Optional.empty(), line -> {})) {
      log.metric("train", 4, Map.of("loss", 9.0));
    }
    assertEquals(
        List.of(
            "{\"step\":1,\"_type\":\"train\",\"loss\":0.5}",
            "{\"step\":2,\"_type\":\"train\",\"loss\":1.0}",
            "{\"step\":3,\"_type\":\"train\",\"loss\":1.5}",
            "{\"step\":4,\"_type\":\"train\",\"loss\":9.0}"),
        Files.readAllLines(metrics));
  }
}
