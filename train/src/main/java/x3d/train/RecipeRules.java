package x3d.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import x3d.net.Lowering;
import x3d.net.Precision;

/** What the keys of a recipe must satisfy, alone and together. */
final class RecipeRules {
  private final Recipe recipe;
  private final List<String> problems = new ArrayList<>();

  private RecipeRules(Recipe recipe) {
    this.recipe = recipe;
  }

  /** All that is wrong, in the order of the table; empty if nothing is. */
  static List<String> problems(Recipe recipe) {
    RecipeRules rules = new RecipeRules(recipe);
    rules.sizes();
    rules.batches();
    rules.clips();
    rules.rates();
    rules.precision();
    rules.start();
    return rules.problems;
  }

  private void sizes() {
    for (String name : List.of(
        "TRAIN.BATCH_SIZE",
        "TRAIN.EVAL_PERIOD",
        "TRAIN.CHECKPOINT_PERIOD",
        "X3D.DIM_C1",
        "X3D.DIM_C5",
        "DATA.NUM_FRAMES",
        "DATA.SAMPLING_RATE",
        "DATA.TRAIN_CROP_SIZE",
        "DATA.TEST_CROP_SIZE",
        "BN.NUM_BATCHES_PRECISE",
        "SOLVER.MAX_EPOCH",
        "SOLVER.ACCUMULATION_STEPS",
        "TEST.NUM_ENSEMBLE_VIEWS",
        "NUM_SHARDS",
        "LOG_PERIOD")) {
      atLeast(name, 1);
    }
    atLeast("MODEL.NUM_CLASSES", 2);
    atLeast("TRAIN.CHECKPOINT_PERIOD_ITERATIONS", 0);
    atLeast("NUM_GPUS", 0); // SlowFast's word for "on the CPU"
    atLeast("DATA_LOADER.NUM_WORKERS", 0);
    for (String name : List.of(
        "X3D.WIDTH_FACTOR", "X3D.DEPTH_FACTOR", "X3D.BOTTLENECK_FACTOR", "DATA.TARGET_FPS")) {
      require(recipe.real(name) > 0, name + " is " + recipe.real(name) + "; it must be above 0");
    }
    between("MODEL.DROPOUT_RATE");
    between("MODEL.LABEL_SMOOTHING");
    between("SOLVER.MOMENTUM");
    List<String> lowerings = Arrays.stream(Lowering.values()).map(Lowering::id).toList();
    String lowering = recipe.text("MODEL.LOWERING");
    require(
        lowering.equals("auto") || lowerings.contains(lowering),
        "MODEL.LOWERING is '" + lowering + "'; it must be auto or one of "
            + String.join(", ", lowerings));
    int crops = recipe.integer("TEST.NUM_SPATIAL_CROPS");
    require(
        crops == 1 || crops == 3,
        "TEST.NUM_SPATIAL_CROPS is " + crops + "; it must be 1 (centre) or 3 (left to right)");
  }

  private void batches() {
    long batch = recipe.whole("TRAIN.BATCH_SIZE") * recipe.whole("NUM_SHARDS");
    int devices = Math.max(1, recipe.integer("NUM_GPUS"));
    int steps = Math.max(1, recipe.integer("SOLVER.ACCUMULATION_STEPS"));
    require(
        batch % ((long) devices * steps) == 0,
        "TRAIN.BATCH_SIZE x NUM_SHARDS is "
            + batch
            + ", which NUM_GPUS "
            + devices
            + " x SOLVER.ACCUMULATION_STEPS "
            + steps
            + " does not divide");
  }

  private void clips() {
    List<Integer> jitter = recipe.integers("DATA.TRAIN_JITTER_SCALES");
    int crop = recipe.integer("DATA.TRAIN_CROP_SIZE");
    require(
        jitter.size() == 2 && jitter.get(0) <= jitter.get(1) && jitter.get(0) >= crop,
        "DATA.TRAIN_JITTER_SCALES is "
            + jitter
            + "; it must be [least, most] with least at or above DATA.TRAIN_CROP_SIZE "
            + crop);
    int test = recipe.integer("DATA.TEST_CROP_SIZE");
    boolean centre = recipe.integer("TEST.NUM_SPATIAL_CROPS") == 1;
    require(
        test >= crop && (!centre || jitter.isEmpty() || test <= jitter.get(0)),
        "DATA.TEST_CROP_SIZE is "
            + test
            + "; it must be at least DATA.TRAIN_CROP_SIZE "
            + crop
            + (centre ? " and, with one crop, at most the least of DATA.TRAIN_JITTER_SCALES" : ""));
    for (String name : List.of("DATA.MEAN", "DATA.STD")) {
      require(
          recipe.reals(name).size() == 3,
          name + " has " + recipe.reals(name).size() + " values; it must have 3, for R, G and B");
    }
    require(
        recipe.reals("DATA.STD").stream().allMatch(x -> x > 0),
        "DATA.STD is " + recipe.reals("DATA.STD") + "; each must be above 0");
    require(
        !recipe.text("DATA.PATH_LABEL_SEPARATOR").isEmpty(),
        "DATA.PATH_LABEL_SEPARATOR is empty; it must be what stands between path and label");
  }

