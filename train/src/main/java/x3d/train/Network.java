package x3d.train;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import x3d.net.ClipType;
import x3d.net.EvaluationStep;
import x3d.net.Lowering;
import x3d.net.ModelMetadata;
import x3d.net.Precision;
import x3d.net.StatisticsStep;
import x3d.net.TrainingStep;
import x3d.net.Variant;
import x3d.net.X3DConfig;
import x3d.runtime.Provider;
import x3d.weights.LoadReport;
import x3d.weights.ParameterLayout;
import x3d.weights.Weights;

/** What a recipe says of the network: its factors, its first weights, and what its model file tells of itself. */
public final class Network {
  private Network() {}

  /** The factors that a recipe asks for. */
  public static X3DConfig config(Recipe recipe) {
    return new X3DConfig(
        recipe.real("X3D.WIDTH_FACTOR"),
        recipe.real("X3D.DEPTH_FACTOR"),
        recipe.real("X3D.BOTTLENECK_FACTOR"),
        recipe.integer("X3D.DIM_C1"),
        recipe.integer("X3D.DIM_C5"),
        recipe.integer("MODEL.NUM_CLASSES"),
        recipe.integer("DATA.NUM_FRAMES"),
        recipe.integer("DATA.TRAIN_CROP_SIZE"),
        recipe.flag("X3D.CHANNELWISE_3x3x3"));
  }

  /** The recipe for another network: the inverse of {@link #config}. A clip of another size is jittered and tested at SlowFast's
   *  ratios. */
  public static Recipe recipe(Recipe recipe, X3DConfig config) {
    int crop = config.crop();
    Recipe sized = crop == recipe.integer("DATA.TRAIN_CROP_SIZE")
        ? recipe
        : recipe
            .with("DATA.TRAIN_JITTER_SCALES", List.of(crop * 8 / 7, crop * 10 / 7))
            .with("DATA.TEST_CROP_SIZE", crop)
            .with("TEST.NUM_SPATIAL_CROPS", 1);
    return sized
        .with("X3D.WIDTH_FACTOR", config.widthFactor())
        .with("X3D.DEPTH_FACTOR", config.depthFactor())
        .with("X3D.BOTTLENECK_FACTOR", config.bottleneckFactor())
        .with("X3D.DIM_C1", config.dimC1())
        .with("X3D.DIM_C5", config.dimC5())
        .with("MODEL.NUM_CLASSES", config.numClasses())
        .with("DATA.NUM_FRAMES", config.numFrames())
        .with("DATA.TRAIN_CROP_SIZE", config.crop())
        .with("X3D.CHANNELWISE_3x3x3", config.channelwise());
  }

  /** Apex's levels that there are. */
  static final List<String> LEVELS =
      Arrays.stream(Precision.values()).map(Precision::id).toList();

  /** In which numbers a recipe's network is trained: {@code TRAIN.MIXED_PRECISION}, or what {@code APEX} says if that is enabled. */
  public static Precision precision(Recipe recipe) {
    if (recipe.flag("TRAIN.MIXED_PRECISION")) {
      return Precision.FLOAT16_PRODUCTS;
    }
    return recipe.flag("APEX.ENABLE")
        ? Precision.of(recipe.text("APEX.OPT_LEVEL"))
        : Precision.FLOAT32;
  }

  /** How the graphs are spelled that train on the CPU. */
  static Lowering lowering(Recipe recipe) {
    return lowerings(recipe, Provider.CPU).get(0);
  }

  /**
   * How the graphs may be spelled that train on a provider, the most promising first: {@code auto} leaves a choice where only a
   * trial on the device can tell.
   */
  static List<Lowering> lowerings(Recipe recipe, Provider provider) {
    String id = recipe.text("MODEL.LOWERING");
    if (!id.equals("auto")) {
      return List.of(required(Lowering.of(id), provider));
    }
    return switch (provider) {
      case CPU ->
        List.of(
            provider.hasKernels() && Lowering.KERNELS.takes(precision(recipe))
                ? Lowering.KERNELS
                : Lowering.CONV3D);
      case CUDA ->
        List.of(Lowering.PLANES_FUSED, Lowering.CONV3D_FUSED, Lowering.PLANES, Lowering.CONV3D);
      case CANN -> List.of(Lowering.PLANES);
    };
  }

  /**
   * A lowering that was asked for.
   *
   * @throws RecipeException if the provider must not train in it
   */
  static Lowering required(Lowering lowering, Provider provider) {
    if (lowering == Lowering.CONV3D_FUSED && provider == Provider.CPU) {
      throw new RecipeException(
          "the lowering conv3d_fused is for GPUs: on the CPU, ONNX Runtime's"
              + " gradient of 3-D convolutions in groups damages memory; kernels is the fast one there");
    }
    return lowering;
  }

  /** How the model file is spelled. */
  static Lowering exportedLowering(Recipe recipe) {
    String id = recipe.text("MODEL.LOWERING");
    return id.equals("auto") ? Lowering.CONV3D : Lowering.of(id).exported();
  }

  static boolean frozenBatchNorm(Recipe recipe) {
    return recipe.flag("MODEL.FROZEN_BN") || recipe.flag("BN.FREEZE");
  }

