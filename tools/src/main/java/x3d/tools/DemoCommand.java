package x3d.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import x3d.runtime.Device;
import x3d.serve.Server;
import x3d.serve.ServerOptions;
import x3d.tools.evaluate.EvaluateCommand;
import x3d.tools.evaluate.EvaluationReport;
import x3d.train.Recipe;
import x3d.train.Resume;
import x3d.train.TrainOptions;
import x3d.train.TrainResult;
import x3d.train.Trainer;
import x3d.train.TrainingListener;

/** The main job from end to end, small: what a user does in weeks with Kinetics, in minutes. */
@Command(
    name = "demo",
    description = {
      "Make a small data set of real videos, train an X3D on it, evaluate it with 10 views on held-out videos,",
      "serve it and ask it about one of them. A few minutes on two cores."
    },
    sortOptions = false)
final class DemoCommand implements Callable<Integer> {
  /** Below this the demonstration has failed: chance is 12.5 %. */
  private static final double EXPECTED_TOP1 = 90;

  private static final DemoData DATA = new DemoData(120, 12, 1);

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "Where all goes; a data set that lies there already is used again. Default: ${DEFAULT-VALUE}.")
  private Path folder = Path.of("x3d-demo");

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to use. Default: all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    long start = System.nanoTime();
    PrintWriter out = spec.commandLine().getOut();
    Path data = makeData(out);
    Path model = train(data, out);
    EvaluationReport report = evaluate(model, data, out);
    ask(model, report, out);
    say(out, "");
    say(out, "videos  " + data);
    say(out, "run     " + folder.resolve("run") + " (recipe.yaml, stdout.log, checkpoints/)");
    say(out, "model   " + model);
    say(out, "report  " + folder.resolve("report/index.html"));
    say(out, "serve   bin/x3d-serve --model " + model);
    say(out, String.format(Locale.ROOT, "took    %.0f s", (System.nanoTime() - start) / 1e9));
    if (report.top1() < EXPECTED_TOP1) {
      throw new IllegalStateException(String.format(
          Locale.ROOT,
          "top-1 is %.1f %%, and at least %.0f %% was to be expected",
          report.top1(),
          EXPECTED_TOP1));
    }
    return 0;
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }

  private Path makeData(PrintWriter out) throws IOException, InterruptedException {
    Path data = folder.resolve("data");
    // classes.txt is written last.
    if (Files.exists(data.resolve("classes.txt"))) {
      say(out, "1. videos: those in " + data);
      return data;
    }
    say(
        out,
        "1. videos: making " + DATA.videos() + " of " + Motion.values().length
            + " classes that only motion tells apart");
    DATA.write(data, done -> {});
    return data;
  }

  private Path train(Path data, PrintWriter out) throws IOException {
    Path recipe = folder.resolve("demo.yaml");
    try (InputStream shipped = DemoCommand.class.getResourceAsStream("demo.yaml")) {
      Json.save(recipe, shipped.readAllBytes());
    }
    Recipe asked = Recipe.read(recipe)
        .with("DATA.PATH_TO_DATA_DIR", data.toString())
        .with("OUTPUT_DIR", folder.resolve("run").toString());
    say(
        out,
        "2. training: x3d-train --recipe " + recipe + " --data " + data + " --output "
            + folder.resolve("run"));
    TrainOptions options = new TrainOptions(threads, Resume.of("never"), () -> false);
    TrainResult result = Trainer.train(asked.checked(), options, new Epochs(out));
    return result.model().orElseThrow();
  }

  /** A line an epoch. */
  private record Epochs(PrintWriter out) implements TrainingListener {
    @Override
    public void logged(ObjectNode line) {
      String kind = line.path("_type").asText();
      if (kind.equals("train_epoch")) {
        say(
            out,
            String.format(
                Locale.ROOT,
                "   epoch %d of %d: loss %.3f, top-1 %.1f %%, %.0f clips/s",
                line.path("epoch").asInt(),
                line.path("epochs").asInt(),
                line.path("loss").asDouble(),
                100 - line.path("top1_err").asDouble(),
                line.path("fps").asDouble()));
      } else if (kind.equals("val_epoch")) {
        say(
            out,
            String.format(
                Locale.ROOT,
                "   held-out videos, one view: top-1 %.1f %%",
                100 - line.path("top1_err").asDouble()));
      }
    }
  }

  private EvaluationReport evaluate(Path model, Path data, PrintWriter out)
      throws IOException, InterruptedException {
    say(out, "3. evaluation: 10 views of each held-out video");
    EvaluationReport report = EvaluateCommand.report(
        model, data.resolve("val.csv"), Device.cpu(threads), folder.resolve("report"));
    say(
        out,
        String.format(
            Locale.ROOT,
            "   top-1 %.1f %%, top-5 %.1f %% of %d videos",
            report.top1(),
            report.top5(),
            report.videos()));
    return report;
  }

  private void ask(Path model, EvaluationReport report, PrintWriter out)
      throws IOException, InterruptedException {
    Path video = Path.of(report.predictions().get(0).video());
    ServerOptions options = ServerOptions.of(model, List.of(Device.cpu(threads)))
        .with(ServerOptions.Work.USUAL.withConcurrency(1));
    try (Server server = Server.start(options)) {
      URI address = URI.create("http://127.0.0.1:" + server.port() + "/v1/classify?top=5");
      say(out, "4. serving: POST " + address + " with " + video.getFileName());
      HttpRequest request = HttpRequest.newBuilder(address)
          .header("Content-Type", "video/mp4")
          .timeout(Duration.ofMinutes(1))
          .POST(BodyPublishers.ofFile(video))
          .build();
      HttpResponse<String> response =
          HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
      JsonNode answer = new ObjectMapper().readTree(response.body());
      if (response.statusCode() != 200) {
        throw new IllegalStateException(
            "the server answered " + response.statusCode() + ": " + response.body());
      }
      for (JsonNode ranked : answer.path("top")) {
        say(
            out,
            String.format(
                Locale.ROOT,
                "   %6.2f %%  %s",
                100 * ranked.path("probability").asDouble(),
                ranked.path("name").asText()));
      }
    }
  }
}
