package x3d.train;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import x3d.collective.Collective;
import x3d.collective.CollectiveException;
import x3d.net.Lowering;
import x3d.net.Precision;
import x3d.profile.Profiler;
import x3d.profile.Span;
import x3d.runtime.Provider;
import x3d.video.Footage;
import x3d.video.Video;

/**
 * A training run: epochs of updates, and after an epoch, when it is their turn, precise BN, a checkpoint and a validation;
 * at the end the model file.
 *
 * <p>All that a run draws is a function of its seed and of where it stands, so one that was stopped anywhere goes on as if
 * it had not been: on the same device and with as many threads and ranks, bit for bit.
 *
 * <p>Several ranks each run a trainer over the same recipe and lists. They take every step together; rank 0 alone decides
 * where the run starts, writes, and tells the listener.
 */
public final class Trainer {
  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

  /** Batches that are read or in use at once: one trains while the next is read. */
  public static final int BATCHES_AHEAD = 2;

  private final RunPlan plan;
  private final Recipe recipe;
  private final TrainOptions options;
  private final RunFolder folder;
  private final Checkpoints checkpoints;
  private final Consensus ranks;
  private final Engine engine;
  private final ClipLoader loader;
  private final FailedVideos failed;
  private final Replacements gaveWay;
  private final Reporter reporter;
  private final RunProfile profile;
  private final Surveys surveys;
  private final RunClock clock;
  private final LossScaler scaler;
  private final String origin;
  private final boolean measuresOnly;
  private final Throughput throughput;
  private LossScale scale;
  private boolean stopAsked;
  private Checkpoint.Progress progress;
  private Path lastCheckpoint;

  /**
   * What does the work; closed by who made it.
   *
   * @param engine trains
   * @param loader reads clips
   * @param failed the videos it could not read
   * @param gaveWay what it had to replace and the log does not tell yet
   * @param reporter writes the log
   * @param clock of the run
   */
  private record Equipment(
      Engine engine,
      ClipLoader loader,
      FailedVideos failed,
      Replacements gaveWay,
      Reporter reporter,
      RunClock clock) {}

  /**
   * Trains as a recipe says, into its {@code OUTPUT_DIR}.
   *
   * @throws RecipeException if the recipe cannot be obeyed
   * @throws DataSetException if the lists of videos cannot be used
   * @throws TrainingException if the run cannot go on
   * @throws CollectiveException if a rank is gone
   */
  public static TrainResult train(Recipe recipe, TrainOptions options, TrainingListener listener) {
    if (options.provider() == Provider.CPU
        && Network.lowering(recipe) == Lowering.CONV3D
        && Network.precision(recipe) == Precision.FLOAT32
        && recipe.text("MODEL.LOWERING").equals("auto")) {
      LOG.warn("this JVM has no Vector API (--add-modules jdk.incubator.vector): training in the"
          + " lowering conv3d, which takes several times as long as kernels");
    }
    Optional<FrameCache> cache = options.cache().map(FrameCache::new);
    Collective ranks = options.ranks();
    boolean first = ranks.rank() == 0;
    RunPlan plan = new RunPlan(
        recipe.checked(), cache.<Footage.Opener>map(c -> c).orElse(Video::open), options);
    new Consensus(ranks).requireSame("recipe, train.csv or val.csv", plan.fingerprint());
    Path output = Path.of(recipe.text("OUTPUT_DIR"));
    RunFolder folder = first ? RunFolder.at(output) : new RunFolder(output);
    Start start = first ? start(plan, options, folder) : Start.elsewhere();
    Checkpoint state = Checkpoint.shared(
        start.checkpoint(), plan.step().parameters(), plan.step().statistics(), ranks);
    if (first) {
      folder.writeRecipe(recipe);
    }
    FailedVideos failed = new FailedVideos(state.failed());
    RunClock clock = new RunClock(state.progress().wallSeconds());
    try (RunLog log = first
        ? new RunLog(
            folder.path(),
            state.progress().step(),
            Curves.of(recipe, state.progress().step()),
            listener::logged)
        : RunLog.none()) {
      start.notes().forEach(log::line);
      Reporter reporter =
          new Reporter(plan, log, clock, first ? listener : TrainingListener.NONE, cache);
      Replacements gaveWay = new Replacements(ranks);
      int decoders = plan.decoders();
      try (Engine engine = plan.engine(state);
          ClipLoader loader = new ClipLoader(
              engine.batches(plan.dimensions(), BATCHES_AHEAD), decoders, failed, gaveWay::add)) {
        Equipment equipment = new Equipment(engine, loader, failed, gaveWay, reporter, clock);
        return new Trainer(plan, options, folder, start, state, equipment).run();
      }
    }
  }

