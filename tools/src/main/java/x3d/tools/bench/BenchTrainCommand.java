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
import picocli.CommandLine.Spec;
import x3d.net.Factors;
import x3d.net.Variant;
import x3d.net.X3DConfig;
import x3d.runtime.Provider;
import x3d.tools.Json;
import x3d.tools.NetworkOptions;
import x3d.train.Network;
import x3d.train.Recipe;
import x3d.train.Resume;
import x3d.train.TrainOptions;
import x3d.train.TrainingTrial;

/** Training steps on synthetic clips. */
@Command(
    name = "train",
    description =
        "Training steps (forward, backward, SGD) as the trainer does them, on synthetic clips.",
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
  private PeerOptions peers;

  @Mixin
  private SoakOptions soaks;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Measurement.Plan plan = rounds.plan();
    if (steps < 1) {
      throw new IllegalArgumentException("--steps is " + steps + "; it must be 1 or more");
    }
    X3DConfig config = network.resolve();
    Recipe recipe = recipe(config);
    TrainOptions how =
        new TrainOptions(Provider.CPU, options.threads(), Resume.of("never"), () -> false);
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
      Optional<Soak> soak = soaks.run(trial::update);
      options.publish(
          new Report(
              "train",
              settings(config, recipe, trial),
              List.of(measured),
              Map.of("optimizerMillis", Spread.of(unboxed(optimizer)).median()),
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
    return lowering == null ? batched : batched.with("MODEL.LOWERING", lowering);
  }

  private List<String> peerArguments(X3DConfig config, Recipe recipe) {
    return List.of(
        "train",
        "--factors",
        Json.line(Factors.toMap(config)),
        "--batch",
        "" + recipe.integer("TRAIN.BATCH_SIZE"),
        "--steps",
        "" + steps,
        "--threads",
        "" + options.threads());
  }

  private Map<String, Object> settings(X3DConfig config, Recipe recipe, TrainingTrial trial) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("network", Variant.nameOf(config));
    settings.put("clip", config.numFrames() + "x" + config.crop() + "x" + config.crop());
    settings.put("parameters", trial.parameters());
    settings.put("batch", recipe.integer("TRAIN.BATCH_SIZE"));
    settings.put("steps", steps);
    settings.put("lowering", trial.lowering().id());
    settings.put("threads", options.threads());
    return settings;
  }
}
