package x3d.tools.bench;

import java.io.IOException;
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
import x3d.cli.DeviceOptions;
import x3d.net.Factors;
import x3d.net.Variant;
import x3d.net.X3DConfig;
import x3d.runtime.Device;
import x3d.runtime.ProcessMemory;
import x3d.tools.Json;
import x3d.tools.NetworkOptions;
import x3d.train.Network;
import x3d.train.Recipe;
import x3d.train.RecipeException;
import x3d.train.Resume;
import x3d.train.TrainOptions;
import x3d.train.TrainingTrial;

/** Training steps on synthetic clips. */
@Command(
    name = "train",
    description =
        "Training steps (forward, backward, SGD) as the trainer does them, on synthetic clips.",
    footer = {
      "",
      "KEY VALUE pairs override the recipe as in x3d-train: APEX.OPT_LEVEL O2 MODEL.LOWERING planes"
    },
    sortOptions = false)
final class BenchTrainCommand implements Callable<Integer> {
  @Mixin
  private NetworkOptions network;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Clips of a step. Default: the recipe's, or 8.")
  private Integer batch;

  @Option(
      names = "--lowering",
      paramLabel = "L",
      description = "How the network is spelled, MODEL.LOWERING. Default: the recipe's.")
  private String lowering;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Steps of a round. Default: ${DEFAULT-VALUE}.")
  private int steps = 1;

  @Mixin
  private RoundOptions rounds;

  @Mixin
  private BenchOptions options;

  @Mixin
  private DeviceOptions devices;

  @Mixin
  private PeerOptions peers;

  @Mixin
  private PeerPlacement peerPlacement;

  @Option(
      names = "--peer-batch",
      paramLabel = "N",
      description = "Clips of a step of the peer's. Default: as ours.")
  private Integer peerBatch;

  @Mixin
  private SoakOptions soaks;

  @Parameters(paramLabel = "KEY VALUE", description = "Overrides of the recipe.")
  private List<String> overrides = new ArrayList<>();

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Measurement.Plan plan = rounds.plan();
    if (steps < 1) {
      throw new IllegalArgumentException("--steps is " + steps + "; it must be 1 or more");
    }
    Recipe asked = recipe(network.resolve());
    List<Device> used =
        devices.ofRank(options.threads(), Math.max(1, asked.integer("NUM_GPUS")), 0, 1);
    Recipe recipe = asked.with("NUM_GPUS", used.size());
    X3DConfig config = Network.config(recipe);
    TrainOptions how =
        new TrainOptions(options.threads(), Resume.of("never"), () -> false).on(used);
    try (Rival peer = peers.start("x3d_torch.py", peerArguments(config, recipe));
        TrainingTrial trial = new TrainingTrial(recipe, how)) {
      List<Double> optimizer = new ArrayList<>();
      Contender ours = Contender.of((long) steps * trial.clips(), () -> {
        for (int i = 0; i < steps; i++) {
          trial.update();
          optimizer.add(1e3 * trial.optimizerSeconds());
        }
      });
      Measurement measured = Measurement.of("training", "clip", plan, ours, peer.contender());
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("optimizerMillis", Spread.of(unboxed(optimizer)).median());
      figures.put("overflows", trial.overflows());
      figures.putAll(DeviceMemory.now().figures(peer));
      Optional<Soak> soak = soaks.run(trial::update);
      options.publish(
          new Report(
              "train",
              settings(config, recipe, trial),
              List.of(measured),
              figures,
              soak,
              ProcessMemory.peakBytes(),
              Machine.here()),
          spec.commandLine().getOut());
      return SoakOptions.verdict(soak, spec.commandLine().getErr(), spec.qualifiedName());
    }
  }

  private static double[] unboxed(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private Recipe recipe(X3DConfig config) {
    Optional<Recipe> given = network.recipe();
    Recipe sized = Network.recipe(given.orElseGet(Recipe::defaults), config);
    Recipe batched = batch == null && given.isPresent()
        ? sized
        : sized.with("TRAIN.BATCH_SIZE", batch == null ? 8 : batch);
    Recipe spelled = lowering == null ? batched : batched.with("MODEL.LOWERING", lowering);
    try {
      return spelled.withOverrides(overrides).checked();
    } catch (RecipeException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private List<String> peerArguments(X3DConfig config, Recipe recipe) {
    if (peerBatch != null && !peers.wanted()) {
      throw new ParameterException(spec.commandLine(), "--peer-batch: of which --peer PYTHON?");
    }
    if (peerBatch != null && peerBatch < 1) {
      throw new IllegalArgumentException("--peer-batch is " + peerBatch + "; it must be 1 or more");
    }
    List<String> arguments = new ArrayList<>(List.of(
        "train",
        "--factors",
        Json.line(Factors.toMap(config)),
        "--batch",
        "" + (peerBatch == null ? recipe.integer("TRAIN.BATCH_SIZE") : peerBatch),
        "--steps",
        "" + steps,
        "--threads",
        "" + options.threads()));
    arguments.addAll(peerPlacement.arguments(peers));
    return arguments;
  }

  private Map<String, Object> settings(X3DConfig config, Recipe recipe, TrainingTrial trial) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("network", Variant.nameOf(config));
    settings.put("clip", config.numFrames() + "x" + config.crop() + "x" + config.crop());
    settings.put("parameters", trial.parameters());
    settings.put("provider", devices.provider().id());
    settings.put("devices", recipe.integer("NUM_GPUS"));
    settings.put("precision", Network.precision(recipe).id());
    settings.put("batch", trial.clips());
    settings.put("steps", steps);
    settings.put("lowering", trial.lowering().id());
    settings.put("threads", options.threads());
    return settings;
  }
}