  private static Start start(RunPlan plan, TrainOptions options, RunFolder folder) {
    boolean measuresOnly = plan.recipe().flag("TRAIN.PERFORMANCE");
    if (measuresOnly && folder.holdsTraining()) {
      throw new TrainingException(folder.path()
          + " holds a training run, which a performance run is not to touch: take another folder");
    }
    return Start.of(
        plan,
        measuresOnly ? new Resume(Resume.Mode.NEVER, Optional.empty()) : options.resume(),
        folder);
  }

  private Trainer(
      RunPlan plan,
      TrainOptions options,
      RunFolder folder,
      Start start,
      Checkpoint state,
      Equipment equipment) {
    this.plan = plan;
    this.recipe = plan.recipe();
    this.options = options;
    this.folder = folder;
    this.checkpoints = folder.checkpoints(plan.step());
    this.ranks = new Consensus(options.ranks());
    this.engine = equipment.engine;
    this.loader = equipment.loader;
    this.failed = equipment.failed;
    this.gaveWay = equipment.gaveWay;
    this.reporter = equipment.reporter;
    this.clock = equipment.clock;
    this.profile = new RunProfile(plan, options, folder, reporter);
    this.surveys = new Surveys(plan, options, ranks, engine, loader);
    this.progress = state.progress();
    this.origin = state.origin();
    this.measuresOnly = recipe.flag("TRAIN.PERFORMANCE");
    this.throughput =
        new Throughput((long) plan.epochs() * plan.iterations(), plan.batch(), System.nanoTime());
    this.scaler = LossScaler.of(recipe);
    this.scale = scaler.resumed(state.lossScale(), LossScaler.of(state.recipe()));
    engine.scaleLoss(scale.value());
    this.lastCheckpoint = start.file().orElse(null);
  }

  private TrainResult run() {
    reporter.start(options, progress, engine.optimizerBytes());
    Optional<Path> model = measuresOnly ? measure() : train();
    tellOfReplacements();
    failed.share(options.ranks());
    reporter.unreadable(failed.list());
    model.ifPresent(file -> reporter.file("model", file));
    return new TrainResult(
        model,
        lastCheckpoint,
        progress.step(),
        progress.top1Error(),
        progress.top5Error(),
        failed.list());
  }

  /** Trains to the end and exports the model; empty if the run is to stop before. */
  private Optional<Path> train() {
    boolean due = progress.evaluationDue() && plan.validation().isPresent();
    boolean goesOn = !due || evaluate() || stop();
    while (goesOn && progress.epoch() < plan.epochs()) {
      goesOn = (trainEpoch() && finishEpoch()) || stop();
    }
    profile.end();
    return goesOn ? Optional.of(export()) : Optional.empty();
  }

  /** Trains for the time that it takes alone: nothing is kept but what was measured. */
  private Optional<Path> measure() {
    while (progress.epoch() < plan.epochs()) {
      if (!trainEpoch()) {
        throw new TrainingException(
            "the performance run was stopped before its end: nothing was written");
      }
      progress = at(progress.epoch() + 1, 0, false);
    }
    profile.end();
    Performance found = new Performance(
        reporter.ofRun(options),
        plan.batch(),
        plan.replicas() * options.ranks().size(),
        throughput.measured());
    reporter.performance(found);
    if (options.ranks().rank() == 0) {
      folder.writePerformance(found);
    }
    return Optional.empty();
  }

  /** Writes where the run stands, as it is to end here. */
  private boolean stop() {
    save();
    reporter.file("stopped", lastCheckpoint);
    return false;
  }

