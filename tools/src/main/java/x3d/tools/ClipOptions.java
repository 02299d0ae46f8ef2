package x3d.tools;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import x3d.net.ModelMetadata;
import x3d.net.Variant;
import x3d.net.X3DConfig;
import x3d.train.Network;
import x3d.train.Recipe;

/** How a model's clips are cut from a video: the options that a network's factors do not settle. */
public final class ClipOptions {
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
  public ModelMetadata metadata(
      X3DConfig config,
      Optional<Recipe> recipe,
      List<String> classNames,
      Map<String, String> provenance) {
    ModelMetadata usual = recipe
        .map(r -> Network.metadata(r, classNames, provenance))
        .orElseGet(
            () -> ModelMetadata.of(config, rate(config), side(config), classNames, provenance));
    return new ModelMetadata(
        Variant.nameOf(config),
        config.numFrames(),
        samplingRate == null ? usual.samplingRate() : samplingRate,
        usual.targetFps(),
        shortSide == null ? usual.shortSide() : shortSide,
        usual.crop(),
        usual.mean(),
        usual.std(),
        usual.views(),
        usual.crops(),
        usual.classNames(),
        usual.provenance());
  }

  private int rate(X3DConfig config) {
    if (samplingRate != null) {
      return samplingRate;
    }
    return Arrays.stream(Variant.values())
        .filter(v -> v.config(1).numFrames() == config.numFrames())
        .map(Variant::samplingRate)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no variant has clips of "
            + config.numFrames() + " frames: say how far apart the frames are, --sampling-rate N"));
  }

  /** SlowFast tests at the smallest short side that it trains at: 182 for 160, 256 for 224, 356 for 312. */
  private static int side(X3DConfig config) {
    return switch (config.crop()) {
      case 160 -> 182;
      case 224 -> 256;
      case 312 -> 356;
      default -> Math.round(config.crop() * 8 / 7f);
    };
  }
}