  private void rates() {
    for (String name : List.of(
        "SOLVER.BASE_LR",
        "SOLVER.COSINE_END_LR",
        "SOLVER.WARMUP_START_LR",
        "SOLVER.WARMUP_EPOCHS",
        "SOLVER.WEIGHT_DECAY",
        "SOLVER.DAMPENING",
        "BN.WEIGHT_DECAY")) {
      require(
          recipe.real(name) >= 0, name + " is " + recipe.real(name) + "; it must not be negative");
    }
    require(
        !recipe.flag("SOLVER.NESTEROV")
            || (recipe.real("SOLVER.DAMPENING") == 0 && recipe.real("SOLVER.MOMENTUM") > 0),
        "SOLVER.NESTEROV needs SOLVER.MOMENTUM above 0 and SOLVER.DAMPENING 0");
    for (String name : List.of("SOLVER.CLIP_GRAD_VAL", "SOLVER.CLIP_GRAD_L2NORM")) {
      require(
          recipe.optionalReal(name).orElse(1) > 0, name + " must be above 0, or None for no limit");
    }
    require(
        recipe.optionalReal("SOLVER.CLIP_GRAD_VAL").isEmpty()
            || recipe.optionalReal("SOLVER.CLIP_GRAD_L2NORM").isEmpty(),
        "SOLVER.CLIP_GRAD_VAL and SOLVER.CLIP_GRAD_L2NORM are both set; only one can be");
    problems.addAll(LearningRate.problems(recipe));
  }

  private void precision() {
    double scale = recipe.lossScale().orElse(1);
    require(
        scale > 0 && scale <= LossScaler.GREATEST,
        "APEX.LOSS_SCALE is " + scale + "; it must be above 0 and at most "
            + (long) LossScaler.GREATEST + ", or dynamic");
    String level = recipe.text("APEX.OPT_LEVEL");
    if (recipe.flag("APEX.ENABLE") && !Network.LEVELS.contains(level)) {
      problems.add("APEX.OPT_LEVEL is " + level
          + (level.equals("O3")
              ? ", float16 without float32 parameters, in which small updates are lost: set O2, or"
                  + " O1 or O0"
              : "; it must be O0 (float32), O1 (products in float16) or O2 (float16 with float32"
                  + " parameters and batch norm)"));
      return;
    }
    if (recipe.flag("TRAIN.MIXED_PRECISION") && recipe.flag("APEX.ENABLE")) {
      require(
          !level.equals("O2"),
          "TRAIN.MIXED_PRECISION is True, which is O1, and APEX.OPT_LEVEL is O2: set one of them"
              + " only");
      require(
          scale == 1,
          "TRAIN.MIXED_PRECISION is True, which scales the loss dynamically, and APEX.LOSS_SCALE"
              + " is " + scale + ": set it to dynamic, or use APEX.OPT_LEVEL O1 instead");
    }
    String lowering = recipe.text("MODEL.LOWERING");
    Precision precision = Network.precision(recipe);
    require(
        !lowering.equals("kernels") || Lowering.KERNELS.takes(precision),
        "MODEL.LOWERING is kernels, which computes in float32 only, and the precision is "
            + precision.id() + ": set MODEL.LOWERING to conv3d, planes or auto");
  }

  private void start() {
    require(
        recipe.flag("TRAIN.CHECKPOINT_EPOCH_RESET")
            || recipe.text("TRAIN.CHECKPOINT_FILE_PATH").isEmpty(),
        "TRAIN.CHECKPOINT_EPOCH_RESET is False with a TRAIN.CHECKPOINT_FILE_PATH, but a run that"
            + " starts from a file starts at epoch 0: set it to True, or continue a run with"
            + " --resume FILE");
  }

  private void between(String name) {
    double value = recipe.real(name);
    require(value >= 0 && value < 1, name + " is " + value + "; it must be from 0 to below 1");
  }

  private void atLeast(String name, long least) {
    long value = recipe.whole(name);
    require(
        value >= least && value <= Integer.MAX_VALUE,
        name + " is " + value + "; it must be at least " + least);
  }

  private void require(boolean holds, String problem) {
    if (!holds) {
      problems.add(problem);
    }
  }
}
