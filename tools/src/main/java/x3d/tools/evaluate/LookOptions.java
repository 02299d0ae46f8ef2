package x3d.tools.evaluate;

import java.util.List;
import java.util.TreeSet;
import picocli.CommandLine.Option;
import x3d.classify.Classifier;
import x3d.tools.ModelOptions;

/** How a model looks at videos: each number of views with each number of crops. */
final class LookOptions extends ModelOptions {
  @Option(
      names = "--views",
      paramLabel = "N",
      split = ",",
      description = {
        "Clips of each video. Default: what the model file says. Several, as 1,3,10, give accuracy",
        "over cost in one pass; the report is about the most."
      })
  private List<Integer> views;

  @Option(
      names = "--crops",
      paramLabel = "N",
      split = ",",
      description =
          "Squares of each clip: 1 (centre), 3, or 1,3. Default: what the model file says.")
  private List<Integer> crops;

  /** Ascending, each once. */
  List<Integer> views(Classifier classifier) {
    return ascending(views, classifier.defaultViews().views());
  }

  /** Ascending, each once. */
  List<Integer> crops(Classifier classifier) {
    return ascending(crops, classifier.defaultViews().crops());
  }

  private static List<Integer> ascending(List<Integer> asked, int usual) {
    return asked == null ? List.of(usual) : List.copyOf(new TreeSet<>(asked));
  }
}
