package x3d.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import x3d.net.InferenceModel;
import x3d.net.Lowering;
import x3d.net.TrainingStep;
import x3d.net.X3DConfig;
import x3d.video.Footage;
import x3d.weights.Weights;

/** What a recipe comes to over the data that it names: all that is fixed before a run begins. */
final class RunPlan {
  private final Recipe recipe;
  private final DataSet training;
  private final Optional<DataSet> validation;
  private final Optional<List<String>> classNames;
  private final VideoClips clips;
  private final X3DConfig config;
  private final Batch.Dimensions dimensions;
  private final TrainOptions options;
  private final Lowering lowering;
  private final TrainingStep step;
  private final LearningRate learningRate;

  /**
   * Reads the lists and builds the training step.
   *
   * @param recipe checked
   * @param opener of the videos
   * @param options where and how it is to run
   * @throws RecipeException if the batch cannot be shared evenly
   * @throws DataSetException if a list cannot be used, or is shorter than a batch
   */
  RunPlan(Recipe recipe, Footage.Opener opener, TrainOptions options) {
    this.recipe = recipe;
    this.options = options;
    dimensions = Batch.Dimensions.of(recipe, options.ranks());
    Path data = Path.of(recipe.text("DATA.PATH_TO_DATA_DIR"));
    classNames = DataSet.classNames(data, recipe.integer("MODEL.NUM_CLASSES"));
    training = list(data.resolve("train.csv"));
    Path held = data.resolve("val.csv");
    validation = Files.exists(held) ? Optional.of(list(held)) : Optional.empty();
    if (iterations() == 0) {
      throw new DataSetException(training.file() + ": holds " + training.size()
          + " videos, fewer than the " + batch() + " clips of an update, TRAIN.BATCH_SIZE x"
          + " NUM_SHARDS; set them to at most that");
    }
    clips = new VideoClips(recipe, classNames, opener);
    config = Network.config(recipe);
    lowering = LoweringTrial.choose(recipe, options, dimensions);
    step = Network.step(
        recipe, dimensions.clipsEach(), lowering, Network.clipType(recipe, options.provider()));
    learningRate = new LearningRate(recipe);
  }

  private DataSet list(Path csv) {
    return DataSet.read(
        csv,
        recipe.text("DATA.PATH_LABEL_SEPARATOR"),
        recipe.text("DATA.PATH_PREFIX"),
        recipe.integer("MODEL.NUM_CLASSES"));
  }

  Recipe recipe() {
    return recipe;
  }

  DataSet training() {
    return training;
  }

  /** Empty without a {@code val.csv}. */
  Optional<DataSet> validation() {
    return validation;
  }

  /** Empty without a {@code classes.txt}. */
  Optional<List<String>> classNames() {
    return classNames;
  }

  VideoClips clips() {
    return clips;
  }

  X3DConfig config() {
    return config;
  }

  /** Of this rank's share of a micro-batch. */
  Batch.Dimensions dimensions() {
    return dimensions;
  }

  /** Of one replica. */
  TrainingStep step() {
    return step;
  }

  /** The graph that measures one replica's batch statistics. */
  byte[] statisticsStep() {
    return Network.statisticsStep(recipe, dimensions.clipsEach(), lowering);
  }

  /** The graph that evaluates. */
  byte[] evaluationStep() {
    return Network.evaluationStep(recipe, lowering);
  }

  /** The model file of a run that stands at {@code progress}, flat numbers given. */
  byte[] model(Checkpoint.Progress progress, float[] parameters, float[] statistics) {
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
    return InferenceModel.build(
        config,
        weights,
        Network.metadata(recipe, classNames.orElse(List.of()), provenance),
        Network.exportedLowering(recipe));
  }

  LearningRate learningRate() {
    return learningRate;
  }

  long seed() {
    return recipe.whole("RNG_SEED");
  }

  int epochs() {
    return recipe.integer("SOLVER.MAX_EPOCH");
  }

  /** Updates of an epoch; what is left over of the videos is left out, as SlowFast's loader does. */
  int iterations() {
    return training.size() / batch();
  }

  /** Clips of an update. */
  int batch() {
    return Batch.Dimensions.clipsOfAnUpdate(recipe);
  }

  int microBatches() {
    return recipe.integer("SOLVER.ACCUMULATION_STEPS");
  }

  /** Of this rank. */
  int replicas() {
    return dimensions.replicas();
  }

  /** What all ranks must have in common, in a few characters. */
  String fingerprint() {
    return Integer.toHexString(recipe.toYaml().hashCode()) + "/" + training.fingerprint() + "/"
        + validation.map(DataSet::fingerprint).orElse("none");
  }

  /** Replicas over sessions that share the threads. */
  Engine engine(Checkpoint state) {
    return Engine.of(
        recipe,
        step,
        options,
        state.parameters(),
        state.momentum(),
        state.statistics(),
        state.progress().step());
  }

  /** Decoding threads: as many workers a device as the recipe says, but no more than there are threads. */
  int decoders() {
    int wanted = recipe.integer("DATA_LOADER.NUM_WORKERS") * replicas();
    return Math.min(Math.max(1, wanted), options.threads());
  }

  /** Half an epoch of one order of the videos cannot be followed by half of another. */
  void requireSamePlace(Checkpoints.Stored stored) {
    Checkpoint state = stored.checkpoint();
    boolean same = training.fingerprint().equals(state.dataFingerprint())
        && state.recipe().whole("RNG_SEED") == seed()
        && Batch.Dimensions.clipsOfAnUpdate(state.recipe()) == batch();
    if (state.progress().iteration() > 0 && !same) {
      throw new TrainingException(stored.file() + " stands in the middle of an epoch over"
          + " another train.csv, RNG_SEED, TRAIN.BATCH_SIZE or NUM_SHARDS; restore them, resume a checkpoint"
          + " between epochs with --resume FILE, or start anew with --resume never");
    }
  }
}
