package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.train.TrainCommand;

/** {@code x3d-tools watch} and {@code report} over runs of a small network. */
class RunCommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir
  static Path folder;

  private static Path slow;
  private static Path fast;

  @BeforeAll
  static void train() {
    Path data = folder.resolve("data");
    Cli.run("make-demo-data", "--out", data, "--train", 2, "--val", 1).succeeded();
    slow = train(data, "slow", "SOLVER.BASE_LR", "0.01");
    fast = train(data, "fast", "SOLVER.BASE_LR", "0.02", "APEX.LOSS_SCALE", "64");
  }

  private static Path train(Path data, String name, Object... more) {
    Path output = folder.resolve(name);
    List<Object> arguments = new ArrayList<>(List.of(
        "--data",
        data,
        "--output",
        output,
        "--epochs",
        2,
        "--threads",
        2,
        "X3D.WIDTH_FACTOR",
        1,
        "X3D.DEPTH_FACTOR",
        0.4,
        "X3D.DIM_C1",
        8,
        "X3D.DIM_C5",
        32,
        "MODEL.NUM_CLASSES",
        8,
        "DATA.NUM_FRAMES",
        4,
        "DATA.SAMPLING_RATE",
        2,
        "DATA.TRAIN_JITTER_SCALES",
        "[36, 44]",
        "DATA.TRAIN_CROP_SIZE",
        32,
        "DATA.TEST_CROP_SIZE",
        32,
        "TRAIN.BATCH_SIZE",
        4,
        "TRAIN.EVAL_PERIOD",
        1,
        "TRAIN.CHECKPOINT_PERIOD",
        1,
        "BN.USE_PRECISE_STATS",
        "False",
        "LOG_PERIOD",
        2,
        "NUM_GPUS",
        1,
        "TEST.NUM_SPATIAL_CROPS",
        1));
    arguments.addAll(List.of(more));
    Cli.of(new TrainCommand(), arguments.toArray()).succeeded();
    return output;
  }

  private static List<JsonNode> lines(Path file, String type) throws IOException {
    List<JsonNode> found = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode node = JSON.readTree(line);
      if (node.get("_type").asText().equals(type)) {
        found.add(node);
      }
    }
    return found;
  }

  private static JsonNode last(List<JsonNode> lines) {
    return lines.get(lines.size() - 1);
  }

  @Test
  void onceTellsHowARunStands() throws IOException {
    String out = Cli.run("watch", "--once", slow).succeeded().out();
    List<String> lines = out.lines().toList();
    JsonNode iteration = last(lines(slow.resolve("stdout.log"), "train_iter"));
    JsonNode validation = last(lines(slow.resolve("stdout.log"), "val_epoch"));
    assertEquals(slow + "  finished", lines.get(0));
    assertEquals("run         16 videos, batch 4, 1 x 1 cpu", lines.get(1));
    assertTrue(
        lines.get(2).startsWith("progress    epoch 2 of 2, update 4 of 4, 100.0 %, "),
        lines.get(2));
    assertTrue(
        out.contains(String.format(
            Locale.ROOT, "\nloss        %.4f ", iteration.get("loss").asDouble())),
        out);
    assertTrue(
        out.contains(String.format(
            Locale.ROOT, "\ntop-1 error %.2f %% ", iteration.get("top1_err").asDouble())),
        out);
    assertTrue(
        out.contains(String.format(
            Locale.ROOT,
            "\nvalidation  top-1 error %.2f %%, top-5 error %.2f %% after epoch 2, best ",
            validation.get("top1_err").asDouble(),
            validation.get("top5_err").asDouble())),
        out);
    for (String label :
        List.of("\nlr  ", "\ngrad norm ", "\nclips/s ", "\ndata wait ", "\nmemory ")) {
      assertTrue(out.contains(label), label + " in " + out);
    }
    assertTrue(lines.stream().allMatch(line -> line.length() <= 100), out);
  }

  @Test
  void withoutATerminalAFinishedRunIsToldLineByLine() {
    List<String> lines = Cli.run("watch", slow).succeeded().out().lines().toList();
    assertEquals("training begins at epoch 0 of 2", lines.get(0));
    assertEquals(
        4,
        lines.stream()
            .filter(line -> line.matches("epoch ./2, update ./4: loss .*"))
            .count());
    assertEquals(
        2, lines.stream().filter(line -> line.startsWith("validation: ")).count());
    assertEquals("finished: " + slow.resolve("model.onnx"), lines.get(lines.size() - 1));
  }

  @Test
  void aRunIsFollowedOverItsKillAndItsResumption() throws Exception {
    Path run = Files.createDirectory(folder.resolve("followed"));
    Path log = run.resolve("stdout.log");
    append(log, "{'_type':'run','epoch':0,'epochs':2,'iterations':1}\n{'_type':'train_iter','epo");
    CompletableFuture<Cli> watch =
        CompletableFuture.supplyAsync(() -> Cli.run("watch", run, "--every", 0.1));
    Thread.sleep(400);
    append(log, "\n{'_type':'resumed','file':'c','epoch':1,'iteration':0}\n");
    Thread.sleep(400);
    assertFalse(watch.isDone());
    append(log, "{'_type':'stopped','file':'c'}\n{'_type':'model','file':'m'}\n");
    assertEquals(
        List.of(
            "training begins at epoch 0 of 2",
            "resumed c",
            "stopped; the same command goes on from c",
            "finished: m"),
        watch.get(20, TimeUnit.SECONDS).succeeded().out().lines().toList());
  }

  private static void append(Path file, String text) throws IOException {
    Files.writeString(
        file, text.replace('\'', '"'), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void aFolderWithoutARunIsAFailureInOneLine() {
    Cli cli = Cli.run("watch", folder.resolve("nothing"));
    assertEquals(1, cli.exit());
    assertEquals(
        "x3d-tools watch: " + folder.resolve("nothing")
            + ": no such folder; name one that x3d-train had as --output\n",
        cli.err());
    assertEquals(2, Cli.run("watch", slow, "--every", 0).exit());
  }

  /** The charts of a page by caption. */
  private static JsonNode chart(String html, String caption) throws IOException {
    Matcher figure = Pattern.compile("<figcaption>" + Pattern.quote(caption)
            + "</figcaption>.*?<script type=\"application/json\">(.*?)</script>")
        .matcher(html);
    assertTrue(figure.find(), caption);
    return JSON.readTree(figure.group(1));
  }

  private static void assertAsLogged(
      Path run, String type, String field, double scale, JsonNode series) throws IOException {
    List<JsonNode> lines = lines(run.resolve("metrics.jsonl"), type);
    assertEquals(lines.size(), series.get("xs").size());
    for (int i = 0; i < lines.size(); i++) {
      assertEquals(lines.get(i).get("step").asDouble(), series.get("xs").get(i).asDouble());
      double expected = lines.get(i).get(field).asDouble() * scale;
      assertEquals(expected, series.get("ys").get(i).asDouble(), 1e-6 * Math.abs(expected));
    }
  }

  @Test
  void aReportHoldsTheCurvesOfItsRunsAndWhatTheirRecipesDifferIn() throws IOException {
    Path page = folder.resolve("pages/two.html");
    Cli.run("report", slow, fast, "--out", page).succeeded();
    String html = Files.readString(page);
    assertTrue(html.contains("<title>2 trainings: slow, fast</title>"));

    JsonNode loss = chart(html, "Loss").get("series");
    assertEquals("slow", loss.get(0).get("name").asText());
    assertEquals("fast", loss.get(1).get("name").asText());
    assertAsLogged(slow, "train", "loss", 1, loss.get(0));
    assertAsLogged(fast, "train", "loss", 1, loss.get(1));
    JsonNode top1 = chart(html, "Top-1 error").get("series");
    assertAsLogged(slow, "train", "top1_err", 1, top1.get(0));
    assertAsLogged(slow, "val", "top1_err", 1, top1.get(1));
    assertAsLogged(fast, "val", "top1_err", 1, top1.get(3));
    assertAsLogged(
        slow, "train", "lr", 1, chart(html, "Learning rate").get("series").get(0));
    assertAsLogged(
        slow,
        "memory",
        "resident_bytes",
        1e-9,
        chart(html, "Memory of the process").get("series").get(0));
    assertAsLogged(
        fast, "train", "loss_scale", 1, chart(html, "Loss scale").get("series").get(1));

    assertTrue(html.contains("<td>SOLVER.BASE_LR</td><td>0.01</td><td>0.02</td>"));
    assertTrue(html.contains("<td>APEX.LOSS_SCALE</td><td>128.0</td><td>64.0</td>"));
    assertFalse(html.contains("<td>OUTPUT_DIR</td>"));
    assertFalse(html.contains("<td>SOLVER.MAX_EPOCH</td>"));
    double error =
        last(lines(slow.resolve("stdout.log"), "val_epoch")).get("top1_err").asDouble();
    assertTrue(html.contains(String.format(Locale.ROOT, ">%.2f %%</td>", error)));
  }

  @Test
  void aLongLogMakesASmallPageAlwaysTheSame() throws IOException {
    Path run = Files.createDirectory(folder.resolve("long"));
    StringBuilder metrics = new StringBuilder();
    for (int step = 1; step <= 100_000; step++) {
      metrics.append(String.format(
          Locale.ROOT,
          "{\"step\":%d,\"_type\":\"train\",\"epoch\":%.4f,\"loss\":%.5f,\"grad_norm\":%.5f}%n",
          step,
          step / 1e3,
          1 + step % 2 * 0.5,
          step == 77_777 ? 1e6 : 1.0));
    }
    Files.writeString(run.resolve("metrics.jsonl"), metrics);
    Path page = folder.resolve("long.html");
    Cli.run("report", run, "--out", page).succeeded();
    String html = Files.readString(page);
    assertTrue(html.length() < 300_000, html.length() + " characters");
    assertTrue(html.contains("A point stands for up to 64 updates"));
    JsonNode loss = chart(html, "Loss").get("series").get(0);
    assertEquals(1563, loss.get("xs").size());
    loss.get("ys").forEach(y -> assertEquals(1.25, y.asDouble(), 1e-9));
    JsonNode norm =
        chart(html, "Norm of the gradient, before clipping").get("series").get(0);
    assertEquals(1e6, norm.get("ys").get((77_777 - 1) / 64).asDouble());
    Cli.run("report", run, "--out", page).succeeded();
    assertEquals(html, Files.readString(page));
  }

  @Test
  void runsOfTheSameNameAreToldApartByTheirFolders() throws IOException {
    for (String parent : List.of("one", "two")) {
      Path run = Files.createDirectories(folder.resolve(parent).resolve("out"));
      append(run.resolve("stdout.log"), "{'_type':'run','epoch':0}\n");
    }
    Path page = folder.resolve("same.html");
    Cli.run("report", folder.resolve("one/out"), folder.resolve("two/out"), "--out", page)
        .succeeded();
    assertTrue(Files.readString(page).contains("2 trainings: one/out, two/out"));
  }
}
