package x3d.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.net.ModelMetadata;
import x3d.runtime.Device;
import x3d.runtime.Session;
import x3d.video.StoredVideo;
import x3d.video.Video;
import x3d.weights.Safetensors;

class TrainerTest {
  @TempDir
  Path folder;

  private Path data(int lines, String... extra) {
    return TestRun.data(folder.resolve("data"), lines, extra);
  }

  private TrainResult train(Recipe recipe) {
    return Trainer.train(recipe, TestRun.options("auto"), TrainingListener.NONE);
  }

  private List<JsonNode> log(Path output, String type) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(output.resolve("stdout.log"))) {
      JsonNode node = new ObjectMapper().readTree(line);
      if (node.get("_type").asText().equals(type)) {
        lines.add(node);
      }
    }
    return lines;
  }

  private static void assertSameState(Path expected, Path actual) {
    Safetensors one = Safetensors.read(expected);
    Safetensors two = Safetensors.read(actual);
    assertEquals(one.names(), two.names());
    for (String name : one.names()) {
      assertArrayEquals(one.bytes(name), two.bytes(name), name);
    }
    assertEquals(one.metadata().get("step"), two.metadata().get("step"));
    assertEquals(one.metadata().get("top1_err"), two.metadata().get("top1_err"));
  }

  @Test
  void leavesRecipeCheckpointsLogsAndAModelThatRuns() throws IOException {
    Path data = data(13);
    Files.write(data.resolve("classes.txt"), List.of("walk", "run", "sit"));
    Path output = folder.resolve("out");
    Recipe recipe = TestRun.recipe(data, output, "SOLVER.MAX_EPOCH", "2");
    TrainResult result = train(recipe);
    assertEquals(6, result.steps());
    assertEquals(List.of(), result.failed());
    assertEquals(recipe, Recipe.read(output.resolve("recipe.yaml")));
    assertEquals(
        output.resolve("checkpoints/checkpoint_epoch_00002.safetensors"), result.checkpoint());
    assertEquals(6, log(output, "train_iter").size());
    assertEquals(2, log(output, "val_epoch").size());
    assertEquals(2, log(output, "precise_bn").size());
    JsonNode line = log(output, "train_iter").get(5);
    for (String field : List.of(
        "epoch",
        "iteration",
        "loss",
        "top1_err",
        "top5_err",
        "lr",
        "dt_data",
        "dt_step",
        "fps",
        "wall_time",
        "resident_bytes",
        "heap_bytes",
        "eta")) {
      assertTrue(line.has(field), field);
    }
    List<String> metrics = Files.readAllLines(output.resolve("metrics.jsonl"));
    assertEquals(6 + 6 + 2, metrics.size()); // train, memory, val
    for (String field : List.of("dt_data", "dt_step", "fps", "wall_time")) {
      assertTrue(log(output, "train_epoch").get(1).get(field).asDouble() >= 0, field);
      assertTrue(metrics.get(0).contains("\"" + field + "\":"), field);
    }
    try (Session session = Session.open(result.model().orElseThrow(), Device.cpu(1))) {
      ModelMetadata metadata = ModelMetadata.fromMap(session.metadata());
      assertEquals(List.of("walk", "run", "sit"), metadata.classNames());
      assertEquals("6", metadata.provenance().get("steps"));
      assertEquals("2", metadata.provenance().get("epoch"));
      assertEquals(32, metadata.crop());
      assertEquals(recipe, Recipe.read(metadata.provenance().get("recipe"), "provenance"));
    }
  }

  @Test
  void anEpochSaysHowManyClipsCameFromTheCacheAndWhatItTakes() throws IOException {
    Path cache = folder.resolve("cache");
    Path output = folder.resolve("out");
    TrainOptions plain = TestRun.options("auto");
    Recipe recipe = TestRun.recipe(data(9), output, "SOLVER.MAX_EPOCH", "2");
    Trainer.train(
        recipe, plain.with(new TrainOptions.Cache(cache, 1 << 30)), TrainingListener.NONE);

    List<JsonNode> epochs = log(output, "train_epoch");
    int decoded = epochs.get(0).get("cache_misses").asInt();
    assertTrue(2 <= decoded && decoded <= 8, "decoded " + decoded);
    assertEquals(8 - decoded, epochs.get(0).get("cache_hits").asInt());
    // The validation between the two has put all three videos into the cache.
    assertEquals(8, epochs.get(1).get("cache_hits").asInt());
    assertEquals(0, epochs.get(1).get("cache_misses").asInt());
    long bytes = 0;
    for (String video : List.of("demo.mp4", "part_0.mp4", "test.avi")) {
      bytes += StoredVideo.size(Video.probe(folder.resolve("data").resolve(video)));
    }
    assertEquals(bytes, epochs.get(1).get("cache_bytes").asLong());
    String metric = Files.readAllLines(output.resolve("metrics.jsonl")).stream()
        .filter(line -> line.contains("\"cache\""))
        .reduce((earlier, later) -> later)
        .orElseThrow();
    assertEquals(
        "{\"step\":4,\"_type\":\"cache\",\"epoch\":2,\"epochs\":2,\"cache_hits\":8,"
            + "\"cache_misses\":0,\"cache_bytes\":" + bytes + "}",
        metric);
  }

  @Test
  void learnsToTellThreeVideosApart() {
    Recipe recipe = TestRun.recipe(
        data(12),
        folder.resolve("out"),
        "SOLVER.MAX_EPOCH",
        "12",
        "SOLVER.BASE_LR",
        "0.05",
        "TRAIN.EVAL_PERIOD",
        "12",
        "MODEL.DROPOUT_RATE",
        "0",
        "BN.NUM_BATCHES_PRECISE",
        "3");
    assertEquals(0, train(recipe).top1Error());
  }

  @Test
  void aVideoThatCannotBeReadCostsItselfAndNotTheRun() throws IOException {
    Path data = data(7, "corrupted.mp4 1");
    Path corrupted = TestRun.video(data, "corrupted.mp4");
    Files.writeString(data.resolve("val.csv"), "demo.mp4 0\ncorrupted.mp4 1\n");
    Path output = folder.resolve("out");
    TrainResult result = train(TestRun.recipe(data, output, "SOLVER.MAX_EPOCH", "1"));
    assertEquals(1, result.failed().size());
    assertEquals(corrupted.toString(), result.failed().get(0).video());
    assertTrue(result.failed().get(0).reason().startsWith("corrupted.mp4: "));
    assertTrue(result.model().isPresent());
    JsonNode replaced = log(output, "video_replaced").get(0);
    assertEquals(corrupted.toString(), replaced.get("video").asText());
    assertFalse(replaced.get("replaced_by").asText().isEmpty());
    assertEquals(1, log(output, "val_epoch").get(0).get("unreadable").asInt());
    assertEquals(1, log(output, "videos_unreadable").get(0).get("count").asInt());
  }

  @Test
  void stopsWhenAskedAndGoesOnInTheMiddleOfAnEpochBitForBit() throws IOException {
    Path data = data(14, "corrupted.mp4 1", "missing.mp4 2");
    TestRun.video(data, "corrupted.mp4");
    Path unbroken = folder.resolve("unbroken");
    Path broken = folder.resolve("broken");
    TrainResult whole = train(TestRun.recipe(data, unbroken));
    AtomicInteger updates = new AtomicInteger();
    TrainOptions stopping =
        new TrainOptions(2, Resume.of("auto"), () -> updates.incrementAndGet() > 8);
    TrainResult part = Trainer.train(TestRun.recipe(data, broken), stopping, TrainingListener.NONE);
    assertTrue(part.model().isEmpty());
    assertTrue(
        part.checkpoint().toString().contains("iteration"), part.checkpoint().toString());
    TrainResult rest = train(TestRun.recipe(data, broken));
    assertEquals(whole.steps(), rest.steps());
    assertSameState(whole.checkpoint(), rest.checkpoint());
    assertEquals(whole.failed().size(), rest.failed().size());
    assertEquals(
        Files.readAllLines(unbroken.resolve("metrics.jsonl")).size(),
        Files.readAllLines(broken.resolve("metrics.jsonl")).size());
  }

  @Test
  void stoppedAtAnyMomentItEndsWhereAnUnbrokenRunEnds() {
    Path data = data(8);
    Recipe unbroken = TestRun.recipe(data, folder.resolve("unbroken"), "SOLVER.MAX_EPOCH", "2");
    TrainResult whole = train(unbroken);
    Path output = folder.resolve("broken");
    Recipe recipe = unbroken.with("OUTPUT_DIR", output.toString());
    // each run asks whether to stop before an update and before a batch of precise BN or validation
    TrainResult result;
    int runs = 0;
    do {
      AtomicInteger asked = new AtomicInteger();
      int patience = 2 + runs % 2;
      result = Trainer.train(
          recipe,
          new TrainOptions(2, Resume.of("auto"), () -> asked.incrementAndGet() > patience),
          TrainingListener.NONE);
      runs++;
    } while (result.model().isEmpty() && runs < 30);
    assertTrue(runs > 3, "never stopped");
    assertTrue(result.model().isPresent());
    assertSameState(whole.checkpoint(), result.checkpoint());
  }

  @Test
  void accumulationSeesTheSameClipsAsOneLargeBatch() {
    Path data = data(8);
    List<Double> losses = new ArrayList<>();
    for (String steps : List.of("1", "2")) {
      Recipe recipe = TestRun.recipe(
          data,
          folder.resolve("out" + steps),
          "SOLVER.ACCUMULATION_STEPS",
          steps,
          "MODEL.FROZEN_BN",
          "True",
          "SOLVER.MAX_EPOCH",
          "1");
      Trainer.train(recipe, TestRun.options("auto"), new TrainingListener() {
        @Override
        public void advanced(Advance advance) {
          losses.add(advance.loss());
        }
      });
    }
    assertEquals(losses.get(0), losses.get(2), 1e-5);
    assertEquals(losses.get(1), losses.get(3), 1e-5);
  }

  @Test
  void twoDevicesSeeTheSameClipsAsOne() {
    Path data = data(8);
    List<float[]> after = new ArrayList<>();
    for (String devices : List.of("1", "2")) {
      TrainResult result = train(TestRun.recipe(
          data,
          folder.resolve("out" + devices),
          "NUM_GPUS",
          devices,
          "BN.FREEZE",
          "True",
          "SOLVER.MAX_EPOCH",
          "3",
          "SOLVER.BASE_LR",
          "0.01"));
      after.add(Safetensors.read(result.checkpoint()).floats("head.conv_5.weight"));
    }
    assertArrayEquals(after.get(0), after.get(1), 1e-5f);
  }

  @Test
  void aLossThatIsNoNumberStopsTheRunAndNamesTheLastGoodCheckpoint() {
    Path output = folder.resolve("out");
    Recipe recipe = TestRun.recipe(
        data(8),
        output,
        "SOLVER.LR_POLICY",
        "steps_with_relative_lrs",
        "SOLVER.STEPS",
        "[0, 1]",
        "SOLVER.LRS",
        "[1, 1e30]",
        "SOLVER.BASE_LR",
        "0.01");
    String message = assertThrows(TrainingException.class, () -> train(recipe)).getMessage();
    assertTrue(
        message.matches(".* is (NaN|-?Infinity) at step [345] \\(epoch [23], iteration .*"),
        message);
    assertTrue(message.contains("at learning rate 1.0E28"), message);
    assertTrue(message.contains("checkpoint_epoch_0000"), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void aDamagedCheckpointIsNamedAndTheOneBeforeIsTaken() throws IOException {
    Path data = data(8);
    Path output = folder.resolve("out");
    TrainResult first = train(TestRun.recipe(data, output, "SOLVER.MAX_EPOCH", "2"));
    Files.write(first.checkpoint(), new byte[] {1, 2, 3});
    train(TestRun.recipe(data, output, "SOLVER.MAX_EPOCH", "2"));
    assertTrue(log(output, "checkpoint_skipped")
        .get(0)
        .get("reason")
        .asText()
        .contains("checkpoint_epoch_00002.safetensors"));
    assertEquals(1, log(output, "resumed").get(0).get("epoch").asInt());
    assertTrue(Files.exists(output.resolve("earlier-1/checkpoint_epoch_00002.safetensors")));
  }

  @Test
  void resumeNeverMovesTheEarlierRunAside() throws IOException {
    Path data = data(8);
    Path output = folder.resolve("out");
    Recipe recipe = TestRun.recipe(data, output, "SOLVER.MAX_EPOCH", "1");
    train(recipe);
    TrainResult again = Trainer.train(recipe, TestRun.options("never"), TrainingListener.NONE);
    assertEquals(2, again.steps());
    assertTrue(Files.exists(output.resolve("earlier-1/model.onnx")));
    assertEquals(List.of(), log(output, "resumed"));
  }

  @Test
  void resumeOfAFinishedRunOnlyWritesTheModelAgain() throws IOException {
    Path data = data(8);
    Path output = folder.resolve("out");
    Recipe recipe = TestRun.recipe(data, output, "SOLVER.MAX_EPOCH", "1");
    TrainResult first = train(recipe);
    byte[] model = Files.readAllBytes(first.model().orElseThrow());
    Files.delete(first.model().orElseThrow());
    TrainResult second = train(recipe);
    assertArrayEquals(model, Files.readAllBytes(second.model().orElseThrow()));
    assertEquals(1, log(output, "val_epoch").size());
  }

  @Test
  void changesOfTheRecipeAreLoggedAndThoseThatWouldTearAnEpochRefused() throws IOException {
    Path data = data(14);
    Path output = folder.resolve("out");
    AtomicInteger asked = new AtomicInteger();
    Trainer.train(
        TestRun.recipe(data, output),
        new TrainOptions(2, Resume.of("auto"), () -> asked.incrementAndGet() > 2),
        TrainingListener.NONE);
    String message = assertThrows(
            TrainingException.class, () -> train(TestRun.recipe(data, output, "RNG_SEED", "9")))
        .getMessage();
    assertTrue(message.contains("stands in the middle of an epoch"), message);
    train(TestRun.recipe(data, output, "SOLVER.BASE_LR", "0.02", "SOLVER.MAX_EPOCH", "1"));
    assertEquals(
        "[\"SOLVER.BASE_LR: 0.1 -> 0.02\",\"SOLVER.MAX_EPOCH: 3 -> 1\"]",
        log(output, "resumed").get(0).get("changed").toString());
  }

  @Test
  void fineTuningStartsAtEpochZeroWithoutMomentum() throws IOException {
    Path data = data(8);
    Path weights =
        TestRun.resource("/reference/pyth/slowfast_tiny_zip.pyth", folder.resolve("weights.pyth"));
    Path output = folder.resolve("out");
    train(TestRun.recipe(
        data, output, "TRAIN.CHECKPOINT_FILE_PATH", weights.toString(), "SOLVER.MAX_EPOCH", "1"));
    JsonNode line = log(output, "weights").get(0);
    assertEquals(weights.toString(), line.get("file").asText());
    assertTrue(line.get("report").toString().contains("head.projection.weight"));
    assertEquals(0, log(output, "run").get(0).get("epoch").asInt());
  }

  @Test
  void tooFewVideosForABatchAreRefused() {
    String message = assertThrows(
            DataSetException.class, () -> train(TestRun.recipe(data(3), folder.resolve("out"))))
        .getMessage();
    assertTrue(message.endsWith(
        "holds 3 videos, fewer than the 4 clips of an update, TRAIN.BATCH_SIZE x NUM_SHARDS;"
            + " set them to at most that"));
  }

  @Test
  void withoutAValidationListItTrainsAllTheSame() throws IOException {
    Path data = data(8);
    Files.delete(data.resolve("val.csv"));
    TrainResult result =
        train(TestRun.recipe(data, folder.resolve("out"), "SOLVER.MAX_EPOCH", "1"));
    assertTrue(Double.isNaN(result.top1Error()));
    assertTrue(result.model().isPresent());
  }

  @Test
  void classesThatMustNotBeFlippedAreCheckedByName() throws IOException {
    Path data = data(8);
    Files.write(data.resolve("classes.txt"), List.of("turn left", "turn right", "sit"));
    Recipe recipe = TestRun.recipe(
        data, folder.resolve("out"), "DATA.FLIP_EXEMPT_CLASSES", "['turn left', 'turn up', 9]");
    assertEquals(
        "DATA.FLIP_EXEMPT_CLASSES names 'turn up', '9'; a class is a label from 0 to 2 or a name of"
            + " classes.txt",
        assertThrows(RecipeException.class, () -> train(recipe)).getMessage());
  }

  @Test
  void itsListenerHearsEveryUpdateAndEveryLine() {
    List<String> types = new ArrayList<>();
    List<Integer> iterations = new ArrayList<>();
    Recipe recipe =
        TestRun.recipe(data(8), folder.resolve("out"), "SOLVER.MAX_EPOCH", "1", "LOG_PERIOD", "2");
    Trainer.train(recipe, TestRun.options("auto"), new TrainingListener() {
      @Override
      public void logged(ObjectNode line) {
        types.add(line.get("_type").asText());
      }

      @Override
      public void advanced(Advance advance) {
        iterations.add(advance.iteration());
      }
    });
    assertEquals(List.of(1, 2), iterations);
    assertEquals(
        List.of(
            "run",
            "train_iter",
            "train_epoch",
            "precise_bn",
            "checkpoint",
            "val_epoch",
            "checkpoint",
            "model"),
        types);
  }
}
