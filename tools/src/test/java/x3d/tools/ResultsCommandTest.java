package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.train.Recipe;

class ResultsCommandTest {
  @TempDir
  Path folder;

  private Path run(String name, Recipe recipe, String... log) throws IOException {
    Path run = Files.createDirectories(folder.resolve(name));
    Files.writeString(run.resolve("recipe.yaml"), recipe.toYaml());
    Files.write(run.resolve("stdout.log"), List.of(log));
    return run;
  }

  private static String began(String provider, String device, int devices, String precision) {
    return Json.line(Map.of(
        "_type",
        "run",
        "provider",
        provider,
        "device",
        device,
        "devices",
        devices,
        "ranks",
        1,
        "threads",
        4,
        "batch",
        256,
        "precision",
        precision,
        "loss_scale",
        128.0));
  }

  private static String epoch(int epoch, double fps) {
    return Json.line(Map.of("_type", "train_epoch", "epoch", epoch, "fps", fps));
  }

  /** A training on eight devices, done, and evaluated with 10 views. */
  private Path training() throws IOException {
    Path run = run(
        "full",
        Recipe.seed().with("SOLVER.MAX_EPOCH", 4),
        began("cuda", "NVIDIA H100", 8, "O2"),
        epoch(1, 10),
        epoch(2, 140),
        epoch(3, 150),
        epoch(4, 143),
        "{\"_type\":\"train_it");
    report(run.resolve("evaluation"), run.resolve("model.onnx"), 73.25, 1);
    return run;
  }

  private static Path report(Path folder, Path model, double top1, int crops) throws IOException {
    Path file = Files.createDirectories(folder).resolve("report.json");
    Json.save(
        file,
        Json.line(Map.of("model", model.toString(), "views", 10, "crops", crops, "top1", top1)));
    return file;
  }

  /** A performance run on the CPU. */
  private Path performance() throws IOException {
    Path run = run(
        "pace",
        Recipe.read(Path.of("x3d_s_performance_1p")),
        began("cpu", "2 cores, amd64", 1, "O0"),
        epoch(1, 3));
    Json.save(run.resolve("performance.json"), "{\"clips_per_second\": 4.75}");
    return run;
  }

  private static final String MARKDOWN = """
      | Run | Kind | Device | FPS | Top-1, 10 views | Top-1, 30 views | Batch | Epochs | Precision | Loss scale |
      | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
      | full | training | 8 x NVIDIA H100 | 143.0 | 73.25 % | – | 256 | 4 | O2 | 128.0 |
      | pace | performance | 2 cores, amd64, 4 threads | 4.8 | – | – | 256 | 1 | O0 | 128.0 |
      """;

  @Test
  void runsAreRowsInMarkdownCsvAndOnAPage() throws IOException {
    Path out = folder.resolve("table");
    Cli table = Cli.run("results", training(), performance(), "--out", out).succeeded();
    assertEquals(MARKDOWN, table.out());
    assertEquals(MARKDOWN, Files.readString(out.resolve("results.md")));
    assertEquals(
        List.of(
            "run,kind,device,fps,top1_10_views,top1_30_views,batch,epochs,planned_epochs,precision,loss_scale",
            "full,training,8 x NVIDIA H100,143.0,73.25,,256,4,4,O2,128.0",
            "pace,performance,\"2 cores, amd64, 4 threads\",4.75,,,256,1,1,O0,128.0"),
        Files.readAllLines(out.resolve("results.csv")));
    String page = Files.readString(out.resolve("index.html"));
    assertTrue(page.contains("8 x NVIDIA H100") && page.contains("73.25 %"), page);
    assertEquals(
        Files.readString(out.resolve("results.csv")),
        Cli.run("results", "--csv", folder.resolve("full"), folder.resolve("pace"))
            .succeeded()
            .out());
  }

  @Test
  void anInterruptedRunSaysHowFarItGotAndHasNoAccuracy() throws IOException {
    Path run = run(
        "cut",
        Recipe.seed().with("TRAIN.CHECKPOINT_FILE_PATH", "start.pyth"),
        began("cann", "Ascend NPU", 8, "O2"));
    String row = Cli.run("results", run).succeeded().out().lines().toList().get(2);
    assertEquals(
        "| cut | fine-tuning | 8 x Ascend NPU | – | – | – | 256 | 0 of 300 | O2 | 128.0 |", row);
  }

  @Test
  void aReportElsewhereIsNamedForItsRun() throws IOException {
    Path run = training();
    Path other = report(folder.resolve("thirty"), Path.of("/models/old.onnx"), 75, 3);
    String row = Cli.run("results", run, "--report", run + "=" + other)
        .succeeded()
        .out()
        .lines()
        .toList()
        .get(2);
    assertTrue(row.contains("| 143.0 | – | 75.00 % |"), row);
  }

  @Test
  void aReportOfAnotherModelIsRefusedButTakenByItsContent() throws IOException {
    Path run = training();
    Path file = run.resolve("evaluation/report.json");
    report(file.getParent(), Path.of("/models/old.onnx"), 75, 1);
    Cli refused = Cli.run("results", run);
    assertEquals(1, refused.exit());
    assertTrue(
        refused.err().contains("is of /models/old.onnx, which is no model of the run in " + run),
        refused.err());
    Files.writeString(run.resolve("model.onnx"), "the model");
    Json.save(
        file,
        Json.line(Map.of(
            "model",
            "/models/old.onnx",
            "provenance",
            Map.of("modelSha256", Sha256.of(run.resolve("model.onnx"))),
            "views",
            10,
            "crops",
            1,
            "top1",
            61.5)));
    assertTrue(Cli.run("results", run).succeeded().out().contains("61.50 %"));
  }

  @Test
  void whatIsNoRunOrNoReportIsNamed() throws IOException {
    Cli none = Cli.run("results", folder);
    assertEquals(1, none.exit());
    assertTrue(none.err()
        .contains(folder + " is not the folder of a run: it needs recipe.yaml and stdout.log"));
    Path run = training();
    Cli stranger = Cli.run("results", run, "--report", "other=" + run);
    assertEquals(2, stranger.exit());
    assertTrue(stranger.err().contains("other is not among the runs"), stranger.err());
    Json.save(run.resolve("evaluation/report.json"), "{}");
    assertTrue(Cli.run("results", run).err().contains("is not a report of x3d-tools evaluate"));
  }
}
