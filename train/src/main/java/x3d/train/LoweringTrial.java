package x3d.train;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import x3d.net.Lowering;
import x3d.runtime.RuntimeFailure;

/**
 * Which spelling trains fastest on a device, by trying: how fast a provider computes grouped 3-D convolutions and their
 * gradients differs by more between its versions than anybody could keep a table of.
 */
final class LoweringTrial {
  private static final Logger LOG = LoggerFactory.getLogger(LoweringTrial.class);

  /** The first step of each shape is when a provider searches for algorithms. */
  private static final int WARM_UPS = 2;

  private static final int STEPS = 3;

  private LoweringTrial() {}

  /**
   * The lowering of a recipe: the only one, or the fastest of several on this rank's first device. All ranks take rank 0's.
   *
   * @throws RuntimeFailure if none runs
   */
  static Lowering choose(Recipe recipe, TrainOptions options, Batch.Dimensions dimensions) {
    List<Lowering> candidates = Network.lowerings(recipe, options.provider());
    if (candidates.size() == 1) {
      return candidates.get(0);
    }
    byte[] own = options.ranks().rank() == 0
        ? fastest(recipe, options, dimensions, candidates).id().getBytes(StandardCharsets.UTF_8)
        : null;
    return Lowering.of(new String(options.ranks().broadcast(own), StandardCharsets.UTF_8));
  }

  /** The fastest of those that run. */
  static Lowering fastest(
      Recipe recipe, TrainOptions options, Batch.Dimensions dimensions, List<Lowering> candidates) {
    Recipe small = recipe
        .with("NUM_GPUS", 1)
        .with("NUM_SHARDS", 1)
        .with("SOLVER.ACCUMULATION_STEPS", 1)
        .with("TRAIN.BATCH_SIZE", dimensions.clipsEach());
    TrainOptions alone = new TrainOptions(options.threads(), options.resume(), () -> false);
    TrainOptions first =
        options.devices().isEmpty() ? alone : alone.on(options.devices().subList(0, 1));
    Lowering best = null;
    double least = Double.POSITIVE_INFINITY;
    RuntimeFailure failure = null;
    for (Lowering candidate : candidates) {
      try {
        double seconds = seconds(small.with("MODEL.LOWERING", candidate.id()), first);
        LOG.info("a step in the lowering {} takes {} s", candidate.id(), seconds);
        if (seconds < least) {
          best = candidate;
          least = seconds;
        }
      } catch (RuntimeFailure e) {
        LOG.warn("the lowering {} does not run here: {}", candidate.id(), e.getMessage());
        failure = e;
      }
    }
    if (best == null) {
      throw failure;
    }
    return best;
  }

  private static double seconds(Recipe recipe, TrainOptions options) {
    try (TrainingTrial trial = new TrainingTrial(recipe, options)) {
      for (int i = 0; i < WARM_UPS; i++) {
        trial.update();
      }
      long start = System.nanoTime();
      for (int i = 0; i < STEPS; i++) {
        trial.update();
      }
      return (System.nanoTime() - start) / 1e9 / STEPS;
    }
  }
}
