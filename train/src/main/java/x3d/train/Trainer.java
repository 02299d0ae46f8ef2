package x3d.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import x3d.net.EvaluationStep;
import x3d.net.InferenceModel;
import x3d.net.StatisticsStep;
import x3d.net.TrainingStep;
import x3d.net.X3DConfig;
import x3d.runtime.Device;
import x3d.weights.Weights;

/**
 * A training run: epochs of updates, and after an epoch, when it is their turn, precise BN, a checkpoint and a validation;
 * at the end the model file.
 *
 * <p>All that a run draws is a function of its seed and of where it stands, so one that was stopped anywhere goes on as if
 * it had not been: on the same device and with as many threads, bit for bit.
 */
public final class Trainer implements AutoCloseable {
  /** Batches that are read or in use at once: one trains while the next is read. */
  private static final int BATCHES_AHEAD = 2;

  private final Recipe recipe;
  private final TrainOptions options;
  private final RunFolder folder;
  private final DataSet training;
  private final Optional<DataSet> validation;
  private final Optional<List<String>> classNames;
  private final VideoClips clips;
  private final X3DConfig config;
  private final TrainingStep step;
  private final Batch.Dimensions dimensions;
  private final LearningRate learningRate;
  private final Checkpoints checkpoints;
  private final FailedVideos failed;
  private final RunLog log;
  private final RunClock clock;
  private final Reporter reporter;
  private final Engine engine;
  private final ClipLoader loader;
  private final float[] parameters;
  private final float[] momentum;
  private final float[] statistics;
  private Checkpoint.Progress progress;
  private Path lastCheckpoint;

  /**
   * Trains as a recipe says, into its {@code OUTPUT_DIR}.
   *
   * @throws RecipeException if the recipe cannot be obeyed
   * @throws DataSetException if the lists of videos cannot be used
   * @throws TrainingException if the run cannot go on
   */
  public static TrainResult train(Recipe recipe, TrainOptions options, TrainingListener listener) {
    try (Trainer trainer = new Trainer(recipe.checked(), options, listener)) {
      return trainer.run();
    }
  }

  private Trainer(Recipe recipe, TrainOptions options, TrainingListener listener) {
    this.recipe = recipe;
    this.options = options;
    int classes = recipe.integer("MODEL.NUM_CLASSES");
    Path data = Path.of(recipe.text("DATA.PATH_TO_DATA_DIR"));
    classNames = DataSet.classNames(data, classes);
    training = list(data.resolve("train.csv"));
    Path held = data.resolve("val.csv");
    validation = Files.exists(held) ? Optional.of(list(held)) : Optional.empty();
    clips = new VideoClips(recipe, classNames);
    config = Network.config(recipe);
    int replicas = Math.max(1, recipe.integer("NUM_GPUS"));
    int microBatch = recipe.integer("TRAIN.BATCH_SIZE") / accumulation();
    dimensions =
        new Batch.Dimensions(replicas, microBatch / replicas, config.numFrames(), config.crop());
    if (iterations() == 0) {
      throw new DataSetException(training.file() + ": holds " + training.size()
          + " videos, fewer than TRAIN.BATCH_SIZE " + recipe.integer("TRAIN.BATCH_SIZE")
          + "; set TRAIN.BATCH_SIZE to at most that");
    }
    learningRate = new LearningRate(recipe);
    step = Network.step(recipe, dimensions.clipsEach());
    folder = RunFolder.at(Path.of(recipe.text("OUTPUT_DIR")));
    checkpoints = new Checkpoints(folder.checkpoints(), step.parameters(), step.statistics());

    Start start = Start.of(recipe, options.resume(), folder, checkpoints, step);
    requireSamePlace(start);
    parameters = start.checkpoint().parameters();
    momentum = start.checkpoint().momentum();
    statistics = start.checkpoint().statistics();
    progress = start.checkpoint().progress();
    lastCheckpoint = start.file().orElse(null);
    failed = new FailedVideos(start.checkpoint().failed());
    clock = new RunClock(progress.wallSeconds());
    folder.writeRecipe(recipe);
    log = new RunLog(folder.path(), progress.step(), listener::logged);
    start.notes().forEach(log::line);
    reporter = new Reporter(recipe, iterations(), log, clock, listener);
    int sessions = Math.min(replicas, options.threads());
    engine = new Engine(
        step,
        new Engine.Settings(
            replicas,
            devices(sessions),
            recipe.whole("RNG_SEED"),
            recipe.real("MODEL.DROPOUT_RATE"),
            recipe.real("APEX.LOSS_SCALE")),
        ShardedSgd.Options.of(recipe),
        ShardedSgd.Decay.of(step.parameters(), recipe),
        parameters,
        momentum,
        statistics,
        progress.step());
    int decoders = Math.min(
        Math.max(1, recipe.integer("DATA_LOADER.NUM_WORKERS") * replicas), options.threads());
    loader = new ClipLoader(
        dimensions,
        decoders,
        BATCHES_AHEAD,
        failed,
        replacement -> reporter.replacement(progress.epoch() + 1, replacement));
  }

