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
import x3d.runtime.ProcessMemory;
import x3d.tools.ClipOptions;
import x3d.tools.NetworkOptions;
import x3d.train.CacheOptions;
import x3d.train.CacheUse;
import x3d.train.DataSet;
import x3d.train.LoadingTrial;
import x3d.train.Network;
import x3d.train.Recipe;
import x3d.train.TrainOptions;

/** Random training clips read from videos. */
@Command(
    name = "load",
    description = {
      "Random training clips of videos, decoded, scaled, cropped and normalised as the trainer does it,",
      "on as many threads as asked for. With --cache all videos are decoded into it before the first",
      "round: the rounds are then what later epochs are."
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

  @Option(
      names = "--peer-span",
      description = "The peer makes RGB of every frame from a clip's first to its last, as SlowFast"
          + " and PyTorchVideo do, rather than of the chosen ones only.")
  private boolean span;

  @Mixin
  private CacheOptions cache;

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
    if (span && !peers.wanted()) {
      throw new ParameterException(spec.commandLine(), "--peer-span: of which --peer PYTHON?");
    }
    if (clips < 1) {
      throw new IllegalArgumentException("--clips is " + clips + "; it must be 1 or more");
    }
    Optional<TrainOptions.Cache> kept = cache.cache();
    Measurement.Plan plan = rounds.plan();
    Recipe recipe = recipe();
    DataSet data = data(recipe);
    try (LoadingTrial trial = new LoadingTrial(recipe, data, clips, options.threads(), kept);
        Rival peer = peers.start("load.py", peerArguments(recipe, data, trial.clips()))) {
      long start = System.nanoTime();
      trial.fill();
      double filling = (System.nanoTime() - start) / 1e9;
      Optional<CacheUse> filled = trial.cacheUse();
      Measurement measured = Measurement.of(
          "loading", "clip", plan, Contender.of(trial.clips(), trial::load), peer.contender());
      options.publish(
          new Report(
              "load",
              settings(recipe, trial.clips()),
              List.of(measured),
              figures(measured, filling, filled, trial.cacheUse()),
              Optional.empty(),
              ProcessMemory.peakBytes(),
              Machine.here()),
          spec.commandLine().getOut());
    }
    return 0;
  }

  private Map<String, Object> figures(
      Measurement measured, double filling, Optional<CacheUse> filled, Optional<CacheUse> rounds) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("clipsPerSecondAndThread", measured.ours().rates().median() / options.threads());
    rounds.map(use -> use.since(filled.orElseThrow())).ifPresent(use -> {
      figures.put("cacheFillSeconds", filling);
      figures.put("cacheHits", use.hits());
      figures.put("cacheMisses", use.misses());
      figures.put("cacheBytes", use.bytes());
    });
    return figures;
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
        "--rgb",
        span ? "span" : "chosen",
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
    settings.put("cache", cache.cache().map(c -> c.folder().toString()).orElse(null));
    settings.put("peerRgb", peers.wanted() ? span ? "span" : "chosen" : null);
    return settings;
  }
}
