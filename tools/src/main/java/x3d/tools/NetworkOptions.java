package x3d.tools;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import x3d.net.Factors;
import x3d.net.Variant;
import x3d.net.X3DConfig;
import x3d.train.Network;
import x3d.train.Recipe;

/**
 * Which X3D is meant: a variant, a recipe or what a weights file says of itself, and over that single factors.
 */
public final class NetworkOptions {
  @Option(names = "--variant", paramLabel = "V", description = "XS, S, M or L. Default: S.")
  private Variant variant;

  @Option(names = "--recipe", paramLabel = "FILE", description = "Take the factors from a recipe.")
  private Path recipe;

  @Option(names = "--width-factor", paramLabel = "X", description = "X3D.WIDTH_FACTOR.")
  private Double widthFactor;

  @Option(names = "--depth-factor", paramLabel = "X", description = "X3D.DEPTH_FACTOR.")
  private Double depthFactor;

  @Option(names = "--bottleneck-factor", paramLabel = "X", description = "X3D.BOTTLENECK_FACTOR.")
  private Double bottleneckFactor;

  @Option(names = "--dim-c1", paramLabel = "N", description = "X3D.DIM_C1.")
  private Integer dimC1;

  @Option(names = "--dim-c5", paramLabel = "N", description = "X3D.DIM_C5.")
  private Integer dimC5;

  @Option(
      names = "--num-classes",
      paramLabel = "N",
      description = "MODEL.NUM_CLASSES. Default: 400.")
  private Integer numClasses;

  @Option(names = "--frames", paramLabel = "N", description = "DATA.NUM_FRAMES.")
  private Integer numFrames;

  @Option(names = "--crop", paramLabel = "PIXELS", description = "DATA.TRAIN_CROP_SIZE.")
  private Integer crop;

  @Option(
      names = "--dense",
      description = "The Ascend port's network: no groups in any 3-D convolution.")
  private Boolean dense;

  /** The network, where nothing else is known of it. */
  public X3DConfig resolve() {
    return resolve(Map.of());
  }

  /**
   * @param facts the metadata of a weights file; its factors count where neither variant nor recipe is given
   * @throws IllegalArgumentException if a fact is no number
   */
  public X3DConfig resolve(Map<String, String> facts) {
    X3DConfig base = variant != null || recipe != null ? start() : Factors.of(facts, start());
    return new X3DConfig(
        or(widthFactor, base.widthFactor()),
        or(depthFactor, base.depthFactor()),
        or(bottleneckFactor, base.bottleneckFactor()),
        or(dimC1, base.dimC1()),
        or(dimC5, base.dimC5()),
        or(numClasses, base.numClasses()),
        or(numFrames, base.numFrames()),
        or(crop, base.crop()),
        dense == null ? base.channelwise() : !dense);
  }

  public Optional<Recipe> recipe() {
    return Optional.ofNullable(recipe).map(Recipe::read);
  }

  private X3DConfig start() {
    if (recipe != null) {
      return Network.config(Recipe.read(recipe));
    }
    return (variant == null ? Variant.S : variant).config(400);
  }

  private static <T> T or(T given, T otherwise) {
    return given == null ? otherwise : given;
  }
}
