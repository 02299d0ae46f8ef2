package x3d.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import x3d.train.RecipeKey.Kind;
import x3d.train.RecipeKey.Treatment;

/**
 * Every key a recipe may hold. Names and defaults are those of SlowFast's {@code
 * slowfast/config/defaults.py} where it has them, except that the network is X3D; {@code APEX} is
 * the Ascend port's; keys of our own are marked.
 */
final class RecipeKeys {
  /** Sections of other networks and other tools, which an X3D training run never reads. */
  private static final List<String> FOREIGN_SECTIONS = List.of(
      "MVIT",
      "SLOWFAST",
      "AVA",
      "DEMO",
      "BENCHMARK",
      "CONTRASTIVE",
      "MASK",
      "VIS_MASK",
      "TENSORBOARD",
      "DETECTION",
      "MULTIGRID",
      "AUG",
      "MIXUP");

  private static final Map<String, RecipeKey> KEYS = table();

  private RecipeKeys() {}

  static Collection<RecipeKey> all() {
    return KEYS.values();
  }

  /** The key of that name; keys of foreign sections are harmless whatever they are called. */
  static Optional<RecipeKey> find(String name) {
    RecipeKey key = KEYS.get(name);
    if (key == null && FOREIGN_SECTIONS.contains(name.replaceFirst("\\..*", ""))) {
      key = new RecipeKey(name, Kind.ANY, null, Treatment.HARMLESS, List.of(), "");
    }
    return Optional.ofNullable(key);
  }

