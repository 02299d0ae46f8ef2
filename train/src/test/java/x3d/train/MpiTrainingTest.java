package x3d.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import x3d.collective.MpiJob;
import x3d.collective.MpiJob.Launcher;
import x3d.weights.Safetensors;

/** {@code mpirun -n N x3d-train} on this machine, with both MPI libraries. */
class MpiTrainingTest {
  private static final String LAST = "checkpoints/checkpoint_epoch_00004.safetensors";
  private static final Predicate<String> NEVER = line -> false;
  private static final Predicate<String> MIDDLE_OF_EPOCH_3 =
      line -> line.contains("\"train_iter\",\"epoch\":3,\"epochs\":4,\"iteration\":3,");

  @TempDir
  static Path folder;

  private static Path data;
  private static Path recipe;
  private static Path alone;

  /** Twenty updates at frozen batch norm, in one process. */
  @BeforeAll
  static void trainInOneProcess() throws Exception {
    data = TestRun.data(folder.resolve("data"), 23);
    recipe = Files.writeString(
        folder.resolve("recipe.yaml"),
        TestRun.recipe("MODEL.FROZEN_BN", "True", "SOLVER.MAX_EPOCH", "4", "TRAIN.EVAL_PERIOD", "4")
            .toYaml());
    alone = folder.resolve("alone");
    TrainProcess.Outcome outcome = TrainProcess.run(data, alone, recipe);
    assertEquals(0, outcome.exitCode(), outcome.lines().toString());
  }

  private static MpiJob.Outcome train(
      Launcher launcher, int ranks, Path output, Predicate<String> moment, Consumer<MpiJob> deed)
      throws Exception {
    return train(launcher, ranks, data, output, moment, deed);
  }

  private static MpiJob.Outcome train(
      Launcher launcher,
      int ranks,
      Path videos,
      Path output,
      Predicate<String> moment,
      Consumer<MpiJob> deed)
      throws Exception {
    List<String> arguments = List.of(
        "--data",
        videos.toString(),
        "--output",
        output.toString(),
        "--recipe",
        recipe.toString(),
        "--threads",
        "1");
    return MpiJob.run(
        launcher,
        ranks,
        Map.of(),
        moment,
        deed,
        TrainCommand.class,
        arguments.toArray(String[]::new));
  }

  private static void assertEndsWhereOneProcessEnds(Path output) {
    Safetensors expected = Safetensors.read(alone.resolve(LAST));
    Safetensors actual = Safetensors.read(output.resolve(LAST));
    assertEquals(expected.names(), actual.names());
    for (String name : expected.names()) {
      assertArrayEquals(expected.floats(name), actual.floats(name), 1e-5f, name);
    }
  }

  // That the parameters are the same bits on all ranks is what they agree on before a checkpoint
  // gets its name: Consensus.
  @ParameterizedTest
  @CsvSource({"OPEN_MPI, 2", "OPEN_MPI, 4", "MPICH, 2", "MPICH, 4"})
  void ranksEndWhereOneProcessEnds(Launcher launcher, int ranks) throws Exception {
    Path output = folder.resolve(launcher + "-" + ranks);
    MpiJob.Outcome outcome = train(launcher, ranks, output, NEVER, job -> {});
    assertEquals(0, outcome.exitCode(), outcome.text());
    assertEndsWhereOneProcessEnds(output);
    String run = line(outcome, "\"_type\":\"run\"");
    assertTrue(run.contains("\"ranks\":" + ranks), run);
    assertTrue(run.contains(launcher == Launcher.OPEN_MPI ? "Open MPI" : "MPICH"), run);
    assertEquals(1, outcome.lines().stream().filter(l -> l.contains("\"run\"")).count());
  }

  private static String line(MpiJob.Outcome outcome, String part) {
    return outcome.lines().stream()
        .filter(line -> line.contains(part))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing says " + part + ": " + outcome.text()));
  }

  @ParameterizedTest
  @EnumSource(Launcher.class)
  void aKilledRankEndsTheJobWhichGoesOnFromItsLastCheckpoint(Launcher launcher) throws Exception {
    Path output = folder.resolve("killed-" + launcher);
    long[] killed = new long[1];
    MpiJob.Outcome outcome = train(launcher, 4, output, MIDDLE_OF_EPOCH_3, job -> {
      killed[0] = System.nanoTime();
      job.rank(2).destroyForcibly();
    });
    double seconds = (System.nanoTime() - killed[0]) / 1e9;
    assertNotEquals(0, outcome.exitCode(), outcome.text());
    assertTrue(killed[0] != 0 && seconds < 10, "ended after " + seconds + " s " + outcome.text());
    // MPICH's shared memory may find the rank gone before mpiexec does, and ends the job by that.
    assertTrue(
        outcome.lines().stream()
            .anyMatch(line -> line.contains("signal 9")
                || line.contains("KILLED BY SIGNAL: 9")
                || line.contains("returned -1: No such process")),
        outcome.text());
    assertFalse(Files.exists(output.resolve("model.onnx")));
    for (Path file : checkpoints(output)) {
      if (!file.toString().endsWith(".tmp")) {
        Safetensors.read(file);
      }
    }

    MpiJob.Outcome resumed = train(launcher, 4, output, NEVER, job -> {});
    assertEquals(0, resumed.exitCode(), resumed.text());
    assertTrue(line(resumed, "\"resumed\"").contains("checkpoint_epoch_00002"), resumed.text());
    assertEndsWhereOneProcessEnds(output);
  }

  private static List<Path> checkpoints(Path output) throws IOException {
    try (Stream<Path> files = Files.list(output.resolve("checkpoints"))) {
      return files.toList();
    }
  }

  @Test
  void aRankThatFailsSaysWhyByItsNumberAndEndsTheOthers() throws Exception {
    Path output = folder.resolve("failing");
    Path broken = Files.createDirectories(folder.resolve("broken-data"));
    Files.write(broken.resolve("train.csv"), List.of("a.mp4 0", "b.mp4 1", "c.mp4 2", "d.mp4 0"));
    MpiJob.Outcome outcome = train(Launcher.OPEN_MPI, 2, broken, output, NEVER, job -> {});
    assertNotEquals(0, outcome.exitCode(), outcome.text());
    assertTrue(outcome.seconds() < 60, outcome.text());
    String reason = line(outcome, "x3d-train: rank ");
    assertTrue(reason.contains(" of 2 (process "), reason);
    assertTrue(reason.contains("videos in a row could not be read"), reason);
  }
}
