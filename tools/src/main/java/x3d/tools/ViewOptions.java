package x3d.tools;

import picocli.CommandLine.Option;
import x3d.classify.Classifier;
import x3d.classify.Views;

/** How a model looks at videos: one number of views and of crops. */
final class ViewOptions extends ModelOptions {
  @Option(
      names = "--views",
      paramLabel = "N",
      description = "Clips of each video. Default: what the model file says.")
  private Integer views;

  @Option(
      names = "--crops",
      paramLabel = "N",
      description = "Squares of each clip: 1 (centre) or 3. Default: what the model file says.")
  private Integer crops;

  Views views(Classifier classifier) {
    Views usual = classifier.defaultViews();
    return new Views(views == null ? usual.views() : views, crops == null ? usual.crops() : crops);
  }
}
