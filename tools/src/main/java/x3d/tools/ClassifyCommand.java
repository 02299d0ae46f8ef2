package x3d.tools;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.classify.Classification;
import x3d.classify.Classifier;
import x3d.classify.Ranked;
import x3d.classify.Views;
import x3d.video.VideoException;

/** Says what videos show. */
@Command(name = "classify", description = "Say what videos show.", sortOptions = false)
final class ClassifyCommand implements Callable<Integer> {
  @Mixin
  private ViewOptions look;

  @Parameters(paramLabel = "VIDEO", arity = "1..*", description = "Video files.")
  private List<Path> videos;

  @Option(
      names = "--top",
      defaultValue = "5",
      paramLabel = "N",
      description = "Classes to name for each video. Default: ${DEFAULT-VALUE}.")
  private int top;

  @Option(names = "--json", description = "One JSON object a line for each video.")
  private boolean json;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    int exit = 0;
    try (Classifier classifier = look.open()) {
      Views views = look.views(classifier);
      for (Path video : videos) {
        try {
          answer(out, video, classifier.classify(video, views));
        } catch (VideoException e) {
          refuse(out, video, e);
          exit = 1;
        }
        out.flush();
      }
    }
    return exit;
  }

  private void answer(PrintWriter out, Path video, Classification answer) {
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("video", video.toString());
      fields.putAll(answer.fields(top));
      out.println(Json.line(fields));
      return;
    }
    out.println(video);
    for (Ranked ranked : answer.top(top)) {
      out.printf(Locale.ROOT, "  %6.2f %%  %s%n", 100 * ranked.probability(), ranked.name());
    }
  }

  private void refuse(PrintWriter out, Path video, VideoException e) {
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("video", video.toString());
      fields.put("error", e.getMessage());
      out.println(Json.line(fields));
    } else {
      spec.commandLine().getErr().println(spec.qualifiedName() + ": " + e.getMessage());
      spec.commandLine().getErr().flush();
    }
  }
}
