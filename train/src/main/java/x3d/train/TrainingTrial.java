package x3d.train;

import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import x3d.net.Lowering;
import x3d.net.TrainingStep;

/**
 * The trainer's own update (forward, backward, exchange, SGD) over a batch that is drawn once instead of read from videos: what
 * can be measured without data.
 */
public final class TrainingTrial implements AutoCloseable {
  private static final long SEED = 1;

  private final int clips;
  private final int microBatches;
  private final int places;
  private final int firstPlace;
  private final double rate;
  private final int parameters;
  private final Lowering lowering;
  private final Batch batch;
  private final Engine engine;
  private double optimizerSeconds;

  /**
   * @param recipe says the network, the batch and how it is shared, and the solver; no data are looked at
   * @throws RecipeException if the recipe cannot be obeyed
   */
  public TrainingTrial(Recipe recipe, TrainOptions options) {
    Recipe checked = recipe.checked();
    Batch.Dimensions dimensions = Batch.Dimensions.of(checked, options.ranks());
    TrainingStep step = Network.step(checked, dimensions.clipsEach());
    Network.Start start = Network.fresh(checked, step.parameters(), step.statistics());
    clips = Batch.Dimensions.clipsOfAnUpdate(checked);
    microBatches = checked.integer("SOLVER.ACCUMULATION_STEPS");
    places = dimensions.allPlaces();
    firstPlace = dimensions.firstPlace();
    rate = checked.real("SOLVER.WARMUP_START_LR");
    parameters = step.parameters().size();
    lowering = step.options().lowering();
    engine = Engine.of(
        checked, step, options, start.parameters(), new float[parameters], start.statistics(), 0);
    engine.scaleLoss(LossScaler.of(checked).start().value());
    batch = new Batch(dimensions);
    draw(step.config().numClasses());
  }

  private void draw(int classes) {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int place = 0; place < batch.places(); place++) {
      FloatBuffer clip = batch.place(place);
      while (clip.hasRemaining()) {
        clip.put((float) (random.nextDouble() * 4 - 2)); // as wide as normalised pixels
      }
      batch.label(place, random.nextInt(classes));
    }
  }

  /** Clips of one update. */
  public int clips() {
    return clips;
  }

  /** How the network is spelled, once an automatic choice is made. */
  public Lowering lowering() {
    return lowering;
  }

  /** Numbers that an update changes. */
  public int parameters() {
    return parameters;
  }

  /**
   * Trains on the batch once.
   *
   * @return the mean loss
   */
  public double update() {
    Meter meter = new Meter();
    double loss = 0;
    for (int k = 0; k < microBatches; k++) {
      loss += engine.microBatch(batch, k * places + firstPlace, meter) / microBatches;
    }
    long start = System.nanoTime();
    engine.settleGradient();
    engine.update(rate);
    optimizerSeconds = (System.nanoTime() - start) / 1e9;
    return loss;
  }

  /** What settling the gradient and stepping along it took of the last update. */
  public double optimizerSeconds() {
    return optimizerSeconds;
  }

  @Override
  public void close() {
    engine.close();
    batch.close();
  }
}
