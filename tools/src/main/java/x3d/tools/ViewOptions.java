package x3d.tools;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import x3d.classify.Classifier;
import x3d.classify.Views;
import x3d.collective.Collective;
import x3d.runtime.Device;
import x3d.serve.client.Question;
import x3d.tools.remote.RemoteOptions;

/** Who looks at videos, a model here or a server, and how: one number of views and of crops. */
final class ViewOptions {
  /** Options that say what a network runs on here. */
  private static final List<String> LOCAL =
      List.of("--threads", "--ep", "--devices", "--ep-option", "--strict-ep", "--ort-home");

  @ArgGroup(multiplicity = "1")
  private Looker looker;

  /** A model here, or a server. */
  static final class Looker extends ModelSource {
    @ArgGroup(exclusive = false)
    private RemoteOptions remote;
  }

  @Mixin
  private ShareOptions share;

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

  /**
   * The server to ask, if it is one.
   *
   * @throws IllegalArgumentException if an option says what a network here would run on
   */
  Optional<RemoteOptions> remote(ParseResult call) {
    Optional<RemoteOptions> remote = Optional.ofNullable(looker.remote);
    if (remote.isPresent()) {
      for (String option : LOCAL) {
        if (call.hasMatchedOption(option)) {
          throw new IllegalArgumentException(
              option + " is for a network that runs here; with --server it is for x3d-serve");
        }
      }
    }
    return remote;
  }

  /** What is asked of a server. */
  Question question(String model, int top) {
    return new Question(model, top, views, crops);
  }

  Path model() {
    return looker.file(share.provider());
  }

  /** What the model runs on in a rank of a job. Every rank must call it. */
  List<Device> devices(Collective job) {
    return share.devices(job);
  }

  Views views(Classifier classifier) {
    Views usual = classifier.defaultViews();
    return new Views(views == null ? usual.views() : views, crops == null ? usual.crops() : crops);
  }
}
