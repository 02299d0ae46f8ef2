package x3d.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.collective.Collective;
import x3d.collective.InProcess;
import x3d.video.Frames;
import x3d.video.VideoEncoder;
import x3d.weights.Safetensors;

/** Whole runs in mixed precision of which some updates overflow. */
class OverflowTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The small network's gradients fit into float16 at about a hundredth of this. */
  private static final LossScale FAR_TOO_HIGH = new LossScale(0x1p21, 3, 2, 0);

  @TempDir
  Path folder;

  /** Without what writes or reads beside the updates. */
  private Recipe recipe(Path data, Path output, String... overrides) {
    List<String> all = new ArrayList<>(List.of(
        "BN.USE_PRECISE_STATS", "False",
        "TRAIN.EVAL_PERIOD", "100",
        "TRAIN.CHECKPOINT_PERIOD", "100",
        "TRAIN.CHECKPOINT_PERIOD_ITERATIONS", "1",
        "APEX.OPT_LEVEL", "O2",
        "APEX.LOSS_SCALE", "dynamic"));
    all.addAll(List.of(overrides));
    return TestRun.recipe(data, output, all.toArray(String[]::new));
  }

  private static Recipe exact(Recipe recipe) {
    return recipe.with("APEX.OPT_LEVEL", "O0").with("APEX.LOSS_SCALE", 1.0);
  }

  private Path data(int lines) throws IOException {
    Path data = TestRun.data(folder.resolve("data"), lines);
    Files.delete(data.resolve("val.csv"));
    return data;
  }

  private static TrainResult train(Recipe recipe) {
    return Trainer.train(recipe, TestRun.options("auto"), TrainingListener.NONE);
  }

  /** Trains until it has asked so often whether to stop. */
  private static TrainResult train(Recipe recipe, int updates) {
    AtomicInteger asked = new AtomicInteger();
    TrainResult result = Trainer.train(
        recipe,
        new TrainOptions(2, Resume.of("auto"), () -> asked.incrementAndGet() > updates),
        TrainingListener.NONE);
    assertTrue(result.model().isEmpty(), "it was not stopped");
    return result;
  }

  private static List<JsonNode> lines(Path file, String type) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode node = JSON.readTree(line);
      if (node.get("_type").asText().equals(type)) {
        lines.add(node);
      }
    }
    return lines;
  }

  private static Path checkpoint(Path output, int epoch, int iteration) {
    return output
        .resolve("checkpoints")
        .resolve(
            iteration == 0
                ? String.format("checkpoint_epoch_%05d.safetensors", epoch)
                : String.format(
                    "checkpoint_epoch_%05d_iteration_%07d.safetensors", epoch, iteration));
  }

  /** Parameters, momentum and statistics bit for bit. */
  private static void assertSameNumbers(Path one, Path two) {
    Safetensors expected = Safetensors.read(one);
    Safetensors actual = Safetensors.read(two);
    assertEquals(expected.names(), actual.names());
    for (String name : expected.names()) {
      assertArrayEquals(expected.bytes(name), actual.bytes(name), name);
    }
  }

  private static void assertOtherNumbers(Path one, Path two) {
    String name = "head.projection.weight";
    float[] before = Safetensors.read(one).floats(name);
    float[] after = Safetensors.read(two).floats(name);
    double moved = 0;
    for (int i = 0; i < before.length; i++) {
      assertTrue(Float.isFinite(after[i]), name);
      moved += Math.abs(after[i] - before[i]);
    }
    assertTrue(moved > 0, name + " has not moved");
  }

  private static LossScale scale(Path checkpoint) {
    return LossScale.of(Safetensors.read(checkpoint).metadata());
  }

  /** A run that was stopped after its first update, which was made in float32, at a scale of its checkpoint. */
  private Path stoppedWith(LossScale scale, Recipe recipe) {
    Path file = train(exact(recipe), 1).checkpoint();
    RunPlan plan = new RunPlan(recipe.checked(), x3d.video.Video::open, TestRun.options("auto"));
    Checkpoints checkpoints =
        new Checkpoints(file.getParent(), plan.step().parameters(), plan.step().statistics());
    Checkpoint saved = checkpoints.read(file).checkpoint();
    return checkpoints.write(
        new Checkpoint(
            saved.parameters(),
            saved.momentum(),
            saved.statistics(),
            saved.progress(),
            recipe,
            saved.dataFingerprint(),
            saved.failed(),
            scale,
            saved.origin()),
        () -> {});
  }

  @Test
  void updatesAreLeftOutAndToldOfUntilTheScaleHasFallenFarEnough() throws IOException {
    Path output = folder.resolve("out");
    Recipe recipe = recipe(data(20), output, "SOLVER.MAX_EPOCH", "3");
    Path before = stoppedWith(FAR_TOO_HIGH, recipe);
    assertEquals(15, train(recipe).steps());

    List<JsonNode> told = lines(output.resolve("stdout.log"), "overflow");
    assertTrue(told.size() >= 2 && told.size() < 14, told.size() + " were left out");
    double high = FAR_TOO_HIGH.value();
    for (int i = 0; i < told.size(); i++) {
      JsonNode line = told.get(i);
      assertEquals(high, line.get("loss_scale").asDouble());
      assertEquals(high / 2, line.get("next_loss_scale").asDouble());
      assertEquals(FAR_TOO_HIGH.overflows() + i + 1, line.get("overflows").asLong());
      high /= 2;
    }
    assertEquals(1, told.get(1).get("epoch").asInt());
    assertEquals(3, told.get(1).get("iteration").asInt());
    List<JsonNode> metrics = lines(output.resolve("metrics.jsonl"), "overflow");
    assertEquals(told.size(), metrics.size());
    assertEquals(2, metrics.get(0).get("step").asInt());
    assertEquals(high, metrics.get(metrics.size() - 1).get("next_loss_scale").asDouble());
    assertEquals(
        15 - told.size(), lines(output.resolve("metrics.jsonl"), "train").size());

    assertSameNumbers(before, checkpoint(output, 0, 2));
    assertEquals(new LossScale(0x1p20, 0, 3, 1), scale(checkpoint(output, 0, 2)));
    assertSameNumbers(before, checkpoint(output, 0, 3));
    assertEquals(new LossScale(0x1p19, 0, 4, 2), scale(checkpoint(output, 0, 3)));
    Path end = checkpoint(output, 3, 0);
    assertOtherNumbers(before, end);
    assertEquals(high, scale(end).value());
    assertEquals(2 + told.size(), scale(end).overflows());
  }

  @Test
  void aRunThatIsStoppedAmongThemGoesOnWithScaleAndCountBitForBit() throws IOException {
    Path data = data(20);
    Recipe unbroken = recipe(data, folder.resolve("unbroken"), "SOLVER.MAX_EPOCH", "3");
    Recipe broken = recipe(data, folder.resolve("broken"), "SOLVER.MAX_EPOCH", "3");
    stoppedWith(FAR_TOO_HIGH, unbroken);
    stoppedWith(FAR_TOO_HIGH, broken);
    train(unbroken);
    assertEquals(new LossScale(0x1p19, 0, 4, 2), scale(train(broken, 2).checkpoint()));
    train(broken);
    for (int epoch = 1; epoch < 3; epoch++) {
      Path expected = checkpoint(folder.resolve("unbroken"), epoch, 3);
      Path actual = checkpoint(folder.resolve("broken"), epoch, 3);
      assertSameNumbers(expected, actual);
      assertEquals(scale(expected), scale(actual));
    }
    assertEquals(
        lines(folder.resolve("unbroken/stdout.log"), "overflow"),
        lines(folder.resolve("broken/stdout.log"), "overflow"));
  }

  @Test
  void aStaticScaleThatAlwaysOverflowsEndsTheRunInTheEnd() throws IOException {
    Path output = folder.resolve("out");
    Recipe recipe = recipe(
        data(8),
        output,
        "SOLVER.MAX_EPOCH",
        "20",
        "TRAIN.CHECKPOINT_PERIOD",
        "12",
        "TRAIN.CHECKPOINT_PERIOD_ITERATIONS",
        "0",
        "APEX.LOSS_SCALE",
        "16777216");
    String message = assertThrows(TrainingException.class, () -> train(recipe)).getMessage();
    assertTrue(
        message.matches("the norm of the gradient is (NaN|Infinity) at step 25 .*"), message);
    assertTrue(
        message.contains(
            "the gradients of 25 updates in a row are not finite, the last at loss scale 1.6777216E7"),
        message);
    assertTrue(message.contains(checkpoint(output, 12, 0).toString()), message);
    assertEquals(1, message.lines().count());
    assertEquals(24, lines(output.resolve("stdout.log"), "overflow").size());
  }

  @Test
  void aRunGoesOnInAnotherPrecision() throws IOException {
    Path output = folder.resolve("out");
    Recipe mixed = recipe(data(8), output, "TRAIN.CHECKPOINT_PERIOD", "1");
    train(mixed.with("SOLVER.MAX_EPOCH", 1));
    train(exact(mixed).with("SOLVER.MAX_EPOCH", 2));
    assertEquals(16, train(mixed.with("SOLVER.MAX_EPOCH", 8)).steps());
    List<JsonNode> resumed = lines(output.resolve("stdout.log"), "resumed");
    assertEquals(2, resumed.size());
    String changes = resumed.get(1).get("changed").toString();
    assertTrue(changes.contains("APEX.OPT_LEVEL: O0 -> O2"), changes);
    assertEquals(1, scale(checkpoint(output, 2, 0)).value());
    assertTrue(scale(checkpoint(output, 8, 0)).value() > 1000, "it begins anew");
    assertOtherNumbers(checkpoint(output, 1, 0), checkpoint(output, 2, 0));
    assertOtherNumbers(checkpoint(output, 2, 0), checkpoint(output, 8, 0));
  }

  /** Eleven videos that are nearly black and one that is not: under a tiny DATA.STD the latter alone has pixels beyond float16. */
  private Path dataOfOneTooBright() throws IOException {
    Path data = data(0);
    List<String> list = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      byte[] pictures = new byte[12 * 3 * 48 * 64];
      for (int k = 0; k < pictures.length; k++) {
        pictures[k] = (byte) (k / (3 * 16) % (2 + i % 3));
      }
      VideoEncoder.write(
          data.resolve("dark" + i + ".mp4"),
          new Frames(12, 48, 64, pictures),
          VideoEncoder.Options.of(25));
      list.add("dark" + i + ".mp4 " + i % 3);
    }
    list.add("demo.mp4 0");
    Files.write(data.resolve("train.csv"), list);
    return data;
  }

  @ParameterizedTest
  @ValueSource(strings = {"O1", "O2"})
  void whatOverflowsOnOneRankIsLeftOutOnAll(String level) throws Exception {
    Path data = dataOfOneTooBright();
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    String[] overrides = {
      "APEX.OPT_LEVEL", level,
      "APEX.LOSS_SCALE", "128",
      "DATA.MEAN", "[0, 0, 0]",
      "DATA.STD", "[2e-6, 2e-6, 2e-6]",
      "SOLVER.MAX_EPOCH", "2"
    };
    train(recipe(data, one, overrides).with("NUM_GPUS", 2));
    List<Collective> ranks = InProcess.of(2);
    List<TrainResult> results = Ranks.each(2, i -> {
      try (Collective rank = ranks.get(i)) {
        return Trainer.train(
            recipe(data, two, overrides),
            TestRun.options("auto").with(rank),
            TrainingListener.NONE);
      }
    });
    // Ranks compare their parameters before each checkpoint: it would have failed.
    assertEquals(List.of(6L, 6L), results.stream().map(TrainResult::steps).toList());
    List<JsonNode> told = lines(two.resolve("stdout.log"), "overflow");
    assertEquals(2, told.size(), "one an epoch");
    assertEquals(2, told.get(1).get("epoch").asInt());
    assertEquals(told, lines(one.resolve("stdout.log"), "overflow"));
    assertSameNumbers(checkpoint(one, 2, 0), checkpoint(two, 2, 0));
    assertEquals(scale(checkpoint(one, 2, 0)), scale(checkpoint(two, 2, 0)));
    assertFalse(
        Float.isNaN(Safetensors.read(checkpoint(two, 2, 0)).floats("head.projection.bias")[0]));
  }
}
