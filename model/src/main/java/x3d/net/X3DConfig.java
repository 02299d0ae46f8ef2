package x3d.net;

/**
 * The factors that make one X3D out of the family. Feichtenhofer, X3D (2020), section 3; SlowFast's
 * {@code X3D.*} and {@code DATA.*} keys.
 *
 * @param widthFactor {@code X3D.WIDTH_FACTOR}
 * @param depthFactor {@code X3D.DEPTH_FACTOR}
 * @param bottleneckFactor {@code X3D.BOTTLENECK_FACTOR}
 * @param dimC1 {@code X3D.DIM_C1}, channels of the stem before the width factor
 * @param dimC5 {@code X3D.DIM_C5}, channels before the classifier
 * @param numFrames frames of a clip
 * @param crop height and width of a training clip in pixels
 * @param channelwise {@code X3D.CHANNELWISE_3x3x3}; false is the dense network of the Ascend port, whose
 *     stem has no groups either
 */
public record X3DConfig(
    double widthFactor,
    double depthFactor,
    double bottleneckFactor,
    int dimC1,
    int dimC5,
    int numClasses,
    int numFrames,
    int crop,
    boolean channelwise) {
  public X3DConfig {
    positive("width factor", widthFactor);
    positive("depth factor", depthFactor);
    positive("bottleneck factor", bottleneckFactor);
    positive("C1", dimC1);
    positive("C5", dimC5);
    positive("number of classes", numClasses);
    positive("number of frames", numFrames);
    positive("crop", crop);
  }

  private static void positive(String what, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException("X3D: the " + what + " must be positive, got " + value);
    }
  }
}
