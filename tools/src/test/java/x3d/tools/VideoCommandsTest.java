package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.Classification;
import x3d.classify.Classifier;
import x3d.classify.Ranked;
import x3d.classify.SmallModel;
import x3d.classify.Views;
import x3d.runtime.Device;

/** {@code classify} and {@code evaluate} on real videos, one of them broken. */
final class VideoCommandsTest {
  @TempDir
  static Path folder;

  static Path model;
  static Path mp4;
  static Path avi;
  static Path upright;
  static Path corrupted;

  @BeforeAll
  static void lay() throws IOException {
    model = SmallModel.writeTo(folder);
    mp4 = SmallModel.video("part_0.mp4", folder);
    avi = SmallModel.video("test.avi", folder);
    upright = SmallModel.video("video_90.mov", folder);
    corrupted = SmallModel.video("corrupted.mp4", folder);
  }

  private static List<Ranked> top(Path video) throws IOException {
    try (Classifier classifier = Classifier.open(model, Device.cpu(1))) {
      Classification seen = classifier.classify(video, new Views(3, 1));
      return seen.top(7);
    }
  }

  @Test
  void classifyPrintsALineAVideoWithTheDocumentedFields() throws IOException {
    Cli cli = Cli.run(
            "classify",
            "--model",
            model,
            mp4,
            avi,
            "--views",
            2,
            "--crops",
            3,
            "--top",
            4,
            "--json")
        .succeeded();
    assertEquals(2, cli.out().lines().count());
    JsonNode first = cli.json(0);
    List<String> names = new ArrayList<>();
    first.fieldNames().forEachRemaining(names::add);
    assertEquals(
        List.of("video", "frames", "fps", "views", "crops", "top", "decodeMs", "inferenceMs"),
        names);
    assertEquals(mp4.toString(), first.get("video").asText());
    assertEquals(32, first.get("frames").asInt());
    assertEquals(2, first.get("views").asInt());
    assertEquals(3, first.get("crops").asInt());
    assertEquals(4, first.get("top").size());
    assertEquals(avi.toString(), cli.json(1).get("video").asText());
  }

  @Test
  void classifyTakesTheViewsFromTheModelFileUnlessTold() throws IOException {
    JsonNode answer =
        Cli.run("classify", "--model", model, mp4, "--json").succeeded().json(0);
    assertEquals(3, answer.get("views").asInt());
    Ranked best = top(mp4).get(0);
    assertEquals(best.name(), answer.get("top").get(0).get("name").asText());
    assertEquals(best.probability(), answer.get("top").get(0).get("probability").floatValue());
  }

  @Test
  void classifyNamesABrokenVideoGoesOnAndExitsWithOne() throws IOException {
    Cli cli =
        Cli.run("classify", "--model", model, corrupted, mp4, folder.resolve("none.mp4"), "--json");
    assertEquals(1, cli.exit());
    assertEquals(3, cli.out().lines().count());
    assertEquals(corrupted.toString(), cli.json(0).get("video").asText());
    assertTrue(cli.json(0).get("error").asText().startsWith("corrupted.mp4: "), cli.out());
    assertEquals(2, cli.json(0).size());
    assertEquals(5, cli.json(1).get("top").size());
    assertTrue(cli.json(2).get("error").asText().startsWith("none.mp4: "), cli.out());
  }

  @Test
  void classifyForPeopleSaysTheSameInWords() throws IOException {
    Cli cli = Cli.run("classify", "--model", model, mp4, corrupted, "--top", 1);
    assertEquals(1, cli.exit());
    Ranked best = top(mp4).get(0);
    assertEquals(2, cli.out().lines().count());
    assertTrue(cli.out().contains(best.name()), cli.out());
    assertTrue(cli.err().startsWith("x3d-tools classify: corrupted.mp4: "), cli.err());
    assertEquals(1, cli.err().lines().count());
  }

  @Test
  void classifyRefusesViewsOutOfRangeInOneLine() {
    Cli cli = Cli.run("classify", "--model", model, mp4, "--crops", 2);
    assertEquals(1, cli.exit());
    assertEquals(
        "x3d-tools classify: crops must be 1 (centre) or 3 (left, centre, right), not 2\n",
        cli.err());
  }

  @Test
  void evaluateTakesACheckpointAsItTakesTheModelOfIt() throws IOException {
    Path pyth = folder.resolve("slowfast_tiny_zip.pyth");
    try (InputStream in =
        VideoCommandsTest.class.getResourceAsStream("/reference/pyth/slowfast_tiny_zip.pyth")) {
      Files.copy(in, pyth);
    }
    Path recipe = Files.writeString(folder.resolve("tiny.yaml"), """
        X3D: {WIDTH_FACTOR: 1.0, DEPTH_FACTOR: 0.4, BOTTLENECK_FACTOR: 2.25, DIM_C1: 8, DIM_C5: 64}
        DATA: {NUM_FRAMES: 4, SAMPLING_RATE: 2, TRAIN_CROP_SIZE: 32, TEST_CROP_SIZE: 36,
          TRAIN_JITTER_SCALES: [36, 44]}
        TEST: {NUM_ENSEMBLE_VIEWS: 10, NUM_SPATIAL_CROPS: 3}
        """);
    Path exported = folder.resolve("exported.onnx");
    Cli.run("export", "--weights", pyth, "--recipe", recipe, "--num-classes", 7, "--out", exported)
        .succeeded();
    Path csv = Files.writeString(folder.resolve("two.csv"), mp4 + " 1\n" + avi + " 2\n");
    for (int crops : new int[] {1, 3}) {
      Path one = folder.resolve("of-checkpoint-" + crops);
      Path other = folder.resolve("of-model-" + crops);
      Cli.run(
              "evaluate",
              "--checkpoint",
              pyth,
              "--recipe",
              recipe,
              "--crops",
              crops,
              "--data",
              csv,
              "--out",
              one)
          .succeeded();
      Cli.run("evaluate", "--model", exported, "--crops", crops, "--data", csv, "--out", other)
          .succeeded();
      JsonNode report = new ObjectMapper().readTree(one.resolve("report.json").toFile());
      assertEquals(
          new ObjectMapper().readTree(other.resolve("report.json").toFile()).get("predictions"),
          report.get("predictions"));
      assertEquals(pyth.toString(), report.get("model").asText());
      assertEquals(10, report.get("views").asInt());
      assertEquals(crops, report.get("crops").asInt());
    }
  }

