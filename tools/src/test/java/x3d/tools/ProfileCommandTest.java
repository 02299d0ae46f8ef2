package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.classify.SmallModel;

/** {@code x3d-tools profile} on a small network. */
final class ProfileCommandTest {
  private static final List<Object> SMALL = List.of(
      "--width-factor",
      1,
      "--depth-factor",
      0.4,
      "--dim-c1",
      8,
      "--dim-c5",
      64,
      "--frames",
      4,
      "--crop",
      32,
      "--num-classes",
      7);

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir
  Path folder;

  private static Cli profile(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of("profile", "--steps", 2, "--warmup", 2));
    all.addAll(Arrays.asList(arguments));
    return Cli.run(all.toArray());
  }

  private static Cli train(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of("--train", "--batch", 2));
    all.addAll(SMALL);
    all.addAll(Arrays.asList(arguments));
    return profile(all.toArray());
  }

  private static double sum(JsonNode rows, String field) {
    return StreamSupport.stream(rows.spliterator(), false)
        .mapToDouble(row -> row.get(field).asDouble())
        .sum();
  }

  private static Map<String, JsonNode> byName(JsonNode rows) {
    Map<String, JsonNode> named = new HashMap<>();
    rows.forEach(row -> named.put(row.get("name").asText(), row));
    return named;
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernels", "conv3d", "planes"})
  void aTrainingStepIsTakenApartInEveryLowering(String lowering) throws IOException {
    JsonNode json =
        train("--lowering", lowering, "--out", folder, "--json").succeeded().json(0);
    assertEquals(lowering, json.get("about").get("lowering").asText());
    assertEquals(1, sum(json.get("phases"), "share"), 0.02);
    assertEquals(0, json.get("unattributed").asDouble());
    assertTrue(json.get("byNeighbour").asDouble() < 0.2, json.get("byNeighbour").asText());
    Map<String, JsonNode> phases = byName(json.get("phases"));
    assertTrue(phases.get("forward").get("millis").asDouble() > 0);
    assertTrue(phases.get("backward").get("millis").asDouble() > 0);
    assertTrue(phases.get("optimizer").get("millis").asDouble() > 0);
    for (String table : List.of("operators", "layers", "stages", "passes")) {
      double nodes = phases.get("forward").get("millis").asDouble()
          + phases.get("backward").get("millis").asDouble();
      assertEquals(nodes, sum(json.get(table), "millis"), 1e-6 * nodes, table);
    }
    assertEquals(
        Set.of("parameters", "s1", "s2", "s3", "s4", "s5", "head", "loss"),
        byName(json.get("stages")).keySet());
    Map<String, JsonNode> layers = byName(json.get("layers"));
    for (String layer : List.of(
        "s1.pathway0_stem",
        "s2.pathway0_res0.branch1",
        "s3.pathway0_res0.branch2.b",
        "s5.pathway0_res1.branch2.c",
        "head.conv_5")) {
      assertTrue(layers.get(layer).get("operations").asDouble() > 0, layer);
    }
    assertEquals(json, JSON.readTree(folder.resolve("profile.json").toFile()));
    assertTrue(
        Files.readString(folder.resolve("index.html")).contains("s3.pathway0_res0.branch2.b"));

    JsonNode trace = JSON.readTree(folder.resolve("trace.json").toFile());
    keepsTheSchema(trace);
    isDrawnByTheRulesOfTheFormat(trace);
    runsLieInTheTrainersWait(trace);
    JsonNode again = Cli.run("profile", folder, "--json").succeeded().json(0);
    assertEquals(json.get("about"), again.get("about"));
    double step = json.get("stepMillis").asDouble();
    assertEquals(step, again.get("stepMillis").asDouble(), 1e-6 * step);
    assertEquals(
        byName(json.get("layers")).keySet(), byName(again.get("layers")).keySet());
  }

  private static void keepsTheSchema(JsonNode trace) throws IOException {
    String schema = Files.readString(Path.of("../docs/trace.schema.json"));
    assertEquals(
        Set.of(),
        JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(schema).validate(trace));
  }

  /** As chrome://tracing lays complete events out: by process and row, each in the one that is still open, or after it. */
  private static void isDrawnByTheRulesOfTheFormat(JsonNode trace) {
    Set<String> named = new HashSet<>();
    Map<String, Deque<JsonNode>> rows = new HashMap<>();
    Map<String, Double> last = new HashMap<>();
    for (JsonNode event : trace.get("traceEvents")) {
      String row = event.get("pid") + "/" + event.get("tid");
      if (event.get("ph").asText().equals("M")) {
        named.add(row);
        continue;
      }
      assertTrue(named.contains(row), () -> "a row without a name: " + event);
      double start = event.get("ts").asDouble();
      assertTrue(start >= last.getOrDefault(row, 0.0), () -> "out of order: " + event);
      last.put(row, start);
      Deque<JsonNode> open = rows.computeIfAbsent(row, r -> new ArrayDeque<>());
      while (!open.isEmpty() && end(open.peek()) <= start + 1e-3) {
        open.pop();
      }
      assertTrue(
          open.isEmpty() || end(event) <= end(open.peek()) + 2e-3,
          () -> event + " crosses " + open.peek());
      open.push(event);
    }
  }

  private static double end(JsonNode event) {
    return event.get("ts").asDouble() + event.get("dur").asDouble();
  }

  private static void runsLieInTheTrainersWait(JsonNode trace) {
    List<JsonNode> waits = new ArrayList<>();
    List<JsonNode> runs = new ArrayList<>();
    for (JsonNode event : trace.get("traceEvents")) {
      if (event.path("cat").asText().equals("compute")) {
        waits.add(event);
      } else if (event.get("name").asText().equals("model_run")) {
        runs.add(event);
      }
    }
    assertEquals(2, waits.size());
    assertEquals(2, runs.size());
    for (int i = 0; i < 2; i++) {
      double early = waits.get(i).get("ts").asDouble() - runs.get(i).get("ts").asDouble();
      double late = end(runs.get(i)) - end(waits.get(i));
      assertTrue(early < 500 && late < 500, "microseconds outside: " + early + ", " + late);
    }
  }

  @Test
  void theViewsOfAVideoCostWhatTheNetworkCosts() throws IOException {
    Path model = SmallModel.writeTo(folder);
    long macs =
        Cli.run("inspect", model, "--json").succeeded().json(0).get("macs").asLong();
    JsonNode json = profile(
            model, "--views", 3, "--lowering", "conv3d", "--threads", 2, "--out", folder, "--json")
        .succeeded()
        .json(0);
    assertEquals("inference", json.get("about").get("kind").asText());
    double products = 0;
    for (JsonNode row : json.get("operators")) {
      if (Set.of("Conv", "FusedConv", "MatMul", "Gemm", "FusedGemm")
          .contains(row.get("name").asText())) {
        products += row.get("operations").asDouble();
      }
    }
    assertEquals(3 * 2.0 * macs, products, 0.02 * products);
    assertEquals(0, json.get("unattributed").asDouble());
    Map<String, JsonNode> phases = byName(json.get("phases"));
    assertEquals(0, phases.get("backward").get("millis").asDouble());
    assertTrue(phases.get("forward").get("share").asDouble() <= 1);
    keepsTheSchema(JSON.readTree(folder.resolve("trace.json").toFile()));
    isDrawnByTheRulesOfTheFormat(JSON.readTree(folder.resolve("trace.json").toFile()));
  }

  @Test
  void aModelRunsAsTheClassifierRunsItAndTheTableSaysSo() throws IOException {
    String out = profile(SmallModel.writeTo(folder), "--views", 1, "--top", 3)
        .succeeded()
        .out();
    assertTrue(out.startsWith("inference of X3D, kernels: "), out);
    assertTrue(out.contains("without profiling "), out);
    assertTrue(out.contains("of the nodes' time 0.00 % is not attributed to a layer"), out);
    assertTrue(out.contains(" more)"), out);
  }

  private static void refused(int exit, String words, Cli run) {
    assertEquals(exit, run.exit(), run.out() + run.err());
    assertTrue(run.err().lines().findFirst().orElse("").contains(words), run.err());
  }

  @Test
  void wrongCallsAndFilesAreNamed() throws IOException {
    refused(2, "which model file, run or trace?", profile());
    refused(2, "--views is for a model file", train("--views", 3));
    refused(2, "--batch is for --train", profile("m.onnx", "--batch", 3));
    refused(2, "a profile is of 1 to 100 steps", Cli.run("profile", "--train", "--steps", 101));
    refused(2, "unknown key SOLVER.BASELR", train("SOLVER.BASELR", 1));
    refused(1, "no such model file: ", profile(folder.resolve("gone.onnx")));
    refused(1, "no trace in it", profile(folder));
    Path other = Files.writeString(folder.resolve("trace.json"), "{\"traceEvents\": []}");
    refused(1, other + ": not a trace of x3d", profile(other));
    Path text = Files.writeString(folder.resolve("text.onnx"), "no model");
    refused(1, "cannot be spelled as planes", profile(text, "--lowering", "planes"));
  }
}