  /** Trains to the end of the epoch; false if the run is to stop before. */
  private boolean trainEpoch() {
    int epoch = progress.epoch();
    int batch = plan.batch();
    int every = measuresOnly ? 0 : recipe.integer("TRAIN.CHECKPOINT_PERIOD_ITERATIONS");
    ClipPlan order = ClipPlan.training(plan.training(), plan.seed(), epoch);
    Meter whole = new Meter();
    reporter.startEpoch();
    try (ClipLoader.Pass pass = loader.read(
        order, plan.clips().random(), progress.iteration() * batch, plan.iterations() * batch)) {
      while (progress.iteration() < plan.iterations()) {
        if (stopAsked || (options.ranks().size() == 1 && options.stop().getAsBoolean())) {
          return false;
        }
        Meter meter = new Meter();
        double rate =
            plan.learningRate().at(epoch + (double) progress.iteration() / plan.iterations());
        Outcome outcome = profile.step(() -> update(pass, rate, meter));
        throughput.update(meter.dataSeconds(), System.nanoTime());
        progress = at(epoch, progress.iteration() + 1, false);
        if (outcome.overflowed()) {
          reporter.overflow(progress, outcome.lossScale(), scale);
        } else {
          whole.add(meter);
          reporter.update(progress, meter, rate, outcome.norm(), outcome.lossScale());
        }
        boolean more = progress.iteration() < plan.iterations();
        if (more && every > 0 && progress.step() % every == 0) {
          save();
        }
      }
    }
    reporter.epoch(progress, whole);
    return true;
  }

  /** One update: forward and backward over all its micro-batches, then the step. */
  private Outcome update(ClipLoader.Pass pass, double rate, Meter meter) {
    Profiler profiler = options.profiler();
    long waited = 0;
    long start = System.nanoTime();
    for (int k = 0; k < plan.microBatches(); k++) {
      long before = System.nanoTime();
      Batch batch = profiler.during(Span.DATA, pass::next);
      waited += System.nanoTime() - before;
      Batch.Dimensions share = plan.dimensions();
      engine.microBatch(batch, k * share.allPlaces() + share.firstPlace(), meter);
    }
    double norm = engine.settleGradient();
    long waiting = waited;
    News news = profiler.during(Span.EXCHANGE, () -> share(meter, waiting));
    boolean overflowed = !Double.isFinite(norm) || !Double.isFinite(meter.loss());
    double used = scale.value();
    scale = scaler.after(scale, overflowed);
    scaler.failure(scale).ifPresent(reason -> fail(meter.loss(), norm, rate, reason));
    if (overflowed) {
      engine.skip();
    } else {
      engine.update(rate);
    }
    engine.scaleLoss(scale.value());
    meter.iteration(news.waited(), System.nanoTime() - start - news.waited());
    if (news.gaveWay()) {
      gaveWay.tell(reporter::replacement);
    }
    stopAsked = news.stop();
    return new Outcome(norm, overflowed, used);
  }

  /**
   * What ranks tell each other with every update.
   *
   * @param waited nanoseconds that the mean rank waited for clips
   * @param gaveWay whether any had to replace a video
   * @param stop whether any was asked to stop; a rank that is alone is asked when it matters
   */
  private record News(long waited, boolean gaveWay, boolean stop) {}

  /** Sums the meter's clips over the ranks, all in one exchange: each costs a wait for the slowest. */
  private News share(Meter meter, long waited) {
    int size = options.ranks().size();
    boolean stop = size > 1 && options.stop().getAsBoolean();
    double[] more = {waited, gaveWay.any() ? 1 : 0, stop ? 1 : 0};
    meter.share(options.ranks(), more);
    return new News((long) (more[0] / size), more[1] > 0, more[2] > 0);
  }

  /**
   * What an update came to.
   *
   * @param norm of its gradient
   * @param overflowed whether it was left out, for the gradient is not finite
   * @param lossScale it was computed at
   */
  private record Outcome(double norm, boolean overflowed, double lossScale) {}

