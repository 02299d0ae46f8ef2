package x3d.tools.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.net.ModelMetadata;
import x3d.net.X3DConfig;
import x3d.tools.ClipOptions;
import x3d.tools.NetworkOptions;
import x3d.train.DataSet;
import x3d.train.LoadingTrial;
import x3d.train.Network;
import x3d.train.Recipe;

/** Random training clips read from videos. */
@Command(
    name = "load",
    description = {
      "Random training clips of videos, decoded, scaled, cropped and normalised as the trainer does it,",
      "on as many threads as asked for."
    },
    sortOptions = false)
final class BenchLoadCommand implements Callable<Integer> {
  @Parameters(paramLabel = "VIDEO", arity = "0..*", description = "Video files, taken in turn.")
  private List<Path> videos = List.of();

  @Option(
      names = "--data",
      paramLabel = "CSV",
      description = "A list of videos, 'path label' a line, instead.")
  private Path csv;

  @Option(
      names = "--clips",
      paramLabel = "N",
      description =
          "Clips of a round, at most as many as the csv has lines. Default: ${DEFAULT-VALUE}.")
  private int clips = 64;

  @Mixin
  private NetworkOptions network;

  @Mixin
  private ClipOptions cut;

  @Mixin
  private RoundOptions rounds;

  @Mixin
  private BenchOptions options;

  @Mixin
  private PeerOptions peers;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (videos.isEmpty() == (csv == null)) {
      throw new ParameterException(spec.commandLine(), "which videos? VIDEO... or --data CSV");
    }
    if (clips < 1) {
      throw new IllegalArgumentException("--clips is " + clips + "; it must be 1 or more");
    }
    Measurement.Plan plan = rounds.plan();
    Recipe recipe = recipe();
    DataSet data = data(recipe);
    try (LoadingTrial trial = new LoadingTrial(recipe, data, clips, options.threads());
        Rival peer = peers.start("load.py", peerArguments(recipe, data, trial.clips()))) {
      Measurement measured = Measurement.of(
          "loading", "clip", plan, Contender.of(trial.clips(), trial::load), peer.contender());
      options.publish(
          new Report(
              "load",
              settings(recipe, trial.clips()),
              List.of(measured),
              Map.of(
                  "clipsPerSecondAndThread", measured.ours().rates().median() / options.threads()),
              Optional.empty(),
              ProcessMemory.peakBytes(),
              Machine.here()),
          spec.commandLine().getOut());
    }
    return 0;
  }

  private Recipe recipe() {
    X3DConfig config = network.resolve();
    Optional<Recipe> given = network.recipe();
    ModelMetadata usual = cut.metadata(config, given, List.of(), Map.of());
    return Network.recipe(given.orElseGet(Recipe::defaults), config)
        .with("DATA.SAMPLING_RATE", usual.samplingRate())
        .with("TRAIN.BATCH_SIZE", 8)
        .with("SOLVER.ACCUMULATION_STEPS", 1)
        .with("NUM_GPUS", 1);
  }

  private DataSet data(Recipe recipe) {
    return csv == null
        ? DataSet.of(videos, clips)
        : DataSet.read(
            csv,
            recipe.text("DATA.PATH_LABEL_SEPARATOR"),
            recipe.text("DATA.PATH_PREFIX"),
            Integer.MAX_VALUE);
  }

  private List<String> peerArguments(Recipe recipe, DataSet data, int count) {
    List<Integer> jitter = recipe.integers("DATA.TRAIN_JITTER_SCALES");
    List<String> arguments = new ArrayList<>(List.of(
        "--threads",
        "" + options.threads(),
        "--frames",
        "" + recipe.integer("DATA.NUM_FRAMES"),
        "--rate",
        "" + recipe.integer("DATA.SAMPLING_RATE"),
        "--fps",
        "" + recipe.real("DATA.TARGET_FPS"),
        "--crop",
        "" + recipe.integer("DATA.TRAIN_CROP_SIZE"),
        "--jitter",
        "" + jitter.get(0),
        "" + jitter.get(1),
        "--clips",
        "" + count));
    for (int i = 0; i < count; i++) {
      arguments.add(data.video(i).toString());
    }
    return arguments;
  }

  private Map<String, Object> settings(Recipe recipe, int count) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put(
        "clip",
        recipe.integer("DATA.NUM_FRAMES") + "x" + recipe.integer("DATA.TRAIN_CROP_SIZE") + "x"
            + recipe.integer("DATA.TRAIN_CROP_SIZE"));
    settings.put("samplingRate", recipe.integer("DATA.SAMPLING_RATE"));
    settings.put("jitter", recipe.integers("DATA.TRAIN_JITTER_SCALES").toString());
    settings.put("videos", csv == null ? videos.toString() : csv.toString());
    settings.put("clips", count);
    settings.put("threads", options.threads());
    return settings;
  }
}
