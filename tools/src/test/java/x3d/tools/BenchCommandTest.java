package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.SmallModel;

/** {@code x3d-tools bench} on a small network. */
final class BenchCommandTest {
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
  private static final List<Object> SHORT = List.of("--warmup", 1, "--rounds", 3, "--json");

  @TempDir
  Path folder;

  private static Cli bench(String what, Object... more) {
    return run(what, SMALL, SHORT, Arrays.asList(more));
  }

  @SafeVarargs
  private static Cli run(String what, List<Object>... parts) {
    List<Object> all = new ArrayList<>(List.of("bench", what));
    for (List<Object> part : parts) {
      all.addAll(part);
    }
    return Cli.run(all.toArray());
  }

  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static void assertMeasured(JsonNode series, int rounds, int items) {
    assertEquals(
        List.of("itemsPerSecond", "millisPerItem", "seconds", "items", "peakMemoryBytes"),
        names(series));
    assertEquals(rounds, series.get("seconds").size());
    series.get("items").forEach(count -> assertEquals(items, count.asInt()));
    double median = series.at("/itemsPerSecond/median").asDouble();
    assertTrue(series.at("/itemsPerSecond/min").asDouble() <= median, series.toString());
    assertTrue(median <= series.at("/itemsPerSecond/max").asDouble(), series.toString());
    assertTrue(median > 0, series.toString());
  }

  @Test
  void trainMeasuresStepsOfTheWholeBatch() throws IOException {
    JsonNode report = bench("train", "--batch", 4, "--steps", 2).succeeded().json(0);
    assertEquals(
        List.of(
            "bench", "settings", "measurements", "figures", "soak", "peakMemoryBytes", "machine"),
        names(report));
    assertEquals(
        List.of("processor", "cores", "jdk", "system", "date", "version", "revision"),
        names(report.get("machine")));
    assertEquals(4, report.at("/settings/batch").asInt());
    assertEquals("kernels", report.at("/settings/lowering").asText());
    assertMeasured(report.at("/measurements/0/ours"), 3, 8);
    double step = 4 * report.at("/measurements/0/ours/millisPerItem/median").asDouble();
    double optimizer = report.at("/figures/optimizerMillis").asDouble();
    assertTrue(0 < optimizer && optimizer < step, optimizer + " of " + step);
    assertTrue(report.at("/measurements/0/peer").isNull());
    assertTrue(report.at("/soak").isNull());
  }

  @Test
  void trainTakesNetworkAndBatchOfARecipe() throws IOException {
    Path recipe = Files.writeString(folder.resolve("small.yaml"), """
        X3D: {WIDTH_FACTOR: 1.0, DEPTH_FACTOR: 0.4, BOTTLENECK_FACTOR: 2.25, DIM_C1: 8, DIM_C5: 64}
        MODEL: {NUM_CLASSES: 7, LOWERING: planes}
        DATA: {NUM_FRAMES: 4, TRAIN_CROP_SIZE: 32, TEST_CROP_SIZE: 32, TRAIN_JITTER_SCALES: [40, 48]}
        TRAIN: {BATCH_SIZE: 6}
        SOLVER: {ACCUMULATION_STEPS: 3}
        TEST: {NUM_SPATIAL_CROPS: 1}
        """);
    JsonNode report =
        run("train", List.of("--recipe", recipe), SHORT).succeeded().json(0);
    assertEquals("planes", report.at("/settings/lowering").asText());
    assertMeasured(report.at("/measurements/0/ours"), 3, 6);
  }

  @Test
  void aSoakReportsMemoryOverAllSteps() throws IOException {
    JsonNode soak =
        bench("train", "--batch", 2, "--soak", 12).succeeded().json(0).get("soak");
    assertEquals(
        List.of("samples", "heapGrowthBytes", "residentGrowthBytes", "boundBytes", "flat"),
        names(soak));
    assertEquals(5, soak.get("samples").size());
    assertEquals(12, soak.at("/samples/4/done").asInt());
    assertTrue(soak.at("/samples/4/heapBytes").asLong() > 0);
  }

  @Test
  void aSoakThatGrowsBeyondItsBoundFails() {
    Cli grown = bench("train", "--batch", 2, "--soak", 1, "--max-growth", -100_000);
    assertEquals(1, grown.exit());
    assertEquals(
        "x3d-tools bench train: memory grew by more than -100000 MiB over the soak",
        grown.err().strip());
  }

  @Test
  void inferMeasuresLatencyAndThroughputOfTheNetwork() throws IOException {
    JsonNode report = bench("infer", "--sampling-rate", 2, "--views", 3, "--threads", 2)
        .succeeded()
        .json(0);
    assertMeasured(report.at("/measurements/0/ours"), 3, 1);
    assertMeasured(report.at("/measurements/1/ours"), 3, 2);
    assertEquals("throughput, 2 at a time", report.at("/measurements/1/name").asText());
  }

