package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.classify.Classifier;
import x3d.classify.SmallModel;
import x3d.classify.Views;
import x3d.net.Factors;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.Session;
import x3d.weights.Safetensors;
import x3d.weights.WeightTensor;
import x3d.weights.Weights;

/** From checkpoints to weights to model files to what is in them. */
final class ModelCommandsTest {
  @TempDir
  static Path folder;

  static Path weights;

  @BeforeAll
  static void writeWeights() {
    weights = folder.resolve("small.safetensors");
    Safetensors.write(weights, SmallModel.weights().withMetadata(Factors.toMap(SmallModel.CONFIG)));
  }

  private static Path resource(String name) throws IOException {
    Path file = folder.resolve(Path.of(name).getFileName().toString());
    try (InputStream in = SmallModel.class.getResourceAsStream(name)) {
      Files.write(file, in.readAllBytes());
    }
    return file;
  }

  @Test
  void exportTakesTheFactorsFromTheWeightsMetadata() throws IOException {
    Path classes = Files.write(folder.resolve("classes.txt"), SmallModel.CLASS_NAMES);
    Path model = folder.resolve("made/small.onnx");
    Cli.run(
            "export",
            "--weights",
            weights,
            "--out",
            model,
            "--classes",
            classes,
            "--sampling-rate",
            2,
            "--short-side",
            36)
        .succeeded();
    Path video = SmallModel.video("part_0.mp4", folder);
    try (Classifier exported = Classifier.open(model, Device.cpu(1));
        Classifier direct = Classifier.open(SmallModel.writeTo(folder), Device.cpu(1))) {
      assertEquals(SmallModel.CLASS_NAMES, exported.classNames());
      assertEquals(10, exported.metadata().views());
      assertEquals(36, exported.metadata().shortSide());
      assertArrayEquals(
          direct.classify(video, new Views(2, 1)).probabilities(),
          exported.classify(video, new Views(2, 1)).probabilities());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"conv3d", "planes"})
  void exportInFloat16IsHalfTheFileAndNearlyTheSameProbabilities(String lowering)
      throws IOException {
    Path narrow = folder.resolve(lowering + "-float16.onnx");
    Path wide = folder.resolve(lowering + "-float32.onnx");
    for (Path model : new Path[] {narrow, wide}) {
      String precision = model == narrow ? "float16" : "float32";
      Cli.run(
              "export",
              "--weights",
              weights,
              "--out",
              model,
              "--lowering",
              lowering,
              "--precision",
              precision,
              "--sampling-rate",
              2,
              "--short-side",
              36)
          .succeeded();
    }
    assertEquals(
        "float16",
        Cli.run("inspect", narrow, "--json")
            .json(0)
            .at("/metadata/x3d.precision")
            .asText());
    long saved = Files.size(wide) - Files.size(narrow);
    long numbers = Cli.run("inspect", wide, "--json").json(0).get("numbers").asLong();
    assertEquals(2 * numbers, saved, 0.1 * saved);
    Path video = SmallModel.video("part_0.mp4", folder);
    try (Classifier one = Classifier.open(wide, Device.cpu(1));
        Classifier other = Classifier.open(narrow, Device.cpu(1))) {
      float[] expected = one.classify(video, new Views(2, 1)).probabilities();
      float[] actual = other.classify(video, new Views(2, 1)).probabilities();
      assertArrayEquals(expected, actual, 1e-2f);
      assertFalse(Arrays.equals(expected, actual), "it has not rounded anything");
    }
  }

  @Test
  void exportOfKernelsInFloat16IsRefused() {
    Path model = folder.resolve("none.onnx");
    Cli refused = Cli.run(
        "export",
        "--weights",
        weights,
        "--out",
        model,
        "--lowering",
        "kernels",
        "--precision",
        "float16",
        "--sampling-rate",
        2);
    assertEquals(1, refused.exit());
    assertTrue(refused.err().contains("kernels computes in float32 only"), refused.err());
    assertFalse(Files.exists(model));
    Cli wrong = Cli.run("export", "--weights", weights, "--out", model, "--precision", "half");
    assertEquals(2, wrong.exit());
    assertTrue(wrong.err().contains("float32 or float16, not in 'half'"), wrong.err());
  }

