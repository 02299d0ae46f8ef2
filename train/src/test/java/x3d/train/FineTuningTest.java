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
import x3d.collective.Collective;
import x3d.collective.InProcess;
import x3d.weights.PytorchCheckpoint;
import x3d.weights.Safetensors;

/** Runs that start from the weights of another. */
class FineTuningTest {
  private static final String LAST = "checkpoints/checkpoint_epoch_00002.safetensors";

  @TempDir
  Path folder;

  private Path data;
  private Path pyth;

  @BeforeEach
  void prepare() throws IOException {
    data = TestRun.data(folder.resolve("data"), 13);
    Files.delete(data.resolve("val.csv"));
    pyth =
        TestRun.resource("/reference/pyth/slowfast_tiny_zip.pyth", folder.resolve("weights.pyth"));
  }

  private Recipe recipe(Path output, Path start, String... overrides) {
    List<String> all = new ArrayList<>(List.of(
        "SOLVER.MAX_EPOCH", "2",
        "BN.USE_PRECISE_STATS", "False",
        "TRAIN.CHECKPOINT_FILE_PATH", start.toString(),
        "TRAIN.FROZEN_STAGES", "[s1, s2]",
        "SOLVER.HEAD_LR_SCALE", "5"));
    all.addAll(List.of(overrides));
    return TestRun.recipe(data, output, all.toArray(String[]::new));
  }

  private static TrainResult train(Recipe recipe) {
    return Trainer.train(recipe, TestRun.options("auto"), TrainingListener.NONE);
  }

  /** Stops in the second epoch. */
  private static void interrupted(Recipe recipe) {
    AtomicInteger asked = new AtomicInteger();
    TrainResult result = Trainer.train(
        recipe,
        new TrainOptions(2, Resume.RECIPE, () -> asked.incrementAndGet() > 4),
        TrainingListener.NONE);
    assertTrue(result.model().isEmpty());
  }

  private static List<JsonNode> log(Path output, String type) throws IOException {
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
  }

  private static void assertHolds(Safetensors weights, Path checkpoint, String... stages) {
    Safetensors after = Safetensors.read(checkpoint);
    int compared = 0;
    for (String name : weights.names()) {
      for (String stage : stages) {
        if (name.startsWith(stage + ".")) {
          assertArrayEquals(weights.floats(name), after.floats(name), name);
          compared++;
        }
      }
    }
    assertTrue(compared > 0);
  }

  @Test
  void saysOfEveryTensorWhatBecameOfIt() throws IOException {
    Path output = folder.resolve("out");
    train(recipe(output, pyth));
    JsonNode line = log(output, "weights").get(0);
    assertEquals(
        List.of(
            "loaded 138 of the 140 tensors of the network",
            "drawn afresh 2, for other classes: head.projection.weight is [7, 64] in the file,"
                + " [3, 64] here, head.projection.bias is [7] in the file, [3] here",
            "not used, for they are no weights: num_batches_tracked of 24 batch norms",
            "not used beside the weights: epoch 29, optimizer_state, cfg; the run begins at epoch 0"),
        texts(line.get("report")));
    assertEquals(138, line.get("loaded").asInt());
    assertEquals(
        List.of("head.projection.weight", "head.projection.bias"), texts(line.get("replaced")));
    assertEquals("[]", line.get("not_used").toString());
    assertEquals(PytorchCheckpoint.read(pyth).tensors().size(), 140);
    assertEquals(Pretrained.at(pyth).sha256(), line.get("sha256").asText());
    assertEquals(0, log(output, "run").get(0).get("epoch").asInt());
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(item -> texts.add(item.asText()));
    return texts;
  }

  @Test
  void anInterruptedRunGoesOnWithTheSameCommandAndEndsWithTheSameBits() throws IOException {
    Path unbroken = folder.resolve("unbroken");
    train(recipe(unbroken, pyth));
    Path broken = folder.resolve("broken");
    interrupted(recipe(broken, pyth));
    Path moved = Files.move(pyth, folder.resolve("elsewhere.pyth"));
    train(recipe(broken, moved));
    JsonNode resumed = log(broken, "resumed").get(0);
    assertEquals(4, resumed.get("step").asInt());
    assertEquals(moved.toString(), resumed.get("began_with").asText());
    assertEquals(1, log(broken, "weights").size());
    assertSameState(unbroken.resolve(LAST), broken.resolve(LAST));
  }