  /** Known keys that a mistyped one may have meant: the nearest, at most three. */
  static List<String> near(String name) {
    record Candidate(String name, int distance) {}
    String leaf = leaf(name);
    List<Candidate> candidates = KEYS.keySet().stream()
        .map(known -> new Candidate(known, distanceOfKeys(name, leaf, known)))
        .filter(c -> c.distance <= Math.max(2, leaf.length() / 4))
        .sorted(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
        .toList();
    return candidates.stream()
        .filter(c -> c.distance == candidates.get(0).distance)
        .limit(3)
        .map(Candidate::name)
        .toList();
  }

  private static int distanceOfKeys(String name, String leaf, String known) {
    int whole = distance(name, known);
    // the right leaf in a wrong section is as likely a slip as a wrong letter
    int byLeaf = leaf.length() > 3 ? distance(leaf, leaf(known)) + 1 : Integer.MAX_VALUE;
    return Math.min(whole, byLeaf);
  }

  private static String leaf(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** Edits (insert, delete, replace) from one text to the other. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  private static Map<String, RecipeKey> table() {
    Table t = new Table();
    t.obeyed("TRAIN.BATCH_SIZE", Kind.INTEGER, 64L); // clips of an update, for each of NUM_SHARDS
    t.obeyed("TRAIN.EVAL_PERIOD", Kind.INTEGER, 10L);
    t.obeyed("TRAIN.CHECKPOINT_PERIOD", Kind.INTEGER, 10L);
    t.obeyed("TRAIN.CHECKPOINT_PERIOD_ITERATIONS", Kind.INTEGER, 0L); // own; 0: at epochs only
    t.obeyed("TRAIN.EVAL_RANDOM_CLIP", Kind.FLAG, false); // own; True is SlowFast's validation
    t.obeyed("TRAIN.AUTO_RESUME", Kind.FLAG, true);
    t.obeyed("TRAIN.CHECKPOINT_FILE_PATH", Kind.TEXT, "");
    t.obeyed("TRAIN.CHECKPOINT_REQUIRED", Kind.FLAG, false); // own
    t.obeyed("TRAIN.PERFORMANCE", Kind.FLAG, false); // own; True only measures throughput
    t.obeyed("TRAIN.FROZEN_STAGES", Kind.TEXTS, List.of()); // own; of s1 to s5 and head
    t.fixed("TRAIN.ENABLE", Kind.FLAG, "x3d-train does nothing but train", true);
    t.fixed(
        "TRAIN.DATASET",
        Kind.TEXT,
        "the data are lists of 'path label' lines",
        "kinetics",
        "Kinetics");
    t.fixed(
        "TRAIN.CHECKPOINT_TYPE", Kind.TEXT, "checkpoints are PyTorch's or safetensors", "pytorch");
    t.fixed("TRAIN.CHECKPOINT_INFLATE", Kind.FLAG, "2-D weights are not inflated", false);
    t.fixed(
        "TRAIN.CHECKPOINT_EPOCH_RESET",
        Kind.FLAG,
        "CHECKPOINT_FILE_PATH starts a new run at epoch 0; continue one with --resume FILE",
        true,
        false);
    t.fixed(
        "TRAIN.CHECKPOINT_CLEAR_NAME_PATTERN",
        Kind.ANY,
        "names are not rewritten; 'module.' is removed by itself",
        List.of());
    t.fixed("TRAIN.CHECKPOINT_IN_INIT", Kind.FLAG, "it belongs to self-supervision", false);
    t.obeyed("TRAIN.MIXED_PRECISION", Kind.FLAG, false);
    t.fixed("TRAIN.KILL_LOSS_EXPLOSION_FACTOR", Kind.REAL, "only NaN and infinity stop", 0.0);

    for (String factor : List.of("WIDTH_FACTOR", "DEPTH_FACTOR", "BOTTLENECK_FACTOR")) {
      t.obeyed("X3D." + factor, Kind.REAL, 1.0);
    }
    t.obeyed("X3D.DIM_C1", Kind.INTEGER, 12L);
    t.obeyed("X3D.DIM_C5", Kind.INTEGER, 2048L);
    t.obeyed("X3D.CHANNELWISE_3x3x3", Kind.FLAG, true);
    t.fixed("X3D.SCALE_RES2", Kind.FLAG, "no variant scales res2", false);
    t.fixed("X3D.BN_LIN5", Kind.FLAG, "the head has no BN after lin_5", false);

    t.obeyed("MODEL.NUM_CLASSES", Kind.INTEGER, 400L);
    t.obeyed("MODEL.DROPOUT_RATE", Kind.REAL, 0.5);
    t.obeyed("MODEL.FROZEN_BN", Kind.FLAG, false);
    t.obeyed("MODEL.LABEL_SMOOTHING", Kind.REAL, 0.0); // own
    t.obeyed("MODEL.LOWERING", Kind.TEXT, "auto"); // own
    t.fixed("MODEL.ARCH", Kind.TEXT, "the network is X3D", "x3d");
    t.fixed("MODEL.MODEL_NAME", Kind.TEXT, "the network is X3D", "X3D");
    t.fixed(
        "MODEL.LOSS_FUNC", Kind.TEXT, "smooth labels with MODEL.LABEL_SMOOTHING", "cross_entropy");
    t.fixed("MODEL.DROPCONNECT_RATE", Kind.REAL, "whole blocks are not dropped", 0.0);
    t.fixed("MODEL.FC_INIT_STD", Kind.REAL, "the classifier starts at 0.01", 0.01);
    t.fixed("MODEL.HEAD_ACT", Kind.TEXT, "the head ends in softmax", "softmax");
    t.fixed("MODEL.DETACH_FINAL_FC", Kind.FLAG, "it belongs to self-supervision", false);
    t.harmless("MODEL.ACT_CHECKPOINT", "MODEL.FP16_ALLREDUCE");
    t.harmless("MODEL.SINGLE_PATHWAY_ARCH", "MODEL.MULTI_PATHWAY_ARCH");

    t.obeyed("BN.USE_PRECISE_STATS", Kind.FLAG, false);
    t.obeyed("BN.NUM_BATCHES_PRECISE", Kind.INTEGER, 200L);
    t.obeyed("BN.WEIGHT_DECAY", Kind.REAL, 0.0);
    t.obeyed("BN.FREEZE", Kind.FLAG, false); // old SlowFast's name of MODEL.FROZEN_BN
    t.fixed("BN.NORM_TYPE", Kind.TEXT, "each device normalises by its own clips", "batchnorm");
    t.fixed("BN.NUM_SPLITS", Kind.INTEGER, "it belongs to sub_batchnorm", 1L);
    t.fixed("BN.GLOBAL_SYNC", Kind.FLAG, "it belongs to sync_batchnorm", false);
    t.harmless("BN.NUM_SYNC_DEVICES");

    t.obeyed("RESNET.ZERO_INIT_FINAL_BN", Kind.FLAG, false);
    t.fixed("RESNET.TRANS_FUNC", Kind.TEXT, "the blocks are X3D's", "x3d_transform");
    t.fixed("RESNET.STRIDE_1X1", Kind.FLAG, "X3D strides in the 3x3x3", false);
    t.fixed("RESNET.ZERO_INIT_FINAL_CONV", Kind.FLAG, "final convolutions start as MSRA", false);
    t.fixed(
        "RESNET.SPATIAL_DILATIONS",
        Kind.ANY,
        "convolutions are not dilated",
        List.of(List.of(1), List.of(1), List.of(1), List.of(1)));
    t.harmless("RESNET.NUM_GROUPS", "RESNET.WIDTH_PER_GROUP", "RESNET.INPLACE_RELU");
    t.harmless("RESNET.DEPTH", "RESNET.NUM_BLOCK_TEMP_KERNEL", "RESNET.SPATIAL_STRIDES");
    List<Object> none = List.of(List.of());
    t.fixed(
        "NONLOCAL.LOCATION",
        Kind.ANY,
        "there are no non-local blocks",
        List.of(none, none, none, none));
    t.harmless("NONLOCAL.GROUP", "NONLOCAL.INSTANTIATION", "NONLOCAL.POOL");

    t.obeyed("DATA.PATH_TO_DATA_DIR", Kind.TEXT, "");
    t.obeyed("DATA.PATH_LABEL_SEPARATOR", Kind.TEXT, " ");
    t.obeyed("DATA.PATH_PREFIX", Kind.TEXT, "");
    t.obeyed("DATA.NUM_FRAMES", Kind.INTEGER, 8L);
    t.obeyed("DATA.SAMPLING_RATE", Kind.INTEGER, 8L);
    t.obeyed("DATA.TARGET_FPS", Kind.REAL, 30.0);
    t.obeyed("DATA.MEAN", Kind.REALS, List.of(0.45, 0.45, 0.45));
    t.obeyed("DATA.STD", Kind.REALS, List.of(0.225, 0.225, 0.225));
    t.obeyed("DATA.TRAIN_JITTER_SCALES", Kind.INTEGERS, List.of(256L, 320L));
    t.obeyed("DATA.TRAIN_CROP_SIZE", Kind.INTEGER, 224L);
    t.obeyed("DATA.TEST_CROP_SIZE", Kind.INTEGER, 256L);
    t.obeyed("DATA.INV_UNIFORM_SAMPLE", Kind.FLAG, false);
    t.obeyed("DATA.RANDOM_FLIP", Kind.FLAG, true);
    t.obeyed("DATA.FLIP_EXEMPT_CLASSES", Kind.TEXTS, List.of()); // own; labels or class names
    t.fixed("DATA.INPUT_CHANNEL_NUM", Kind.ANY, "clips are RGB", List.of(3), List.of(3, 3));
    t.fixed("DATA.MULTI_LABEL", Kind.FLAG, "a video has one label", false);
    t.fixed("DATA.ENSEMBLE_METHOD", Kind.TEXT, "views are averaged", "sum");
    t.fixed("DATA.REVERSE_INPUT_CHANNEL", Kind.FLAG, "clips are RGB", false);
    t.fixed("DATA.USE_OFFSET_SAMPLING", Kind.FLAG, "clips start at random seconds", false);
    t.fixed("DATA.TRAIN_JITTER_SCALES_RELATIVE", Kind.ANY, "crops keep the aspect", List.of());
    t.fixed("DATA.TRAIN_JITTER_ASPECT_RELATIVE", Kind.ANY, "crops keep the aspect", List.of());
    t.fixed("DATA.TRAIN_JITTER_MOTION_SHIFT", Kind.FLAG, "crops do not move", false);
    t.fixed("DATA.TRAIN_JITTER_FPS", Kind.REAL, "the frame rate is not jittered", 0.0);
    t.fixed("DATA.TRAIN_CROP_NUM_TEMPORAL", Kind.INTEGER, "one clip a video", 1L);
    t.fixed("DATA.TRAIN_CROP_NUM_SPATIAL", Kind.INTEGER, "one crop a clip", 1L);
    t.fixed("DATA.COLOR_RND_GRAYSCALE", Kind.REAL, "colours are kept", 0.0);
    t.fixed("DATA.TIME_DIFF_PROB", Kind.REAL, "frames are kept", 0.0);
    t.fixed("DATA.SSL_COLOR_JITTER", Kind.FLAG, "colours are kept", false);
    t.fixed("DATA.SKIP_ROWS", Kind.INTEGER, "every line of the list is read", 0L);
    t.fixed("DATA.LOADER_CHUNK_SIZE", Kind.INTEGER, "the list is read whole", 0L);
    t.fixed("DATA.DUMMY_LOAD", Kind.FLAG, "clips come from the videos", false);
    t.harmless("DATA.DECODING_BACKEND", "DATA.DECODING_SHORT_SIZE", "DATA.PATH_TO_PRELOAD_IMDB");
    t.harmless("DATA.TRAIN_PCA_EIGVAL", "DATA.TRAIN_PCA_EIGVEC", "DATA.LOADER_CHUNK_OVERALL_SIZE");
    t.harmless("DATA.SSL_COLOR_BRI_CON_SAT", "DATA.SSL_COLOR_HUE", "DATA.SSL_MOCOV2_AUG");
    t.harmless("DATA.SSL_BLUR_SIGMA_MIN", "DATA.SSL_BLUR_SIGMA_MAX", "DATA.IN_VAL_CROP_RATIO");
    t.harmless("DATA.IN22K_TRAINVAL", "DATA.IN22k_VAL_IN1K");

    t.obeyed("SOLVER.BASE_LR", Kind.REAL, 0.1);
    t.obeyed("SOLVER.LR_POLICY", Kind.TEXT, "cosine");
    t.obeyed("SOLVER.COSINE_END_LR", Kind.REAL, 0.0);
    t.obeyed("SOLVER.COSINE_AFTER_WARMUP", Kind.FLAG, false);
    t.obeyed("SOLVER.STEPS", Kind.REALS, List.of());
    t.obeyed("SOLVER.LRS", Kind.REALS, List.of());
    t.obeyed("SOLVER.MAX_EPOCH", Kind.INTEGER, 300L);
    t.obeyed("SOLVER.MOMENTUM", Kind.REAL, 0.9);
    t.obeyed("SOLVER.DAMPENING", Kind.REAL, 0.0);
    t.obeyed("SOLVER.NESTEROV", Kind.FLAG, true);
    t.obeyed("SOLVER.WEIGHT_DECAY", Kind.REAL, 1e-4);
    t.obeyed("SOLVER.ZERO_WD_1D_PARAM", Kind.FLAG, false);
    t.obeyed("SOLVER.WARMUP_EPOCHS", Kind.REAL, 0.0);
    t.obeyed("SOLVER.WARMUP_START_LR", Kind.REAL, 0.01);
    t.obeyed("SOLVER.CLIP_GRAD_VAL", Kind.REAL, null);
    t.obeyed("SOLVER.CLIP_GRAD_L2NORM", Kind.REAL, null);
    t.obeyed("SOLVER.ACCUMULATION_STEPS", Kind.INTEGER, 1L); // own
    t.obeyed("SOLVER.HEAD_LR_SCALE", Kind.REAL, 1.0); // own
    t.fixed("SOLVER.OPTIMIZING_METHOD", Kind.TEXT, "the optimizer is SGD", "sgd");
    t.fixed("SOLVER.LARS_ON", Kind.FLAG, "rates are not adapted by layer", false);
    t.fixed("SOLVER.LAYER_DECAY", Kind.REAL, "rates are not adapted by layer", 1.0);
    t.obeyed("SOLVER.BASE_LR_SCALE_NUM_SHARDS", Kind.FLAG, false);
    t.harmless("SOLVER.GAMMA", "SOLVER.STEP_SIZE", "SOLVER.WARMUP_FACTOR", "SOLVER.BETAS");

    t.obeyed("TEST.NUM_ENSEMBLE_VIEWS", Kind.INTEGER, 10L);
    t.obeyed("TEST.NUM_SPATIAL_CROPS", Kind.INTEGER, 3L);
    // testing is x3d-tools evaluate's
    t.harmless("TEST.ENABLE", "TEST.DATASET", "TEST.BATCH_SIZE", "TEST.CHECKPOINT_FILE_PATH");
    t.harmless("TEST.CHECKPOINT_TYPE", "TEST.SAVE_RESULTS_PATH", "TEST.NUM_TEMPORAL_CLIPS");

    t.obeyed("DATA_LOADER.NUM_WORKERS", Kind.INTEGER, 8L); // decoding threads a device
    t.harmless("DATA_LOADER.PIN_MEMORY", "DATA_LOADER.ENABLE_MULTI_THREAD_DECODE");

    t.obeyed("APEX.ENABLE", Kind.FLAG, true);
    t.obeyed("APEX.OPT_LEVEL", Kind.TEXT, "O0");
    t.obeyed("APEX.LOSS_SCALE", Kind.SCALE, 1.0);

    t.obeyed("NUM_GPUS", Kind.INTEGER, 1L);
    t.obeyed("RNG_SEED", Kind.INTEGER, 1L);
    t.obeyed("LOG_PERIOD", Kind.INTEGER, 10L);
    t.obeyed("OUTPUT_DIR", Kind.TEXT, ".");
    t.obeyed("NUM_SHARDS", Kind.INTEGER, 1L);
    t.fixed("SHARD_ID", Kind.INTEGER, "mpirun or srun numbers the processes", 0L);
    t.fixed("TASK", Kind.TEXT, "the task is classification", "");
    t.harmless("LOG_MODEL_INFO", "DIST_BACKEND");

    t.fixed("DETECTION.ENABLE", Kind.FLAG, "the task is classification", false);
    t.fixed("AUG.ENABLE", Kind.FLAG, "RandAugment is not built", false);
    t.fixed("AUG.NUM_SAMPLE", Kind.INTEGER, "one clip a video", 1L);
    t.fixed("MIXUP.ENABLE", Kind.FLAG, "mixup is not built", false);
    t.fixed("MULTIGRID.LONG_CYCLE", Kind.FLAG, "multigrid training is not built", false);
    t.fixed("MULTIGRID.SHORT_CYCLE", Kind.FLAG, "multigrid training is not built", false);
    t.fixed("MASK.ENABLE", Kind.FLAG, "it belongs to self-supervision", false);
    t.obeyed("TENSORBOARD.ENABLE", Kind.FLAG, false);
    t.obeyed("TENSORBOARD.LOG_DIR", Kind.TEXT, ""); // in OUTPUT_DIR; runs-kinetics if empty
    t.obeyed("TENSORBOARD.CONFUSION_MATRIX.ENABLE", Kind.FLAG, false);
    t.obeyed("TENSORBOARD.HISTOGRAM.ENABLE", Kind.FLAG, false);
    return t.keys;
  }

  private static final class Table {
    private final Map<String, RecipeKey> keys = new LinkedHashMap<>();

    void obeyed(String name, Kind kind, Object initial) {
      keys.put(name, new RecipeKey(name, kind, initial, Treatment.OBEYED, List.of(), ""));
    }

    void harmless(String... names) {
      for (String name : names) {
        keys.put(name, new RecipeKey(name, Kind.ANY, null, Treatment.HARMLESS, List.of(), ""));
      }
    }

    void fixed(String name, Kind kind, String reason, Object... accepted) {
      List<Object> values = new ArrayList<>(Arrays.asList(accepted));
      keys.put(name, new RecipeKey(name, kind, accepted[0], Treatment.FIXED, values, reason));
    }
  }
}