  @Test
  void compareInMixedPrecisionHoldsToTheToleranceThatIsGiven() throws IOException {
    Path reference = Path.of("../model/src/test/resources/reference/tiny");
    JsonNode found = Cli.run("compare", reference, "--precision", "O2", "--tolerance", 10, "--json")
        .succeeded()
        .json(0);
    assertEquals("O2", found.get("precision").asText());
    assertEquals(0, found.get("evalProbabilities").asDouble(), 1e-3);
    assertEquals(0, found.get("loss").asDouble(), 1e-3);
    assertTrue(found.get("gradients").asDouble() > 1e-4, "it has not rounded anything");
    Cli strict = Cli.run("compare", reference, "--precision", "O2");
    assertEquals(1, strict.exit());
    assertTrue(strict.out().contains("lowering conv3d, O2"), strict.out());
    Cli refused = Cli.run("compare", reference, "--precision", "O2", "--lowering", "kernels");
    assertEquals(2, refused.exit());
    assertTrue(refused.err().contains("kernels computes in float32 only, O0; got O2"));
    Cli wrong = Cli.run("compare", reference, "--precision", "O3");
    assertEquals(2, wrong.exit());
    assertTrue(wrong.err().contains("no precision 'O3'; there are: O0, O1, O2"), wrong.err());
  }

  @Test
  void exportTakesTheFactorsFromOptions() {
    Path bare = folder.resolve("bare.safetensors");
    Safetensors.write(bare, new Weights(SmallModel.weights().tensors(), Map.of()));
    Path model = folder.resolve("bare.onnx");
    Cli.run(
            "export",
            "--weights",
            bare,
            "--out",
            model,
            "--width-factor",
            1,
            "--depth-factor",
            0.4,
            "--dim-c1",
            8,
            "--frames",
            4,
            "--crop",
            32)
        .succeeded();
    assertTrue(Files.exists(model));
  }

  @Test
  void exportTakesTheFactorsFromARecipe() throws IOException {
    Path recipe = Files.writeString(folder.resolve("small.yaml"), """
        X3D: {WIDTH_FACTOR: 1.0, DEPTH_FACTOR: 0.4, BOTTLENECK_FACTOR: 2.25, DIM_C1: 8, DIM_C5: 64}
        MODEL: {NUM_CLASSES: 7}
        DATA: {NUM_FRAMES: 4, SAMPLING_RATE: 3, TRAIN_CROP_SIZE: 32, TEST_CROP_SIZE: 32, TRAIN_JITTER_SCALES: [40, 48]}
        TEST: {NUM_SPATIAL_CROPS: 1}
        """);
    Path model = folder.resolve("recipe.onnx");
    Cli.run("export", "--weights", weights, "--out", model, "--recipe", recipe).succeeded();
    try (Classifier exported = Classifier.open(model, Device.cpu(1))) {
      assertEquals(3, exported.metadata().samplingRate());
      assertEquals(40, exported.metadata().shortSide());
    }
  }

  @Test
  void exportOfWeightsThatLackATensorNamesItAndWritesNothing() {
    Map<String, WeightTensor> tensors = new LinkedHashMap<>(SmallModel.weights().tensors());
    tensors.remove("head.lin_5.weight");
    Path lacking = folder.resolve("lacking.safetensors");
    Safetensors.write(lacking, new Weights(tensors, Factors.toMap(SmallModel.CONFIG)));
    Path model = folder.resolve("lacking.onnx");
    Cli refused = Cli.run("export", "--weights", lacking, "--out", model);
    assertEquals(1, refused.exit());
    assertTrue(refused.err().startsWith("x3d-tools export: "), refused.err());
    assertTrue(refused.err().contains("missing 1: head.lin_5.weight"), refused.err());
    assertEquals(1, refused.err().lines().count());
    assertFalse(Files.exists(model));
  }

  @Test
  void exportWithTheWrongNumberOfNamesIsRefused() throws IOException {
    Path classes = Files.writeString(folder.resolve("two.txt"), "one\ntwo\n");
    Cli refused = Cli.run(
        "export", "--weights", weights, "--out", folder.resolve("x.onnx"), "--classes", classes);
    assertEquals(1, refused.exit());
    assertTrue(
        refused.err().contains("two.txt names 2 classes, and the weights have 7"), refused.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"slowfast_tiny_zip", "slowfast_tiny_legacy", "slowfast_tiny_module_prefix_fp16"})
  void checkpointsBecomeSafetensorsWithEveryTensorReported(String name) throws IOException {
    Path checkpoint = resource("/reference/pyth/" + name + ".pyth");
    Path out = folder.resolve(name + ".safetensors");
    Cli report = Cli.run(
            "import-weights",
            checkpoint,
            "--out",
            out,
            "--json",
            "--width-factor",
            1,
            "--depth-factor",
            0.4,
            "--dim-c1",
            8,
            "--frames",
            4,
            "--crop",
            32)
        .succeeded();
    Weights read = Safetensors.read(out).weights();
    assertEquals(read.tensors().size(), report.json(0).get("loaded").size());
    assertEquals(0, report.json(0).get("missing").size());
    assertEquals(0, report.json(0).get("mismatched").size());
    assertEquals("7", read.metadata().get("num_classes"));
    Weights reference =
        Safetensors.read(resource("/reference/tiny/weights.safetensors")).weights();
    float tolerance = name.endsWith("fp16") ? 1e-2f : 0;
    for (String tensor : read.tensors().keySet()) {
      assertArrayEquals(
          reference.get(tensor).values(), read.get(tensor).values(), tolerance, tensor);
    }
  }

