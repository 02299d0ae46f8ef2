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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.collective.Collective;
import x3d.collective.InProcess;
import x3d.weights.Safetensors;

/** Whole runs over several ranks, which are threads here. */
class RanksTest {
  private static final String LAST = "checkpoints/checkpoint_epoch_00004.safetensors";

  @TempDir
  Path folder;

  private Path data;

  @BeforeEach
  void makeData() {
    data = TestRun.data(folder.resolve("data"), 23);
  }

  /** Twenty updates. */
  private Recipe recipe(Path output, String... overrides) {
    List<String> all = new ArrayList<>(List.of("SOLVER.MAX_EPOCH", "4", "TRAIN.EVAL_PERIOD", "2"));
    all.addAll(List.of(overrides));
    return TestRun.recipe(data, output, all.toArray(String[]::new));
  }

  private static List<TrainResult> train(int ranks, Recipe recipe) throws Exception {
    return train(InProcess.of(ranks), rank -> recipe, rank -> TestRun.options("auto"));
  }

  private static List<TrainResult> train(
      List<Collective> ranks, Ranks.Work<Recipe> recipes, Ranks.Work<TrainOptions> options)
      throws Exception {
    return Ranks.each(ranks.size(), i -> {
      try (Collective rank = ranks.get(i)) {
        try {
          return Trainer.train(recipes.run(i), options.run(i).with(rank), TrainingListener.NONE);
        } catch (RuntimeException e) {
          rank.abort();
          throw e;
        }
      }
    });
  }

  private static void assertSameState(Path one, Path two) {
    Safetensors expected = Safetensors.read(one);
    Safetensors actual = Safetensors.read(two);
    assertEquals(expected.names(), actual.names());
    for (String name : expected.names()) {
      assertArrayEquals(expected.bytes(name), actual.bytes(name), name);
    }
  }

