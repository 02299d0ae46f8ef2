package x3d.tools.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.tools.Json;

final class ProfileTest {
  @TempDir
  Path folder;

  static Profile profile(int threads, int cores, double slowdown, Profile.Point... points) {
    return new Profile(
        "conv3d",
        1000,
        threads,
        cores,
        List.of(points),
        0.002,
        Optional.of(new Profile.Crowd(cores, slowdown)),
        Optional.of(new Profile.Exchange("threads of one process", 2, 1e9, 1e-5)),
        Map.of("processor", "one"));
  }

  private Path bench(int batch, double millisAClip) throws IOException {
    return Files.writeString(
        folder.resolve("bench" + batch + ".json"), """
        {"bench": "train", "settings": {"lowering": "conv3d", "parameters": 1000, "batch": %d, "threads": 2},
         "measurements": [{"ours": {"millisPerItem": {"median": %s}}}], "figures": {"optimizerMillis": 1.0},
         "machine": {"processor": "one", "cores": 4}}
        """.formatted(batch, millisAClip));
  }

  @Test
  void isReadAsItWasWritten() throws IOException {
    Profile written = profile(1, 2, 1.25, new Profile.Point(2, 0.5), new Profile.Point(4, 0.75));
    Path file = folder.resolve("profile.json");
    Json.save(file, Json.pretty(written.fields()));
    assertEquals(written, Profile.read(List.of(file)));
  }

  @Test
  void twoBenchReportsMakeALine() throws IOException {
    Profile profile = Profile.read(List.of(bench(2, 60.5), bench(4, 45.25)));
    Profile.Line line = profile.line(); // 120 ms for 2 and 180 for 4, the optimizer left out
    assertEquals(0.060, line.fixed(), 1e-9);
    assertEquals(0.030, line.each(), 1e-9);
    assertEquals(0.001, profile.optimizerSeconds(), 1e-12);
    assertEquals(4, profile.cores());
  }

  @Test
  void aLineNeverBeginsBelowZero() {
    Profile.Line line =
        profile(1, 2, 1, new Profile.Point(1, 1), new Profile.Point(2, 3)).line();
    assertEquals(0, line.fixed());
    assertEquals(7.0 / 5, line.each(), 1e-9);
  }

  @Test
  void aSingleStepIsAllItsClips() {
    Profile.Line line = profile(1, 2, 1, new Profile.Point(4, 2)).line();
    assertEquals(1.5, line.at(3), 1e-9);
  }

  @Test
  void slowdownRisesToAllCoresAndThenByTurns() {
    Profile profile = profile(1, 4, 1.6, new Profile.Point(1, 1));
    assertEquals(1, profile.slowdown(1));
    assertEquals(1.2, profile.slowdown(2), 1e-9);
    assertEquals(1.6, profile.slowdown(4), 1e-9);
    assertEquals(3.2, profile.slowdown(8), 1e-9);
  }

  @Test
  void aDeviceOfAllCoresOnlyTakesTurns() {
    Profile profile = new Profile(
        "conv3d",
        1000,
        2,
        2,
        List.of(new Profile.Point(1, 1)),
        0,
        Optional.empty(),
        Optional.empty(),
        Map.of());
    assertEquals(1, profile.slowdown(2));
    assertEquals(2, profile.slowdown(4));
  }

  @Test
  void anotherFileIsRefusedByName() throws IOException {
    Path file = Files.writeString(folder.resolve("other.json"), "{\"bench\": \"load\"}");
    IllegalArgumentException failure =
        assertThrows(IllegalArgumentException.class, () -> Profile.read(List.of(file)));
    assertTrue(failure.getMessage().startsWith(file + ": neither a profile"), failure.getMessage());
  }

  @Test
  void theSameBatchTwiceIsRefused() throws IOException {
    Path one = bench(2, 50);
    assertThrows(IllegalArgumentException.class, () -> Profile.read(List.of(one, one)));
  }
}
