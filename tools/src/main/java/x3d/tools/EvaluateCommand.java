package x3d.tools;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import x3d.classify.Classifier;
import x3d.train.DataSet;

/** Measures a model on a list of videos. */
@Command(
    name = "evaluate",
    description = "Measure a model on a list of videos: report.json and index.html.",
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {
  @Mixin
  private ViewOptions look;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "CSV",
      description = "The videos and their classes, a line 'path label' each.")
  private Path data;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where to write the report.")
  private Path folder;

  @Option(
      names = "--separator",
      defaultValue = " ",
      description = "What stands between path and label. Default: a space.")
  private String separator;

  @Option(
      names = "--path-prefix",
      defaultValue = "",
      paramLabel = "DIR",
      description = "The folder of relative paths. Default: the csv's own.")
  private String prefix;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (Classifier classifier = look.open()) {
      List<String> names = classifier.classNames();
      DataSet videos = DataSet.read(data, separator, prefix, names.size());
      EvaluationReport report = new Evaluation(classifier, videos, look.views(classifier))
          .run(look.model().toString(), progress(videos.size()));
      save(report, names, folder);
      summarise(report, out);
      out.println("report " + folder.resolve("report.json"));
      out.println("page   " + folder.resolve("index.html"));
      out.flush();
      return report.videos() > 0 ? 0 : 1;
    }
  }

  private IntConsumer progress(int all) {
    return done -> {
      if (done % 100 == 0) {
        spec.commandLine().getErr().println(done + " of " + all);
        spec.commandLine().getErr().flush();
      }
    };
  }

  static void save(EvaluationReport report, List<String> names, Path folder) throws IOException {
    Json.save(folder.resolve("report.json"), Json.pretty(report) + "\n");
    Json.save(folder.resolve("index.html"), EvaluationPage.of(report, names));
  }

  static void summarise(EvaluationReport report, PrintWriter out) {
    out.printf(Locale.ROOT, "top-1  %.2f %%%n", report.top1());
    out.printf(Locale.ROOT, "top-5  %.2f %%%n", report.top5());
    out.println("videos " + report.videos());
    out.println("failed " + report.failed().size());
    report.failed().forEach(failed -> out.println("  " + failed.reason()));
  }
}