  private static List<JsonNode> log(Path output, String type) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(output.resolve("stdout.log"))) {
      JsonNode node = new ObjectMapper().readTree(line);
      if (node.path("_type").asText().equals(type)) {
        lines.add(node);
      }
    }
    return lines;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void twentyUpdatesAtFrozenBatchNormEndWhereOneProcessEnds(int ranks) throws Exception {
    String[] frozen = {"MODEL.FROZEN_BN", "True"};
    Path one = folder.resolve("one");
    Path many = folder.resolve("many");
    TrainResult alone = train(1, recipe(one, frozen)).get(0);
    List<TrainResult> results = train(ranks, recipe(many, frozen));

    Safetensors expected = Safetensors.read(one.resolve(LAST));
    Safetensors actual = Safetensors.read(many.resolve(LAST));
    for (String name : expected.names()) {
      assertArrayEquals(expected.floats(name), actual.floats(name), 1e-5f, name);
    }
    for (TrainResult result : results) {
      assertEquals(20, result.steps());
      assertEquals(alone.top1Error(), result.top1Error());
      assertEquals(alone.top5Error(), result.top5Error());
    }
    assertTrue(Files.exists(many.resolve("model.onnx")));
  }

  @Test
  void ranksOfOneReplicaEndWithTheBitsOfAsManyReplicasInOneProcess() throws Exception {
    String[] seldomMeasured = {"BN.USE_PRECISE_STATS", "False"};
    Path one = folder.resolve("one");
    Path many = folder.resolve("many");
    train(1, recipe(one, seldomMeasured).with("NUM_GPUS", 4));
    train(4, recipe(many, seldomMeasured));
    assertSameState(one.resolve(LAST), many.resolve(LAST));
  }

  @Test
  void eachRankKeepsItsShareOfTheMomentumOnly() throws Exception {
    Path one = folder.resolve("one");
    Path many = folder.resolve("many");
    train(1, recipe(one, "SOLVER.MAX_EPOCH", "1"));
    train(4, recipe(many, "SOLVER.MAX_EPOCH", "1"));
    JsonNode alone = log(one, "run").get(0);
    JsonNode shared = log(many, "run").get(0);
    long whole = 4 * alone.get("parameters").asLong();
    assertEquals(whole, alone.get("optimizer_bytes_a_rank").asLong());
    double share = shared.get("optimizer_bytes_a_rank").asDouble() / whole;
    assertEquals(0.25, share, 0.05, "slices end between blocks of 4096 numbers");
    assertEquals(4, shared.get("ranks").asInt());
  }

  @Test
  void askedOnOneRankAllStopAtACheckpointAndGoOnFromThere() throws Exception {
    Path unbroken = folder.resolve("unbroken");
    Path broken = folder.resolve("broken");
    train(2, recipe(unbroken));
    AtomicInteger asked = new AtomicInteger();
    List<TrainResult> stopped = train(InProcess.of(2), rank -> recipe(broken), rank -> {
      TrainOptions plain = TestRun.options("auto");
      return new TrainOptions(
          plain.threads(), plain.resume(), () -> rank == 1 && asked.incrementAndGet() > 7);
    });
    stopped.forEach(result -> assertTrue(result.model().isEmpty()));
    assertTrue(Files.exists(stopped.get(0).checkpoint()), "of rank 0, as rank 1 knows");
    assertEquals(stopped.get(0).checkpoint(), stopped.get(1).checkpoint());
    train(2, recipe(broken));
    assertSameState(unbroken.resolve(LAST), broken.resolve(LAST));
  }

  @Test
  void aRunOfFourRanksGoesOnWithTwoOrOne() throws Exception {
    Path output = folder.resolve("out");
    String[] frozen = {"MODEL.FROZEN_BN", "True"};
    train(4, recipe(output, frozen).with("SOLVER.MAX_EPOCH", 2));
    train(2, recipe(output, frozen).with("SOLVER.MAX_EPOCH", 3));
    assertEquals(20, train(1, recipe(output, frozen)).get(0).steps());
    assertEquals(2, log(output, "resumed").size());
  }

  @Test
  void anUnreadableVideoIsNamedByRankZeroWhoeverMetIt() throws Exception {
    data = TestRun.data(folder.resolve("bad"), 18, "nothing.mp4 1", "nowhere.mp4 2");
    Path one = folder.resolve("one");
    Path many = folder.resolve("many");
    train(1, recipe(one));
    List<TrainResult> results = train(4, recipe(many));
    for (TrainResult result : results) {
      assertEquals(
          List.of("nothing.mp4", "nowhere.mp4"),
          result.failed().stream()
              .map(video -> Path.of(video.video()).getFileName().toString())
              .toList());
    }
    assertEquals(replaced(one), replaced(many));
  }

  private static List<String> replaced(Path output) throws IOException {
    return log(output, "video_replaced").stream()
        .map(JsonNode::toString)
        .sorted()
        .toList();
  }

  @Test
  void ranksThatDoNotTrainTheSameAreRefused() throws Exception {
    Path output = folder.resolve("out");
    String refusal = assertThrows(
            RuntimeException.class,
            () -> train(
                InProcess.of(2),
                rank -> recipe(output, "SOLVER.BASE_LR", "0." + (rank + 1)),
                rank -> TestRun.options("auto")))
        .getMessage();
    assertTrue(
        refusal.startsWith("rank 1 has another recipe, train.csv or val.csv than rank 0"), refusal);
    assertFalse(Files.exists(output));
  }

  @Test
  void aBatchThatRanksCannotShareIsRefused() {
    String refusal = assertThrows(
            RecipeException.class, () -> train(3, recipe(folder.resolve("out"))))
        .getMessage();
    assertTrue(refusal.contains("is 4 clips, which 3 processes x NUM_GPUS 1"), refusal);
    assertTrue(refusal.contains("multiple of 3"), refusal);
  }

  @Test
  void shardsOfARecipeMultiplyTheBatchAndIfItWantsTheRate() throws Exception {
    Path two = folder.resolve("two");
    Path one = folder.resolve("one");
    train(
        2,
        recipe(
            two,
            "TRAIN.BATCH_SIZE",
            "2",
            "NUM_SHARDS",
            "2",
            "SOLVER.BASE_LR",
            "0.05",
            "SOLVER.BASE_LR_SCALE_NUM_SHARDS",
            "True"));
    train(2, recipe(one, "SOLVER.BASE_LR", "0.1"));
    assertSameState(one.resolve(LAST), two.resolve(LAST));
  }
}
