package x3d.tools.profile;

import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import x3d.cli.DeviceOptions;
import x3d.profile.Profiler;
import x3d.profile.Trace;
import x3d.runtime.Device;
import x3d.tools.NetworkOptions;
import x3d.train.Network;
import x3d.train.Recipe;
import x3d.train.RecipeException;
import x3d.train.Resume;
import x3d.train.TrainOptions;
import x3d.train.TrainingTrial;

/** The profile of the trainer's own update over synthetic clips. */
final class TrainingProfile {
  private static final int BATCH = 8;

  private final Order order;
  private final DeviceOptions devices;
  private final CommandSpec spec;

  /**
   * What is trained.
   *
   * @param batch clips of a step; null for the recipe's
   * @param lowering null for the recipe's
   * @param overrides of the recipe, KEY VALUE
   */
  record Order(
      NetworkOptions network,
      Integer batch,
      String lowering,
      List<String> overrides,
      int threads) {}

  TrainingProfile(Order order, DeviceOptions devices, CommandSpec spec) {
    this.order = order;
    this.devices = devices;
    this.spec = spec;
  }

  Trace take(Profiler.Plan plan) {
    Recipe asked = recipe();
    List<Device> used = devices.ofRank(order.threads, Math.max(1, asked.integer("NUM_GPUS")), 0, 1);
    Recipe recipe = asked.with("NUM_GPUS", used.size());
    try (Profiler profiler = Profiler.on(plan);
        TrainingTrial trial = new TrainingTrial(
            recipe,
            new TrainOptions(order.threads, Resume.of("never"), () -> false)
                .on(used)
                .with(profiler))) {
      while (profiler.wantsSteps()) {
        profiler.step(trial::update);
      }
      return profiler.complete(trial.about()).orElseThrow();
    }
  }

  private Recipe recipe() {
    Optional<Recipe> given = order.network.recipe();
    Recipe sized = Network.recipe(given.orElseGet(Recipe::defaults), order.network.resolve());
    Recipe batched = order.batch == null && given.isPresent()
        ? sized
        : sized.with("TRAIN.BATCH_SIZE", order.batch == null ? BATCH : order.batch);
    Recipe spelled =
        order.lowering == null ? batched : batched.with("MODEL.LOWERING", order.lowering);
    try {
      return spelled.withOverrides(order.overrides).checked();
    } catch (RecipeException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }
}