  @Test
  void evaluateOfACheckpointThatDoesNotFitOrOfNothingSaysSo() throws IOException {
    Path csv = Files.writeString(folder.resolve("one.csv"), mp4 + " 1\n");
    Cli none = Cli.run("evaluate", "--data", csv, "--out", folder.resolve("none"));
    assertEquals(2, none.exit());
    assertTrue(
        none.err().contains("--model=FILE") && none.err().contains("--checkpoint=FILE"),
        none.err());
    Path pyth = folder.resolve("misfit.pyth");
    try (InputStream in =
        VideoCommandsTest.class.getResourceAsStream("/reference/pyth/slowfast_tiny_zip.pyth")) {
      Files.copy(in, pyth);
    }
    Cli misfit = Cli.run(
        "evaluate",
        "--checkpoint",
        pyth,
        "--recipe",
        "x3d_s_kinetics",
        "--data",
        csv,
        "--out",
        folder.resolve("none"));
    assertEquals(1, misfit.exit());
    assertTrue(
        misfit.err().contains(pyth + " does not fit the network of the recipe: "), misfit.err());
    Cli both = Cli.run(
        "evaluate",
        "--model",
        model,
        "--classes",
        csv,
        "--data",
        csv,
        "--out",
        folder.resolve("none"));
    assertEquals(2, both.exit());
  }

  @Test
  void evaluateReportsAccuracyPredictionsAndFailures() throws IOException {
    int right = top(mp4).get(0).label();
    int second = top(avi).get(1).label();
    int last = top(upright).get(6).label();
    Path csv = Files.writeString(
        folder.resolve("val.csv"),
        "part_0.mp4 " + right + "\n" + avi + " " + second + "\ncorrupted.mp4 0\nvideo_90.mov "
            + last + "\nnone.mp4 1\n");
    Path out = folder.resolve("report");
    Cli cli = Cli.run("evaluate", "--model", model, "--data", csv, "--out", out).succeeded();

    JsonNode report = new ObjectMapper().readTree(out.resolve("report.json").toFile());
    assertEquals(100.0 / 3, report.get("top1").asDouble(), 1e-9);
    assertEquals(200.0 / 3, report.get("top5").asDouble(), 1e-9);
    assertEquals(3, report.get("videos").asInt());
    assertEquals(2, report.get("failed").size());
    assertEquals(corrupted.toString(), report.get("failed").get(0).get("video").asText());
    assertTrue(report.get("failed").get(0).get("reason").asText().startsWith("corrupted.mp4: "));
    assertTrue(report.get("failed").get(1).get("reason").asText().startsWith("none.mp4: "));
    JsonNode prediction = report.get("predictions").get(1);
    assertEquals(avi.toString(), prediction.get("video").asText());
    assertEquals(second, prediction.get("label").asInt());
    assertEquals(2, prediction.get("rank").asInt());
    assertEquals(5, prediction.get("top").size());
    int own = 0;
    for (JsonNode one : report.get("perClass")) {
      own += one.get("videos").asInt();
      assertEquals(
          SmallModel.CLASS_NAMES.get(one.get("label").asInt()), one.get("name").asText());
    }
    assertEquals(3, own);

    String page = Files.readString(out.resolve("index.html"));
    assertTrue(page.contains("33.3 %") && page.contains("corrupted.mp4"), page);
    assertTrue(cli.out().contains("top-1  33.33 %"), cli.out());
  }

  @Test
  void evaluateOfAListWithABadLineNamesTheLine() throws IOException {
    Path csv = Files.writeString(folder.resolve("bad.csv"), "part_0.mp4 0\ntest.avi nine\n");
    Cli cli = Cli.run("evaluate", "--model", model, "--data", csv, "--out", folder.resolve("none"));
    assertEquals(1, cli.exit());
    assertTrue(cli.err().contains("bad.csv:2"), cli.err());
    assertTrue(Files.notExists(folder.resolve("none")));
  }

  @Test
  void evaluateOfNothingReadableFails() throws IOException {
    Path csv = Files.writeString(folder.resolve("broken.csv"), "corrupted.mp4 0\n");
    assertEquals(
        1,
        Cli.run("evaluate", "--model", model, "--data", csv, "--out", folder.resolve("empty"))
            .exit());
  }
}