  @Test
  void inferOfDrawnWeightsInFloat16SaysSo() throws IOException {
    JsonNode report = bench("infer", "--sampling-rate", 2, "--precision", "float16")
        .succeeded()
        .json(0);
    assertEquals(
        "drawn weights, a file in conv3d, float16", report.at("/settings/model").asText());
  }

  @Test
  void inferOfAVideoDecodesItToo() throws IOException {
    Path video = SmallModel.video("part_0.mp4", folder);
    Cli cli = run(
            "infer",
            List.of("--model", SmallModel.writeTo(folder), "--video", video, "--rounds", 1),
            List.of("--warmup", 0, "--views", 2, "--threads", 2, "--soak", 2))
        .succeeded();
    assertTrue(cli.out().contains("latency, one at a time"), cli.out());
    assertTrue(cli.out().contains("after 2  heap "), cli.out());
  }

  @Test
  void inferOfAMissingVideoSaysSo() {
    Cli refused = bench("infer", "--sampling-rate", 2, "--video", folder.resolve("none.mp4"));
    assertEquals(1, refused.exit());
    assertEquals(1, refused.err().lines().count(), refused.err());
    assertTrue(refused.err().contains("none.mp4"), refused.err());
  }

  @Test
  void loadReadsVideosInTurnOrThoseOfAList() throws IOException {
    Path mp4 = SmallModel.video("part_0.mp4", folder);
    Path avi = SmallModel.video("test.avi", folder);
    JsonNode report = bench("load", "--sampling-rate", 2, "--clips", 6, "--threads", 2, mp4, avi)
        .succeeded()
        .json(0);
    assertMeasured(report.at("/measurements/0/ours"), 3, 6);
    double rate = report.at("/measurements/0/ours/itemsPerSecond/median").asDouble();
    assertEquals(rate / 2, report.at("/figures/clipsPerSecondAndThread").asDouble(), 1e-9);

    Path csv = Files.writeString(folder.resolve("list.csv"), "part_0.mp4 0\ntest.avi 9\n");
    JsonNode listed =
        bench("load", "--sampling-rate", 2, "--data", csv).succeeded().json(0);
    assertMeasured(listed.at("/measurements/0/ours"), 3, 2);
  }

  @Test
  void loadThroughACacheDecodesNothingInItsRounds() throws IOException {
    Path mp4 = SmallModel.video("part_0.mp4", folder);
    Path cache = folder.resolve("cache");
    JsonNode report = bench(
            "load", "--sampling-rate", 2, "--clips", 4, "--threads", 1, "--cache", cache, mp4)
        .succeeded()
        .json(0);
    assertMeasured(report.at("/measurements/0/ours"), 3, 4);
    assertEquals(cache.toString(), report.at("/settings/cache").asText());
    JsonNode figures = report.get("figures");
    assertEquals(16, figures.get("cacheHits").asInt()); // of 1 + 3 rounds
    assertEquals(0, figures.get("cacheMisses").asInt());
    assertTrue(figures.get("cacheFillSeconds").asDouble() > 0);
    long bytes = figures.get("cacheBytes").asLong();
    assertTrue(bytes > 1 << 20, "bytes " + bytes);

    JsonNode small = bench(
            "load",
            "--sampling-rate",
            2,
            "--clips",
            4,
            "--cache",
            folder.resolve("small"),
            "--cache-size",
            bytes - 1,
            mp4)
        .succeeded()
        .json(0);
    assertEquals(0, small.at("/figures/cacheHits").asInt());
    assertEquals(16, small.at("/figures/cacheMisses").asInt());
    assertEquals(0, small.at("/figures/cacheBytes").asLong());
  }

  @Test
  void aCacheSizeWithoutACacheIsAWrongCall() {
    Cli refused = bench("load", "--cache-size", "10G", folder.resolve("a.mp4"));
    assertEquals(2, refused.exit());
    assertTrue(refused.err().contains("--cache-size 10G: of which --cache DIR?"), refused.err());
  }

