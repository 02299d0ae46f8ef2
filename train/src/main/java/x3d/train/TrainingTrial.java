package x3d.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import x3d.net.Lowering;
import x3d.net.TrainingStep;
import x3d.runtime.Provider;

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
  private final ObjectNode about;
  private final List<Batch> ring = new ArrayList<>();
  private final Engine engine;
  private final LossScaler scaler;
  private final ExecutorService senders;
  private LossScale scale;
  private double optimizerSeconds;
  private int next;

  /**
   * @param recipe says the network, the batch and how it is shared, and the solver; no data are looked at
   * @throws RecipeException if the recipe cannot be obeyed
   */
  public TrainingTrial(Recipe recipe, TrainOptions options) {
    Recipe checked = recipe.checked();
    Batch.Dimensions dimensions = Batch.Dimensions.of(checked, options.ranks());
    TrainingStep step = Network.step(
        checked,
        dimensions.clipsEach(),
        LoweringTrial.choose(checked, options, dimensions),
        Network.clipType(checked, options.provider()));
    Network.Start start = Network.fresh(checked, step.parameters(), step.statistics());
    clips = Batch.Dimensions.clipsOfAnUpdate(checked);
    microBatches = checked.integer("SOLVER.ACCUMULATION_STEPS");
    places = dimensions.allPlaces();
    firstPlace = dimensions.firstPlace();
    rate = checked.real("SOLVER.WARMUP_START_LR");
    parameters = step.parameters().size();
    lowering = step.options().lowering();
    about = RunProfile.about(step, options);
    about.put("clips", clips);
    about.put("replicas", dimensions.replicas());
    about.put("microBatches", microBatches);
    engine = Engine.of(
        checked, step, options, start.parameters(), new float[parameters], start.statistics(), 0);
    scaler = LossScaler.of(checked);
    scale = scaler.start();
    engine.scaleLoss(scale.value());
    senders = Executors.newFixedThreadPool(options.threads(), task -> {
      Thread thread = new Thread(task, "x3d-sender");
      thread.setDaemon(true);
      return thread;
    });
    boolean stays = options.provider() == Provider.CPU;
    try {
      ring.addAll(engine.batches(dimensions, stays ? 1 : 2));
      for (Batch batch : ring) {
        draw(batch, step.config().numClasses());
        await(send(batch));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static void draw(Batch batch, int classes) {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int place = 0; place < batch.places(); place++) {
      FloatBuffer clip = batch.place(place);
      while (clip.hasRemaining()) {
        clip.put((float) (random.nextDouble() * 4 - 2)); // as wide as normalised pixels
      }
      batch.label(place, random.nextInt(classes));
    }
  }

  /** What follows the reading of a batch: its way to the devices. */
  private List<Future<?>> send(Batch batch) {
    batch.expect(batch.places());
    List<Future<?>> sent = new ArrayList<>();
    for (int i = 0; i < batch.places(); i++) {
      int place = i;
      sent.add(senders.submit(() -> batch.filled(place)));
    }
    return sent;
  }

  /** Waits for all, whatever becomes of some. */
  private static void await(List<Future<?>> sent) {
    Throwable failure = null;
    for (Future<?> one : sent) {
      try {
        Workers.await(one);
      } catch (ExecutionException e) {
        failure = failure == null ? e.getCause() : failure;
      }
    }
    Workers.rethrow(failure);
  }

  /** Clips of one update. */
  public int clips() {
    return clips;
  }

  /** How the network is spelled, once an automatic choice is made. */
  public Lowering lowering() {
    return lowering;
  }

  /** What a trace of its updates says of itself. */
  public ObjectNode about() {
    return about.deepCopy();
  }

  /** Numbers that an update changes. */
  public int parameters() {
    return parameters;
  }

  /**
   * Trains on the batch once. Beside a device the clips of the next update are sent meanwhile, as in a run.
   *
   * @return the mean loss
   */
  public double update() {
    Meter meter = new Meter();
    double loss = 0;
    for (int k = 0; k < microBatches; k++) {
      Batch batch = ring.get(next);
      next = (next + 1) % ring.size();
      List<Future<?>> sent = ring.size() == 1 ? List.of() : send(ring.get(next));
      try {
        loss += engine.microBatch(batch, k * places + firstPlace, meter) / microBatches;
      } finally {
        await(sent); // they write to memory that goes with the trial
      }
    }
    long start = System.nanoTime();
    boolean overflowed = !Double.isFinite(engine.settleGradient());
    if (overflowed) {
      engine.skip();
    } else {
      engine.update(rate);
    }
    scale = scaler.after(scale, overflowed);
    engine.scaleLoss(scale.value());
    optimizerSeconds = (System.nanoTime() - start) / 1e9;
    return loss;
  }

  /** Updates left out so far, for their gradients overflowed. */
  public long overflows() {
    return scale.overflows();
  }

  /** What settling the gradient and stepping along it took of the last update. */
  public double optimizerSeconds() {
    return optimizerSeconds;
  }

  @Override
  public void close() {
    senders.shutdown();
    ring.forEach(Batch::close);
    engine.close();
  }
}