  @Test
  void checkpointOfAnotherNetworkIsReportedByNameAndWritesNothing() throws IOException {
    Path checkpoint = resource("/reference/pyth/slowfast_tiny_zip.pyth");
    Path out = folder.resolve("wrong.safetensors");
    Cli refused = Cli.run("import-weights", checkpoint, "--out", out, "--variant", "S");
    assertEquals(1, refused.exit());
    assertTrue(
        refused
            .out()
            .contains("s1.pathway0_stem.conv_xy.weight is [8, 3, 1, 3, 3], not [24, 3, 1, 3, 3]"),
        refused.out());
    assertFalse(Files.exists(out));
  }

  @Test
  void inspectCountsWhatAModelFileHolds() throws IOException {
    Path model = folder.resolve("inspected.onnx");
    Cli.run("export", "--weights", weights, "--out", model).succeeded();
    JsonNode facts = Cli.run("inspect", model, "--json").succeeded().json(0);
    assertEquals("onnx", facts.get("kind").asText());
    assertEquals(86343, facts.get("parameters").asLong());
    assertEquals("32", facts.get("metadata").get("x3d.crop").asText());
    assertTrue(facts.get("operators").get("Conv").asInt() > 10);
    assertTrue(facts.get("macs").asLong() > 0);
  }

  @Test
  void inspectCountsTheMacsOfX3dSAsThePaperDoes() throws IOException {
    Path graphs = folder.resolve("s");
    Cli.run("build-graph", "--out", graphs, "--batch", 1).succeeded();
    JsonNode facts = Cli.run("inspect", graphs.resolve("inference.onnx"), "--json")
        .succeeded()
        .json(0);
    assertEquals(1.96e9, facts.get("macs").asDouble(), 0.01e9);
  }

  @Test
  void inspectTellsCheckpointsFromWeights() throws IOException {
    JsonNode checkpoint = Cli.run(
            "inspect", resource("/reference/pyth/slowfast_tiny_legacy.pyth"), "--json")
        .succeeded()
        .json(0);
    assertEquals("pytorch", checkpoint.get("kind").asText());
    assertEquals(86343, checkpoint.get("parameters").asLong());
    JsonNode plain =
        Cli.run("inspect", weights, "--json", "--tensors").succeeded().json(0);
    assertEquals("safetensors", plain.get("kind").asText());
    assertEquals(86343, plain.get("parameters").asLong());
    assertEquals("[7,64]", plain.get("shapes").get("head.projection.weight").toString());
  }

  @Test
  void inspectOfSomethingElseSaysSo() throws IOException {
    Cli refused =
        Cli.run("inspect", Files.writeString(folder.resolve("notes.txt"), "nothing of the kind"));
    assertEquals(1, refused.exit());
    assertTrue(refused.err().contains("notes.txt"), refused.err());
    assertEquals(1, refused.err().lines().count(), refused.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"O0", "O1", "O2"})
  void builtGraphsRunAndTheLayoutCoversTheirVectors(String precision) throws IOException {
    Path graphs = folder.resolve("graphs-" + precision);
    Cli.run(
            "build-graph",
            "--out",
            graphs,
            "--batch",
            2,
            "--lowering",
            "planes",
            "--precision",
            precision,
            "--width-factor",
            1,
            "--depth-factor",
            0.4,
            "--dim-c1",
            8,
            "--dim-c5",
            64,
            "--num-classes",
            7,
            "--frames",
            4,
            "--crop",
            32)
        .succeeded();
    JsonNode layout = new ObjectMapper().readTree(graphs.resolve("layout.json").toFile());
    JsonNode slices = layout.get("parameters");
    JsonNode last = slices.get(slices.size() - 1);
    int parameters = last.get("offset").asInt() + last.get("length").asInt();
    assertEquals(86343, parameters);
    try (Session training = Session.open(graphs.resolve("training.onnx"), Device.cpu(1));
        Session inference = Session.open(graphs.resolve("inference.onnx"), Device.cpu(1));
        HostTensor clips = HostTensor.floats(1, 3, 4, 32, 32);
        HostTensor probabilities = HostTensor.floats(1, 7)) {
      assertArrayEquals(new long[] {parameters}, training.inputShape("parameters"));
      assertArrayEquals(new long[] {2, 3, 4, 32, 32}, training.inputShape("clips"));
      inference.run(Map.of("clips", clips), Map.of("probabilities", probabilities));
      float sum = 0;
      for (int i = 0; i < 7; i++) {
        sum += probabilities.floats().get(i);
      }
      assertEquals(1, sum, 1e-5);
    }
  }
}