  @Test
  void theNamedFileWinsOverTheCheckpointsOfAnotherRunAndSaysSo() throws IOException {
    Path output = folder.resolve("out");
    train(TestRun.recipe(data, output, "SOLVER.MAX_EPOCH", "1", "X3D.DIM_C5", "32"));
    Path found = output.resolve("checkpoints/checkpoint_epoch_00001.safetensors");
    train(recipe(output, pyth));
    JsonNode line = log(output, "not_resumed").get(0);
    assertEquals(found.toString(), line.get("file").asText());
    assertEquals(pyth.toString(), line.get("starts_from").asText());
    assertTrue(Files.exists(output.resolve("earlier-1").resolve("model.onnx")));
    assertEquals(1, log(output, "weights").size());
    assertEquals(0, log(output, "run").get(0).get("epoch").asInt());
    Path own = output.resolve(LAST);
    assertEquals(
        "cannot start from " + own + ": it belongs to the run in " + output
            + ", which would have to give way; go on with that run by --resume FILE, or start into"
            + " another folder",
        assertThrows(TrainingException.class, () -> train(recipe(output, own))).getMessage());
    assertTrue(Files.exists(own));
  }

  @Test
  void anotherFileUnderTheSameNameIsAnotherStart() throws IOException {
    Path output = folder.resolve("out");
    interrupted(recipe(output, pyth));
    Path start = Files.copy(
        output.resolve("checkpoints/checkpoint_epoch_00001.safetensors"),
        folder.resolve("start.safetensors"));
    train(recipe(output, start));
    assertEquals(1, log(output, "not_resumed").size());
    assertEquals(
        List.of(
            "loaded 140 of the 140 tensors of the network",
            "not used 92 tensors of momentum, for a new run begins without",
            "not used beside the weights: epoch 1; the run begins at epoch 0"),
        texts(log(output, "weights").get(0).get("report")));
    assertHolds(Safetensors.read(start), output.resolve(LAST), "s1", "s2");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    Path absent = folder.resolve("absent.pyth");
    assertEquals(
        "cannot start from " + absent + ": no such file",
        assertThrows(TrainingException.class, () -> train(recipe(folder.resolve("out"), absent)))
            .getMessage());
    assertFalse(Files.exists(folder.resolve("out/recipe.yaml")));
  }

  @Test
  void stagesMayBeFrozenWhereARunIsResumed() throws IOException {
    Path output = folder.resolve("out");
    interrupted(recipe(output, pyth, "TRAIN.FROZEN_STAGES", "[]"));
    Path middle = Files.copy(
        output.resolve("checkpoints/checkpoint_epoch_00001_iteration_0000001.safetensors"),
        folder.resolve("middle.safetensors"));
    train(recipe(output, pyth, "BN.USE_PRECISE_STATS", "True"));
    assertEquals(
        List.of("TRAIN.FROZEN_STAGES: [] -> [s1, s2]", "BN.USE_PRECISE_STATS: False -> True"),
        texts(log(output, "resumed").get(0).get("changed")));
    assertHolds(Safetensors.read(middle), output.resolve(LAST), "s1", "s2");
    assertArrayEquals(
        new float[8],
        Safetensors.read(output.resolve(LAST)).floats("momentum.s1.pathway0_stem.bn.bias"));
  }

  @Test
  void ranksEndWhereReplicasDo() throws Exception {
    Path alone = folder.resolve("alone");
    train(recipe(alone, pyth, "NUM_GPUS", "2"));
    Path together = folder.resolve("together");
    List<Collective> ranks = InProcess.of(2);
    Ranks.each(2, i -> {
      try (Collective rank = ranks.get(i)) {
        return Trainer.train(
            recipe(together, pyth), TestRun.options("auto").with(rank), TrainingListener.NONE);
      }
    });
    assertSameState(alone.resolve(LAST), together.resolve(LAST));
  }
}