  /** The stages that stay as they are. */
  static Set<String> frozenStages(Recipe recipe) {
    return Set.copyOf(recipe.texts("TRAIN.FROZEN_STAGES"));
  }

  /** In which numbers clips are sent to a device, where that is to be worth the trouble: no more than it keeps of them. */
  static ClipType clipType(Recipe recipe, Provider provider) {
    boolean halves = provider != Provider.CPU && precision(recipe) == Precision.FLOAT16;
    return halves ? ClipType.FLOAT16 : ClipType.FLOAT32;
  }

  /** The training step of one replica on the CPU. */
  public static TrainingStep step(Recipe recipe, int clips) {
    return step(recipe, clips, lowering(recipe), ClipType.FLOAT32);
  }

  /** The training step of one replica. */
  static TrainingStep step(Recipe recipe, int clips, Lowering lowering, ClipType clipType) {
    return TrainingStep.build(
        config(recipe),
        new TrainingStep.Options(
            clips,
            lowering,
            recipe.real("MODEL.LABEL_SMOOTHING"),
            frozenBatchNorm(recipe),
            precision(recipe),
            clipType,
            frozenStages(recipe)));
  }

  /** The graph that measures batch statistics, of one replica; it takes float32 clips. */
  static byte[] statisticsStep(Recipe recipe, int clips, Lowering lowering) {
    return StatisticsStep.build(
        config(recipe), clips, lowering, precision(recipe), ClipType.FLOAT32, frozenStages(recipe));
  }

  /** The graph that evaluates while training; it takes float32 clips. */
  static byte[] evaluationStep(Recipe recipe, Lowering lowering) {
    return EvaluationStep.build(config(recipe), lowering, precision(recipe), ClipType.FLOAT32);
  }

  /** What the model file of this recipe says of itself. */
  public static ModelMetadata metadata(
      Recipe recipe, List<String> classNames, Map<String, String> provenance) {
    X3DConfig config = config(recipe);
    int crops = recipe.integer("TEST.NUM_SPATIAL_CROPS");
    int test = recipe.integer("DATA.TEST_CROP_SIZE");
    // SlowFast's kinetics.py: one crop is cut from the least jitter, three are as large as the
    // short side
    return new ModelMetadata(
        Variant.nameOf(config),
        config.numFrames(),
        recipe.integer("DATA.SAMPLING_RATE"),
        recipe.real("DATA.TARGET_FPS"),
        crops == 1 ? recipe.integers("DATA.TRAIN_JITTER_SCALES").get(0) : test,
        crops == 1 ? test : config.crop(),
        floats(recipe.reals("DATA.MEAN")),
        floats(recipe.reals("DATA.STD")),
        recipe.integer("TEST.NUM_ENSEMBLE_VIEWS"),
        crops,
        classNames,
        provenance);
  }

  static float[] floats(List<Double> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i).floatValue();
    }
    return floats;
  }

  /**
   * Parameters and statistics before the first step.
   *
   * @param loaded what was taken of a file, if it was
   */
  record Start(float[] parameters, float[] statistics, Optional<LoadSummary> loaded) {}

  /** A fresh start from the seed. */
  static Start fresh(Recipe recipe, ParameterLayout layout, ParameterLayout statistics) {
    long seed = recipe.whole("RNG_SEED");
    float[] parameters = layout.initialise(seed);
    if (!recipe.flag("RESNET.ZERO_INIT_FINAL_BN")) {
      for (ParameterLayout.Slice slice : layout.slices()) {
        if (slice.name().endsWith(".c_bn.weight")) {
          Arrays.fill(parameters, slice.offset(), slice.offset() + slice.length(), 1);
        }
      }
    }
    return new Start(parameters, statistics.initialise(seed), Optional.empty());
  }

  /** The weights in a file: PyTorch's {@code .pyth} or {@code .pt}, or safetensors, a checkpoint of a run among them. */
  public static Weights weights(Path file) {
    return Pretrained.contents(file).weights();
  }

  /**
   * A start from the weights in a file. A classifier for other classes is left out and starts afresh; anything else that is
   * missing or does not fit is refused.
   */
  static Start from(
      Pretrained file, Recipe recipe, ParameterLayout layout, ParameterLayout statistics) {
    Start start = fresh(recipe, layout, statistics);
    Pretrained.Contents contents = file.read();
    LoadReport report =
        LoadReport.fill(contents.weights(), layout, start.parameters, statistics, start.statistics);
    List<String> misfits = report.mismatched().stream()
        .filter(mismatch -> !mismatch.name().startsWith("head.projection."))
        .map(Object::toString)
        .toList();
    if (!misfits.isEmpty() || !report.missing().isEmpty()) {
      throw new TrainingException(file.file() + " does not hold the recipe's network"
          + (misfits.isEmpty() ? "" : ": " + String.join(", ", misfits))
          + (report.missing().isEmpty() ? "" : ": without " + String.join(", ", report.missing())));
    }
    LoadSummary summary =
        new LoadSummary(report, contents.momenta(), contents.weights().metadata());
    return new Start(start.parameters, start.statistics, Optional.of(summary));
  }
}