  private DataSet list(Path csv) {
    return DataSet.read(
        csv,
        recipe.text("DATA.PATH_LABEL_SEPARATOR"),
        recipe.text("DATA.PATH_PREFIX"),
        recipe.integer("MODEL.NUM_CLASSES"));
  }

  private List<Device> devices(int sessions) {
    List<Device> devices = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      devices.add(new Device(options.provider(), i, Math.max(1, options.threads() / sessions)));
    }
    return devices;
  }

  private int accumulation() {
    return recipe.integer("SOLVER.ACCUMULATION_STEPS");
  }

  private int iterations() {
    return training.size() / recipe.integer("TRAIN.BATCH_SIZE");
  }

  private int epochs() {
    return recipe.integer("SOLVER.MAX_EPOCH");
  }

  /** Half an epoch of one order of the videos cannot be followed by half of another. */
  private void requireSamePlace(Start start) {
    Recipe then = start.checkpoint().recipe();
    boolean same = training.fingerprint().equals(start.checkpoint().dataFingerprint())
        && then.whole("RNG_SEED") == recipe.whole("RNG_SEED")
        && then.integer("TRAIN.BATCH_SIZE") == recipe.integer("TRAIN.BATCH_SIZE");
    if (start.file().isPresent() && start.checkpoint().progress().iteration() > 0 && !same) {
      throw new TrainingException(start.file().get() + " stands in the middle of an epoch over"
          + " another train.csv, RNG_SEED or TRAIN.BATCH_SIZE; restore them, resume a checkpoint"
          + " between epochs with --resume FILE, or start anew with --resume never");
    }
  }

  private TrainResult run() {
    log.line("run", facts());
    boolean goesOn = !progress.evaluationDue() || evaluate() || stop();
    while (goesOn && progress.epoch() < epochs()) {
      goesOn = (trainEpoch() && finishEpoch()) || stop();
    }
    Optional<Path> model = goesOn ? Optional.of(export()) : Optional.empty();
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

  /** Writes where the run stands, as it is to end here. */
  private boolean stop() {
    save();
    reporter.file("stopped", lastCheckpoint);
    return false;
  }

  private boolean stopping() {
    return options.stop().getAsBoolean();
  }

  private Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("data", training.file().toString());
    facts.put("videos", training.size());
    facts.put("validation_videos", validation.map(DataSet::size).orElse(0));
    facts.put("parameters", step.parameters().size());
    facts.put("devices", dimensions.replicas());
    facts.put("threads", options.threads());
    facts.put("clips_a_device", dimensions.clipsEach());
    facts.put("epoch", progress.epoch());
    facts.put("epochs", epochs());
    facts.put("iterations", iterations());
    return facts;
  }

  /** Trains to the end of the epoch; false if the run is to stop before. */
  private boolean trainEpoch() {
    int epoch = progress.epoch();
    int batch = recipe.integer("TRAIN.BATCH_SIZE");
    int every = recipe.integer("TRAIN.CHECKPOINT_PERIOD_ITERATIONS");
    ClipPlan plan = ClipPlan.training(training, recipe.whole("RNG_SEED"), epoch);
    Meter whole = new Meter();
    reporter.startEpoch();
    try (ClipLoader.Pass pass =
        loader.read(plan, clips.random(), progress.iteration() * batch, iterations() * batch)) {
      while (progress.iteration() < iterations()) {
        if (stopping()) {
          return false;
        }
        Meter meter = new Meter();
        double rate = learningRate.at(epoch + (double) progress.iteration() / iterations());
        double norm = update(pass, rate, meter);
        progress = at(epoch, progress.iteration() + 1, false);
        whole.add(meter);
        reporter.update(progress, meter, rate, norm);
        boolean more = progress.iteration() < iterations();
        if (more && every > 0 && progress.step() % every == 0) {
          save();
        }
      }
    }
    reporter.epoch(progress, whole);
    return true;
  }

  /** One update: forward and backward over all its micro-batches, then the step. Returns the gradient's norm. */
  private double update(ClipLoader.Pass pass, double rate, Meter meter) {
    long waited = 0;
    long start = System.nanoTime();
    for (int k = 0; k < accumulation(); k++) {
      long before = System.nanoTime();
      Batch batch = pass.next();
      waited += System.nanoTime() - before;
      double loss = engine.microBatch(batch, k * dimensions.places(), meter);
      requireFinite("loss", loss, rate);
    }
    double norm = engine.settleGradient();
    requireFinite("norm of the gradient", norm, rate);
    engine.update(rate);
    meter.iteration(waited, System.nanoTime() - start - waited);
    return norm;
  }

  private void requireFinite(String what, double value, double rate) {
    if (Double.isFinite(value)) {
      return;
    }
    String last = lastCheckpoint == null
        ? "there is no checkpoint yet"
        : "the last good checkpoint is " + lastCheckpoint;
    throw new TrainingException("the " + what + " is " + value + " at step "
        + (progress.step() + 1) + " (epoch " + (progress.epoch() + 1) + ", iteration "
        + (progress.iteration() + 1) + "), at learning rate " + rate + "; " + last
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
    boolean saves = done % recipe.integer("TRAIN.CHECKPOINT_PERIOD") == 0 || done == epochs();
    boolean evaluates = done % recipe.integer("TRAIN.EVAL_PERIOD") == 0 || done == epochs();
    if ((saves || evaluates) && !measureStatistics()) {
      return false;
    }
    progress = at(done, 0, evaluates && validation.isPresent());
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
    if (!recipe.flag("BN.USE_PRECISE_STATS") || Network.frozenBatchNorm(recipe)) {
      return true;
    }
    int wanted =
        Math.min(recipe.integer("BN.NUM_BATCHES_PRECISE"), training.size() / dimensions.places());
    ClipPlan plan = ClipPlan.precise(training, recipe.whole("RNG_SEED"), progress.epoch());
    PreciseStatistics precise = new PreciseStatistics(step.statistics());
    byte[] graph = StatisticsStep.build(config, dimensions.clipsEach(), Network.lowering(recipe));
    try (Engine.Scope scope =
            engine.open(graph, false, "batch_statistics", step.statistics().size());
        ClipLoader.Pass pass = loader.read(plan, clips.random(), 0, wanted * dimensions.places())) {
      for (Batch batch = pass.next(); batch != null; batch = pass.next()) {
        if (stopping()) {
          return false;
        }
        engine.each(scope, batch);
        for (int i = 0; i < dimensions.replicas(); i++) {
          precise.add(scope.output(i));
        }
      }
    }
    engine.replaceStatistics(precise.result());
    reporter.preciseStatistics(progress.epoch() + 1, precise.batches());
    return true;
  }

  /** Validates; false if the run is to stop before. */
  private boolean evaluate() {
    DataSet held = validation.orElseThrow();
    ClipPlan plan = ClipPlan.validation(held, recipe.whole("RNG_SEED"), progress.epoch());
    ClipSource source = recipe.flag("TRAIN.EVAL_RANDOM_CLIP") ? clips.random() : clips.centre();
    Meter meter = new Meter();
    byte[] graph = EvaluationStep.build(config, Network.lowering(recipe));
    try (Engine.Scope scope =
            engine.open(graph, true, "probabilities", dimensions.clipsEach(), config.numClasses());
        ClipLoader.Pass pass = loader.read(plan, source, 0, held.size())) {
      for (Batch batch = pass.next(); batch != null; batch = pass.next()) {
        if (stopping()) {
          return false;
        }
        engine.each(scope, batch);
        for (int i = 0; i < dimensions.replicas(); i++) {
          meter.scores(scope.output(i), config.numClasses(), batch.labels(i));
        }
      }
    }
    progress = new Checkpoint.Progress(
        progress.step(),
        progress.epoch(),
        progress.iteration(),
        false,
        clock.seconds(),
        meter.top1Error(),
        meter.top5Error());
    reporter.validation(progress, meter, held.size() - meter.clips());
    return true;
  }

  private void save() {
    lastCheckpoint = checkpoints.write(new Checkpoint(
        parameters, momentum, statistics, progress, recipe, training.fingerprint(), failed.list()));
    reporter.file("checkpoint", lastCheckpoint);
  }

  private Path export() {
    Map<String, String> provenance = new LinkedHashMap<>();
    provenance.put("recipe", recipe.toYaml());
    provenance.put("data", training.fingerprint());
    provenance.put("epoch", Integer.toString(progress.epoch()));
    provenance.put("steps", Long.toString(progress.step()));
    provenance.put("parameters", Integer.toString(step.parameters().size()));
    if (!Double.isNaN(progress.top1Error())) {
      provenance.put("validation_top1_err", Double.toString(progress.top1Error()));
      provenance.put("validation_top5_err", Double.toString(progress.top5Error()));
    }
    Weights weights = step.parameters()
        .unpack(parameters, Map.of())
        .and(step.statistics().unpack(statistics, Map.of()));
    folder.writeModel(InferenceModel.build(
        config,
        weights,
        Network.metadata(recipe, classNames.orElse(List.of()), provenance),
        Network.lowering(recipe)));
    return folder.model();
  }

  @Override
  public void close() {
    loader.close();
    engine.close();
    log.close();
  }
}
