package x3d.video;

import java.util.Arrays;

/**
 * What is done to a pixel's value v, a number of 0 to 255: {@code (v / 255 - mean) / std}, a channel each.
 *
 * @param mean red, green, blue, of values scaled to 0 to 1; copied in and out
 * @param std red, green, blue, each above 0; copied in and out
 */
public record Normalization(float[] mean, float[] std) {
  /** Kinetics as SlowFast normalises it: mean 0.45, standard deviation 0.225 in every channel. */
  public static final Normalization KINETICS =
      new Normalization(new float[] {0.45f, 0.45f, 0.45f}, new float[] {0.225f, 0.225f, 0.225f});

  /** Copies the arrays; refuses other lengths than 3 and a deviation that is not above 0. */
  public Normalization {
    if (mean.length != 3 || std.length != 3) {
      throw new IllegalArgumentException("mean and std need 3 values each (red, green, blue), got "
          + mean.length + " and " + std.length);
    }
    for (float deviation : std) {
      if (!(deviation > 0)) {
        throw new IllegalArgumentException(
            "std is " + Arrays.toString(std) + ": each must be above 0");
      }
    }
    mean = mean.clone();
    std = std.clone();
  }

  @Override
  public float[] mean() {
    return mean.clone();
  }

  @Override
  public float[] std() {
    return std.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Normalization that
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(std, that.std);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(mean) + Arrays.hashCode(std);
  }

  @Override
  public String toString() {
    return "Normalization[mean " + Arrays.toString(mean) + ", std " + Arrays.toString(std) + "]";
  }
}
