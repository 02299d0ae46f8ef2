package x3d.tools.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogReaderTest {
  @TempDir
  Path folder;

  /** What it heard, a restart as {@code restarted}. */
  private static final class Heard implements RunLogReader.Listener {
    private final List<String> log = new ArrayList<>();
    private final List<String> metrics = new ArrayList<>();

    @Override
    public void logged(JsonNode line) {
      log.add(line.toString());
    }

    @Override
    public void measured(JsonNode line) {
      metrics.add(line.toString());
    }

    @Override
    public void logRestarted() {
      log.add("restarted");
    }

    @Override
    public void metricsRestarted() {
      metrics.add("restarted");
    }
  }

  private final Heard heard = new Heard();

  private static String metric(int step, double loss) {
    return "{\"step\":" + step + ",\"_type\":\"train\",\"loss\":" + loss + "}";
  }

  private void metrics(String text) throws IOException {
    Files.writeString(folder.resolve("metrics.jsonl"), text);
  }

  @Test
  void readInTwoPiecesCutAnywhereItGivesTheSameLines() throws IOException {
    String text =
        metric(1, 0.5) + "\n" + "{\"_type\":\"ü\",\"unknown\":[1]}\n\n" + metric(2, 0.25) + "\n";
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    List<String> whole =
        List.of(metric(1, 0.5), "{\"_type\":\"ü\",\"unknown\":[1]}", metric(2, 0.25));
    for (int cut = 0; cut <= bytes.length; cut++) {
      Path file = folder.resolve("metrics.jsonl");
      Files.write(file, Arrays.copyOf(bytes, cut));
      Heard each = new Heard();
      RunLogReader reader = new RunLogReader(folder, each);
      reader.update();
      Files.write(file, bytes);
      reader.update();
      reader.update();
      assertEquals(whole, each.metrics, "cut at " + cut);
    }
  }

  @Test
  void theRestOfALineOfAKilledRunIsPassedOver() throws IOException {
    Files.writeString(
        folder.resolve("stdout.log"),
        "{\"_type\":\"train_iter\",\"lo\n{\"_type\":\"run\"}\nnull\n7\n{\"a\":1}\n{\"_type\":\"mod");
    new RunLogReader(folder, heard).update();
    assertEquals(List.of("{\"_type\":\"run\"}"), heard.log);
  }

  @Test
  void aRunThatGoesOnFromAnEarlierStepIsReadAgain() throws IOException {
    metrics(metric(1, 1) + "\n" + metric(2, 2) + "\n" + metric(3, 3) + "\n");
    RunLogReader reader = new RunLogReader(folder, heard);
    reader.update();
    metrics(
        metric(1, 1) + "\n" + metric(2, 2.5) + "\n" + metric(3, 3.5) + "\n" + metric(4, 4) + "\n");
    reader.update();
    assertEquals(
        List.of(
            metric(1, 1),
            metric(2, 2),
            metric(3, 3),
            "restarted",
            metric(1, 1),
            metric(2, 2.5),
            metric(3, 3.5),
            metric(4, 4)),
        heard.metrics);
  }

  @Test
  void aRunThatBeginsAnewIsReadAgain() throws IOException {
    metrics(metric(1, 1) + "\n" + metric(2, 2) + "\n");
    RunLogReader reader = new RunLogReader(folder, heard);
    reader.update();
    Files.delete(folder.resolve("metrics.jsonl"));
    reader.update();
    metrics(metric(1, 9) + "\n");
    reader.update();
    assertEquals(List.of(metric(1, 1), metric(2, 2), "restarted", metric(1, 9)), heard.metrics);
  }

  @Test
  void whatIsNoRunIsNamed() {
    assertEquals(
        folder
            + ": no run is there, for it holds neither stdout.log nor metrics.jsonl; name one that"
            + " x3d-train had as --output",
        assertThrows(IllegalArgumentException.class, () -> new RunLogReader(folder))
            .getMessage());
    assertEquals(
        folder.resolve("x") + ": no such folder; name one that x3d-train had as --output",
        assertThrows(IllegalArgumentException.class, () -> new RunLogReader(folder.resolve("x")))
            .getMessage());
  }

  @Test
  void whatJsonHasNoNumberForIsOneAgain() throws IOException {
    metrics("{\"_type\":\"train\",\"a\":\"NaN\",\"b\":\"-Infinity\",\"c\":2,\"d\":\"x\"}\n");
    List<Double> numbers = new ArrayList<>();
    new RunLogReader(folder, new RunLogReader.Listener() {
          @Override
          public void measured(JsonNode line) {
            for (String field : List.of("a", "b", "c", "d", "e")) {
              numbers.add(RunLogReader.number(line, field));
            }
          }
        })
        .update();
    assertEquals(
        List.of(Double.NaN, Double.NEGATIVE_INFINITY, 2.0, Double.NaN, Double.NaN), numbers);
  }
}
