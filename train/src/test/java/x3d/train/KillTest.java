package x3d.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.weights.Safetensors;

/** Runs that end by a signal, each a process of its own. */
class KillTest {
  private static final Predicate<String> MIDDLE_OF_EPOCH_2 =
      line -> line.contains("\"train_iter\",\"epoch\":2,\"epochs\":3,\"iteration\":3,");

  @TempDir
  static Path folder;

  private static Path data;
  private static Path recipe;
  private static Path unbroken;

  @BeforeAll
  static void runUnbroken() throws Exception {
    data = TestRun.data(folder.resolve("data"), 23, "corrupted.mp4 1");
    TestRun.video(data, "corrupted.mp4");
    recipe = Files.writeString(folder.resolve("recipe.yaml"), TestRun.recipe().toYaml());
    unbroken = folder.resolve("unbroken");
    assertEquals(0, TrainProcess.run(data, unbroken, recipe).exitCode());
  }

  private static void assertSameState(Path one, Path two) {
    String last = "checkpoints/checkpoint_epoch_00003.safetensors";
    Safetensors expected = Safetensors.read(one.resolve(last));
    Safetensors actual = Safetensors.read(two.resolve(last));
    assertEquals(expected.names(), actual.names());
    for (String name : expected.names()) {
      assertArrayEquals(expected.bytes(name), actual.bytes(name), name);
    }
  }

  @Test
  void killedInEpochTwoAndResumedItEndsWithTheSameBits() throws Exception {
    Path broken = folder.resolve("killed");
    TrainProcess.Outcome killed =
        TrainProcess.run(data, broken, recipe, MIDDLE_OF_EPOCH_2, ProcessHandle::destroyForcibly);
    assertEquals(137, killed.exitCode());
    assertFalse(Files.exists(broken.resolve("model.onnx")));

    TrainProcess.Outcome resumed = TrainProcess.run(data, broken, recipe);
    assertEquals(0, resumed.exitCode(), resumed.lines().toString());
    assertTrue(resumed.lines().stream()
        .anyMatch(line -> line.contains("\"resumed\"") && line.contains("epoch_00001")));
    assertSameState(unbroken, broken);
    assertArrayEquals(steps(unbroken), steps(broken));
  }

  private static long[] steps(Path output) throws IOException {
    return Files.readAllLines(output.resolve("metrics.jsonl")).stream()
        .filter(line -> line.contains("\"train\""))
        .mapToLong(line -> Long.parseLong(line.replaceAll(".*\"step\":(\\d+).*", "$1")))
        .toArray();
  }

  @Test
  void killedBetweenCheckpointsOfIterationsItLosesOnlyTheStepsSince() throws Exception {
    Path broken = folder.resolve("killed-within-an-epoch");
    String[] often = {"TRAIN.CHECKPOINT_PERIOD_ITERATIONS", "2"};
    TrainProcess.Outcome killed = TrainProcess.run(
        data, broken, recipe, MIDDLE_OF_EPOCH_2, ProcessHandle::destroyForcibly, often);
    assertEquals(137, killed.exitCode());
    TrainProcess.Outcome resumed = TrainProcess.run(data, broken, recipe, often);
    assertEquals(0, resumed.exitCode());
    assertTrue(
        resumed.lines().stream()
            .anyMatch(line -> line.contains("\"resumed\"")
                && line.contains("checkpoint_epoch_00001_iteration_000000")),
        resumed.lines().toString());
    assertSameState(unbroken, broken);
  }

  @Test
  void askedToTerminateItWritesACheckpointFirst() throws Exception {
    Path broken = folder.resolve("terminated");
    String[] seldom = {"TRAIN.CHECKPOINT_PERIOD", "3"};
    TrainProcess.Outcome terminated =
        TrainProcess.run(data, broken, recipe, MIDDLE_OF_EPOCH_2, ProcessHandle::destroy, seldom);
    assertEquals(143, terminated.exitCode());
    assertTrue(terminated.lines().stream().anyMatch(line -> line.contains("\"stopped\"")));
    assertEquals(0, TrainProcess.run(data, broken, recipe, seldom).exitCode());
    assertSameState(unbroken, broken);
  }
}
