package x3d.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.collective.Collective;
import x3d.collective.InProcess;
import x3d.profile.Profile;
import x3d.profile.Profiler;
import x3d.profile.Row;
import x3d.profile.Trace;
import x3d.weights.Safetensors;

/** {@code x3d-train --profile}. */
final class RunProfileTest {
  @TempDir
  Path folder;

  /** Five updates. */
  private Recipe recipe(String output, String... overrides) {
    Path data = folder.resolve("data");
    if (!Files.exists(data)) {
      TestRun.data(data, 20);
    }
    return TestRun.recipe(data, folder.resolve(output), overrides)
        .withOverrides(List.of("SOLVER.MAX_EPOCH", "1", "BN.USE_PRECISE_STATS", "False"));
  }

  private static TrainResult train(Recipe recipe, TrainOptions options, int warmUp, int steps) {
    try (Profiler profiler = Profiler.on(new Profiler.Plan(warmUp, steps))) {
      return Trainer.train(recipe, options.with(profiler), TrainingListener.NONE);
    }
  }

  private static double millis(Profile profile, String phase) {
    return profile.phases().stream()
        .filter(row -> row.name().equals(phase))
        .mapToDouble(Row::millis)
        .findFirst()
        .orElseThrow();
  }

  private JsonNode logged(String output) throws IOException {
    for (String line : Files.readAllLines(folder.resolve(output).resolve("stdout.log"))) {
      JsonNode node = new ObjectMapper().readTree(line);
      if (node.get("_type").asText().equals("profile")) {
        return node;
      }
    }
    return null;
  }

  @Test
  void aProfiledRunLeavesATraceAndATableAndTheSameParameters() throws IOException {
    TrainResult plain =
        Trainer.train(recipe("plain"), TestRun.options("never"), TrainingListener.NONE);
    TrainResult profiled = train(recipe("profiled"), TestRun.options("never"), 1, 2);

    Trace trace = Trace.read(folder.resolve("profiled/profile/trace.json"));
    assertEquals(2, trace.about().get("steps").asInt());
    assertEquals(2, trace.about().get("bareMillis").size());
    assertEquals(4, trace.about().get("clips").asInt());
    Profile profile = Profile.of(List.of(trace));
    for (String phase : List.of("data", "forward", "backward", "optimizer")) {
      assertTrue(millis(profile, phase) > 0, phase);
    }
    assertEquals(0, profile.unattributed());
    JsonNode log = logged("profiled");
    assertTrue(log.get("table").get(0).asText().startsWith("training of X3D, "), log.toString());
    assertFalse(Files.exists(folder.resolve("plain/profile")));
    Safetensors expected = Safetensors.read(plain.checkpoint());
    Safetensors actual = Safetensors.read(profiled.checkpoint());
    for (String name : expected.names()) {
      assertArrayEquals(expected.bytes(name), actual.bytes(name), name);
    }
  }

  @Test
  void replicasHaveARowEachAndRanksAFileEach() throws Exception {
    Recipe recipe = recipe("ranks", "NUM_GPUS", "2");
    List<Collective> ranks = InProcess.of(2);
    Ranks.each(2, i -> {
      try (Collective rank = ranks.get(i)) {
        return train(recipe, TestRun.options("never").with(rank), 1, 2);
      }
    });
    List<Trace> traces = List.of(
        Trace.read(folder.resolve("ranks/profile/trace-0-of-2.json")),
        Trace.read(folder.resolve("ranks/profile/trace-1-of-2.json")));
    for (Trace trace : traces) {
      assertEquals(
          Set.of("trainer", "session 0", "session 1"),
          new TreeSet<>(trace.tracks().values()));
    }
    assertEquals(1, traces.get(1).about().get("rank").asInt());
    Profile profile = Profile.of(traces);
    assertTrue(millis(profile, "exchange") > 0);
    double all = profile.phases().stream().mapToDouble(Row::share).sum();
    assertEquals(1, all, 0.02);
  }

  @Test
  void aRunThatEndsBeforeItsProfileIsCompleteWritesWhatThereIs() throws IOException {
    train(recipe("short"), TestRun.options("never"), 1, 50);
    Trace trace = Trace.read(folder.resolve("short/profile/trace.json"));
    assertEquals(4, trace.about().get("steps").asInt());
    assertEquals(0, trace.about().get("bareMillis").size());
  }

  @Test
  void aRunThatEndsWhileItWarmsUpSaysThatThereIsNothing() throws IOException {
    train(recipe("shorter"), TestRun.options("never"), 9, 2);
    assertFalse(Files.exists(folder.resolve("shorter/profile")));
    assertTrue(logged("shorter").get("table").get(0).asText().startsWith("no update was profiled"));
  }
}
