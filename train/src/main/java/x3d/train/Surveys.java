package x3d.train;

import java.util.Optional;

/**
 * Passes over videos in which nothing is learned: they measure precise batch norm statistics, or how well the network does. Every
 * rank takes part in each of them; all give up as soon as one is asked to stop.
 */
final class Surveys {
  private final RunPlan plan;
  private final Recipe recipe;
  private final Consensus ranks;
  private final Engine engine;
  private final ClipLoader loader;
  private final TrainOptions options;

  Surveys(RunPlan plan, TrainOptions options, Consensus ranks, Engine engine, ClipLoader loader) {
    this.plan = plan;
    this.recipe = plan.recipe();
    this.options = options;
    this.ranks = ranks;
    this.engine = engine;
    this.loader = loader;
  }

  /** Whether any rank was asked to stop. */
  private boolean stopping() {
    return ranks.any(options.stop().getAsBoolean());
  }

  /** Whether the recipe wants precise statistics of a network that it does not freeze. */
  boolean wantsStatistics() {
    return recipe.flag("BN.USE_PRECISE_STATS") && !Network.frozenBatchNorm(recipe);
  }

  /**
   * The mean over many batches of what batch norm measures, with the parameters as they are.
   *
   * @param epoch which clips are taken follows from it
   * @return empty if the run is to stop before
   */
  Optional<PreciseStatistics> statistics(int epoch) {
    int wanted = Math.min(
        recipe.integer("BN.NUM_BATCHES_PRECISE"),
        plan.training().size() / plan.dimensions().allPlaces());
    ClipPlan order = ClipPlan.precise(plan.training(), plan.seed(), epoch);
    PreciseStatistics precise = new PreciseStatistics(plan.step().statistics());
    try (Engine.Scope scope = engine.open(
            plan.statisticsStep(),
            !Network.frozenStages(recipe).isEmpty(),
            "batch_statistics",
            plan.step().statistics().size());
        ClipLoader.Pass pass = loader.read(
            order, plan.clips().random(), 0, wanted * plan.dimensions().allPlaces())) {
      for (Batch batch = pass.next(); batch != null; batch = pass.next()) {
        if (stopping()) {
          return Optional.empty();
        }
        engine.each(scope, batch);
        for (int i = 0; i < plan.dimensions().replicas(); i++) {
          precise.add(scope.output(i));
        }
      }
    }
    precise.share(ranks.ranks());
    return Optional.of(precise);
  }

  /**
   * How well the network does on the videos that are held out.
   *
   * @param epoch which clips are taken follows from it, if they are random
   * @return empty if the run is to stop before
   */
  Optional<Meter> validation(int epoch) {
    DataSet held = plan.validation().orElseThrow();
    ClipPlan order = ClipPlan.validation(held, plan.seed(), epoch);
    ClipSource source = recipe.flag("TRAIN.EVAL_RANDOM_CLIP")
        ? plan.clips().random()
        : plan.clips().centre();
    Meter meter = new Meter();
    try (Engine.Scope scope = engine.open(
            plan.evaluationStep(),
            true,
            "probabilities",
            plan.dimensions().clipsEach(),
            plan.config().numClasses());
        ClipLoader.Pass pass = loader.read(order, source, 0, held.size())) {
      for (Batch batch = pass.next(); batch != null; batch = pass.next()) {
        if (stopping()) {
          return Optional.empty();
        }
        engine.each(scope, batch);
        for (int i = 0; i < plan.dimensions().replicas(); i++) {
          meter.scores(scope.output(i), plan.config().numClasses(), batch.labels(i));
        }
      }
    }
    meter.share(ranks.ranks(), new double[0]);
    return Optional.of(meter);
  }
}