  private void fail(double loss, double norm, double rate, String reason) {
    String last = lastCheckpoint == null
        ? "there is no checkpoint yet"
        : "the last good checkpoint is " + lastCheckpoint;
    String what = Double.isFinite(loss) ? "norm of the gradient is " + norm : "loss is " + loss;
    throw new TrainingException("the " + what + " at step " + (progress.step() + 1) + " (epoch "
        + (progress.epoch() + 1) + ", iteration " + (progress.iteration() + 1)
        + "), at learning rate " + rate + ": " + reason + "; " + last
        + "; a lower SOLVER.BASE_LR or a longer SOLVER.WARMUP_EPOCHS may help");
  }

  private Checkpoint.Progress at(int epoch, int iteration, boolean evaluationDue) {
    return new Checkpoint.Progress(
        engine.updates(),
        epoch,
        iteration,
        evaluationDue,
        clock.seconds(),
        progress.top1Error(),
        progress.top5Error());
  }

  /**
   * What an epoch's end brings: precise BN, a checkpoint, a validation, each when it is its turn; false if the run is to
   * stop before.
   */
  private boolean finishEpoch() {
    int done = progress.epoch() + 1;
    boolean saves = done % recipe.integer("TRAIN.CHECKPOINT_PERIOD") == 0 || done == plan.epochs();
    boolean evaluates = done % recipe.integer("TRAIN.EVAL_PERIOD") == 0 || done == plan.epochs();
    if ((saves || evaluates) && !measureStatistics()) {
      return false;
    }
    progress = at(done, 0, evaluates && plan.validation().isPresent());
    if (saves) {
      save();
    }
    if (progress.evaluationDue()) {
      if (!evaluate()) {
        return false;
      }
      if (saves) {
        save(); // again, or a run resumed from here would validate once more
      }
    }
    return true;
  }

  /** Replaces the running statistics by precise ones, if the recipe wants them; false if the run is to stop before. */
  private boolean measureStatistics() {
    if (!surveys.wantsStatistics()) {
      return true;
    }
    Optional<PreciseStatistics> found = surveys.statistics(progress.epoch());
    found.ifPresent(precise -> {
      engine.replaceStatistics(precise.result());
      reporter.preciseStatistics(progress.epoch() + 1, precise.batches());
    });
    return found.isPresent();
  }

  /** Validates; false if the run is to stop before. */
  private boolean evaluate() {
    Optional<Meter> found = surveys.validation(progress.epoch());
    found.ifPresent(meter -> {
      progress = new Checkpoint.Progress(
          progress.step(),
          progress.epoch(),
          progress.iteration(),
          false,
          clock.seconds(),
          meter.top1Error(),
          meter.top5Error());
      reporter.validation(progress, meter, plan.validation().orElseThrow().size() - meter.clips());
    });
    return found.isPresent();
  }

  private void tellOfReplacements() {
    if (ranks.any(gaveWay.any())) {
      gaveWay.tell(reporter::replacement);
    }
  }

  private void save() {
    tellOfReplacements();
    failed.share(options.ranks());
    float[] parameters = engine.parameters();
    Checkpoint checkpoint = new Checkpoint(
        parameters,
        engine.momentum(),
        engine.statistics(),
        progress,
        recipe,
        plan.training().fingerprint(),
        failed.list(),
        scale,
        origin);
    Runnable agreement = () -> ranks.requireSame("state", state(parameters));
    if (options.ranks().rank() == 0) {
      lastCheckpoint = checkpoints.write(checkpoint, agreement);
    } else {
      agreement.run();
      lastCheckpoint = checkpoints.file(progress);
    }
    reporter.file("checkpoint", lastCheckpoint);
  }

  /** Where a rank stands, in a few characters. */
  private String state(float[] parameters) {
    CRC32 crc = new CRC32();
    ByteBuffer bytes = ByteBuffer.allocate(parameters.length * Float.BYTES);
    bytes.asFloatBuffer().put(parameters);
    crc.update(bytes);
    return String.format("step %d, parameters %08x", progress.step(), crc.getValue());
  }

  private Path export() {
    if (options.ranks().rank() == 0) {
      folder.writeModel(plan.model(progress, engine.parameters(), engine.statistics()));
    }
    return folder.model();
  }
}
