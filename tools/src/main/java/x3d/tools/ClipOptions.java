package x3d.tools;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import x3d.net.ModelMetadata;
import x3d.net.Variant;
import x3d.net.X3DConfig;
import x3d.train.Recipe;

/** How a model's clips are cut from a video: the options that a network's factors do not settle. */
final class ClipOptions {
  @Option(
      names = "--sampling-rate",
      paramLabel = "N",
      description =
          "From one frame of a clip to the next. Default: the recipe's, or that of the variant.")
  private Integer samplingRate;

  @Option(
      names = "--short-side",
      paramLabel = "PIXELS",
      description = "What frames are scaled to. Default: the recipe's, or that of the variant.")
  private Integer shortSide;

  /** What a model file of this network says. */
  ModelMetadata metadata(
      X3DConfig config,
      Optional<Recipe> recipe,
      List<String> classNames,
      Map<String, String> provenance) {
    ModelMetadata usual = ModelMetadata.of(
        config, rate(config, recipe), side(config, recipe), classNames, provenance);
    return recipe.map(r -> with(r, usual)).orElse(usual);
  }

  private static ModelMetadata with(Recipe recipe, ModelMetadata usual) {
    return new ModelMetadata(
        usual.variant(),
        usual.numFrames(),
        usual.samplingRate(),
        recipe.real("DATA.TARGET_FPS"),
        usual.shortSide(),
        usual.crop(),
        floats(recipe.reals("DATA.MEAN")),
        floats(recipe.reals("DATA.STD")),
        usual.views(),
        usual.crops(),
        usual.classNames(),
        usual.provenance());
  }

  private static float[] floats(List<Double> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i).floatValue();
    }
    return floats;
  }

  private int rate(X3DConfig config, Optional<Recipe> recipe) {
    if (samplingRate != null) {
      return samplingRate;
    }
    return recipe
        .map(r -> r.integer("DATA.SAMPLING_RATE"))
        .or(() -> Arrays.stream(Variant.values())
            .filter(v -> v.config(1).numFrames() == config.numFrames())
            .map(Variant::samplingRate)
            .findFirst())
        .orElseThrow(() -> new IllegalArgumentException("no variant has clips of "
            + config.numFrames() + " frames: say how far apart the frames are, --sampling-rate N"));
  }

  /** SlowFast tests at the smallest short side that it trains at: 182 for 160, 256 for 224, 356 for 312. */
  private int side(X3DConfig config, Optional<Recipe> recipe) {
    if (shortSide != null) {
      return shortSide;
    }
    return recipe
        .map(r -> r.integers("DATA.TRAIN_JITTER_SCALES").get(0))
        .orElseGet(() -> switch (config.crop()) {
          case 160 -> 182;
          case 224 -> 256;
          case 312 -> 356;
          default -> Math.round(config.crop() * 8 / 7f);
        });
  }
}