  @Test
  void peerSpanWithoutAPeerIsAWrongCall() {
    Cli refused = bench("load", "--peer-span", folder.resolve("a.mp4"));
    assertEquals(2, refused.exit());
    assertTrue(refused.err().contains("--peer-span: of which --peer PYTHON?"), refused.err());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void thePeerOfLoadIsToldWhichFramesToMakeRgbOf() throws IOException {
    Path mp4 = SmallModel.video("part_0.mp4", folder);
    Path seen = folder.resolve("seen.txt");
    Path python = peer("""
        echo "$@" >>'%s'
        echo ready
        while read -r line && [ "$line" = run ]; do
          echo '{"seconds": 2.0, "items": 2, "peak_rss_bytes": 12345}'
        done
        """.formatted(seen));
    for (List<Object> how : List.of(List.<Object>of(), List.<Object>of("--peer-span"))) {
      List<Object> call = List.of("--sampling-rate", 2, "--clips", 2, "--peer", python, mp4);
      run("load", SMALL, SHORT, how, call).succeeded();
    }
    List<String> lines = Files.readAllLines(seen);
    assertTrue(lines.get(0).contains("load.py --threads"), lines.get(0));
    assertTrue(lines.get(0).contains(" --rgb chosen "), lines.get(0));
    assertTrue(lines.get(1).contains(" --rgb span "), lines.get(1));
  }

  @Test
  void loadOfABrokenVideoFails() throws IOException {
    Path broken = SmallModel.video("corrupted.mp4", folder);
    Cli refused = bench("load", "--sampling-rate", 2, "--clips", 2, broken);
    assertEquals(1, refused.exit());
    assertTrue(refused.err().contains("corrupted.mp4"), refused.err());
    assertEquals(1, refused.err().lines().count(), refused.err());
  }

  @Test
  void loadWithoutVideosIsAWrongCall() {
    assertEquals(2, bench("load").exit());
  }

  @Test
  void serveReportsLatenciesOfClientsAtTheSameTime() throws IOException {
    Path video = SmallModel.video("part_0.mp4", folder);
    JsonNode report = bench(
            "serve",
            "--sampling-rate",
            2,
            "--video",
            video,
            "--clients",
            2,
            "--requests",
            3,
            "--out",
            folder.resolve("serve.json"))
        .succeeded()
        .json(0);
    assertMeasured(report.at("/measurements/0/ours"), 3, 6);
    JsonNode figures = report.get("figures");
    assertEquals(0, figures.get("errors").asInt());
    assertTrue(figures.get("p50Millis").asDouble() > 0);
    assertTrue(figures.get("p50Millis").asDouble() <= figures.get("p95Millis").asDouble());
    assertTrue(figures.get("p95Millis").asDouble() <= figures.get("p99Millis").asDouble());
    assertEquals(
        report, new ObjectMapper().readTree(folder.resolve("serve.json").toFile()));
  }

  @Test
  void serveCountsWhatIsNotAnsweredAndFails() throws IOException {
    Path video = SmallModel.video("corrupted.mp4", folder);
    Cli refused =
        bench("serve", "--sampling-rate", 2, "--video", video, "--clients", 2, "--requests", 1);
    assertEquals(1, refused.exit());
    assertEquals(6, refused.json(0).at("/figures/errors").asInt());
    assertTrue(
        refused.err().startsWith("x3d-tools bench serve: 6 of 6 requests failed; the first: 422 "),
        refused.err());
  }

  @Test
  void rooflineStatesTheKnownSizeOfX3dS() throws IOException {
    JsonNode report =
        run("roofline", List.of("--json", "--threads", 1)).succeeded().json(0);
    assertEquals(3_794_322, report.get("parameters").asInt());
    assertEquals(1.96, report.get("macs").asDouble() / 1e9, 0.005);
    JsonNode all = report.get("training").get(report.get("training").size() - 1);
    assertEquals("all", all.get("stage").asText());
    assertTrue(all.get("leastMillis").asDouble() > 0);
  }

  @Test
  void benchAloneIsAWrongCall() {
    assertEquals(2, Cli.run("bench").exit());
  }

  @Test
  void aPeerThatCannotBeStartedIsNamed() {
    Cli refused = bench("train", "--peer", folder.resolve("nopython"));
    assertEquals(1, refused.exit());
    assertTrue(
        refused.err().startsWith("x3d-tools bench train: the peer cannot be started: "),
        refused.err());
    assertEquals(1, refused.err().lines().count(), refused.err());
  }

  /** An executable that takes python's place. */
  private Path peer(String script) throws IOException {
    Path file = Files.writeString(folder.resolve("python"), "#!/bin/sh\n" + script);
    assertTrue(file.toFile().setExecutable(true));
    return file;
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aPeerDoesTheSameWorkBetweenOurRounds() throws IOException {
    Path seen = folder.resolve("seen.txt");
    Path python = peer("""
        echo "$@" >'%s'
        echo ready
        while read -r line && [ "$line" = run ]; do
          echo '{"seconds": 2.0, "items": 8, "peak_rss_bytes": 12345}'
        done
        echo "ended by $line" >>'%s'
        """.formatted(seen, seen));
    JsonNode measured =
        bench("train", "--threads", 1, "--peer", python).succeeded().json(0).at("/measurements/0");
    assertMeasured(measured.get("peer"), 3, 8);
    assertEquals(4, measured.at("/peer/itemsPerSecond/median").asDouble());
    assertEquals(12345, measured.at("/peer/peakMemoryBytes").asInt());
    assertEquals(
        measured.at("/ours/itemsPerSecond/median").asDouble() / 4,
        measured.at("/ratio/median").asDouble(),
        1e-6);
    List<String> lines = Files.readAllLines(seen);
    assertTrue(lines.get(0).contains("x3d_torch.py train --factors {"), lines.get(0));
    assertTrue(lines.get(0).endsWith("--batch 8 --steps 1 --threads 1"), lines.get(0));
    assertEquals("ended by quit", lines.get(1));
    Path script = Path.of(lines.get(0).substring(0, lines.get(0).indexOf(".py") + 3));
    assertFalse(Files.exists(script.getParent()), script + " is left behind");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aPeerIsToldWhereAndHowToRun() throws IOException {
    Path seen = folder.resolve("seen.txt");
    Path python = peer("""
        echo "$@" >>'%s'
        echo ready
        while read -r line && [ "$line" = run ]; do
          echo '{"seconds": 2.0, "items": 64, "peak_rss_bytes": 12345, "peak_device_bytes": 67}'
        done
        """.formatted(seen));
    List<Object> how = List.of(
        "--peer",
        python,
        "--peer-device",
        "cuda:1",
        "--peer-precision",
        "float16",
        "--peer-channels-last",
        "--peer-compile");
    run("train", SMALL, SHORT, how, List.of("--batch", 2, "--peer-batch", 64)).succeeded();
    run("infer", SMALL, SHORT, how, List.of("--sampling-rate", 2, "--views", 2)).succeeded();
    List<String> lines = Files.readAllLines(seen);
    String placement = "--device cuda:1 --precision float16 --channels-last --compile";
    assertTrue(lines.get(0).contains(" --batch 64 "), lines.get(0));
    assertTrue(lines.get(0).endsWith(placement), lines.get(0));
    assertTrue(lines.get(1).endsWith(placement), lines.get(1));
  }

  @Test
  void howAPeerRunsWithoutAPeerIsAWrongCall() {
    for (List<Object> how : List.of(
        List.<Object>of("--peer-device", "cuda"),
        List.<Object>of("--peer-precision", "tf32"),
        List.<Object>of("--peer-channels-last"),
        List.<Object>of("--peer-compile"),
        List.<Object>of("--peer-batch", 8))) {
      Cli refused = run("train", SMALL, SHORT, how);
      assertEquals(2, refused.exit());
      assertTrue(refused.err().contains(how.get(0) + ": of which --peer PYTHON?"), refused.err());
    }
  }

  @Test
  void overridesOfTheRecipeCountLast() throws IOException {
    JsonNode report = bench(
            "train",
            "--batch",
            4,
            "--lowering",
            "conv3d",
            "MODEL.LOWERING",
            "planes",
            "TRAIN.BATCH_SIZE",
            2)
        .succeeded()
        .json(0);
    assertEquals("planes", report.at("/settings/lowering").asText());
    assertEquals(2, report.at("/settings/batch").asInt());
  }

  @Test
  void anOverrideThatNoRecipeHasIsAWrongCall() {
    Cli refused = bench("train", "MODEL.LOWERINGS", "planes");
    assertEquals(2, refused.exit());
    assertTrue(refused.err().contains("MODEL.LOWERINGS"), refused.err());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aPeerThatDiesBetweenRoundsEndsTheBenchWithItsLastWords() throws IOException {
    Path python = peer("""
        echo ready
        read -r line
        echo '{"seconds": 1, "items": 8, "peak_rss_bytes": null}'
        read -r line
        echo 'first words' >&2
        echo 'no memory left' >&2
        exit 3
        """);
    Cli refused = bench("train", "--peer", python);
    assertEquals(1, refused.exit());
    assertEquals(
        "x3d-tools bench train: the peer " + python + " ended with exit code 3: no memory left",
        refused.err().strip());
    assertEquals("", refused.out());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aPeerThatAnswersSomethingElseIsRefused() throws IOException {
    Path python = peer("echo ready; read -r line; echo hello; read -r line");
    Cli refused = bench("train", "--peer", python);
    assertEquals(1, refused.exit());
    assertTrue(refused.err().contains("said 'hello' where {\"seconds\""), refused.err());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aPeerThatIsNeverReadyIsRefusedBeforeAnythingIsMeasured() throws IOException {
    Path python = peer("echo \"ModuleNotFoundError: No module named 'torch'\" >&2; exit 1");
    Cli refused = bench("infer", "--sampling-rate", 2, "--peer", python);
    assertEquals(1, refused.exit());
    assertTrue(
        refused.err().strip().endsWith("exit code 1: ModuleNotFoundError: No module named 'torch'"),
        refused.err());
  }
}
