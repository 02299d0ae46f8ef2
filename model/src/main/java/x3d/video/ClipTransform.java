package x3d.video;

import java.nio.FloatBuffer;
import java.util.random.RandomGenerator;

/**
 * From pictures to the network's input: scale the short side, crop a square, mirror it perhaps, normalise. The numbers
 * are SlowFast's ({@code slowfast/datasets/transform.py}): bilinear with {@code align_corners=False}, the long side
 * {@code floor(long / short * shortSide)}. Only the part that the crop shows is ever scaled.
 *
 * @param shortSide of the scaled picture in pixels
 * @param crop side of the crop in pixels, at most {@code shortSide}
 * @param position where the crop lies
 * @param flip whether left and right are swapped
 * @param normalization of the values
 */
public record ClipTransform(
    int shortSide, int crop, CropPosition position, boolean flip, Normalization normalization) {
  /** Refuses a crop that does not fit. */
  public ClipTransform {
    if (crop < 1 || shortSide < crop) {
      throw new IllegalArgumentException("crop " + crop + " of short side " + shortSide
          + ": the crop must be 1 to the short side");
    }
  }

  /** A test's transform: nothing drawn, nothing mirrored. */
  public static ClipTransform of(
      int shortSide, int crop, CropPosition position, Normalization normalization) {
    return new ClipTransform(shortSide, crop, position, false, normalization);
  }

  /**
   * A training transform, drawn before the video is opened. Always takes four numbers from {@code random}, so that
   * what follows does not depend on what is switched on.
   *
   * @param jitter how the short side is drawn
   * @param crop side of the crop in pixels
   * @param flip whether half of the clips are mirrored
   */
  public static ClipTransform random(
      Jitter jitter, int crop, boolean flip, Normalization normalization, RandomGenerator random) {
    int shortSide = jitter.shortSide(random.nextDouble());
    CropPosition position = new CropPosition.Fraction(random.nextDouble(), random.nextDouble());
    boolean mirrored = random.nextDouble() < 0.5;
    return new ClipTransform(shortSide, crop, position, flip && mirrored, normalization);
  }

  /**
   * SlowFast's {@code random_short_side_scale_jitter}.
   *
   * @param min smallest short side in pixels, inclusive
   * @param max largest short side in pixels, inclusive
   * @param inverse whether 1/side is uniform rather than the side ({@code DATA.INV_UNIFORM_SAMPLE})
   */
  public record Jitter(int min, int max, boolean inverse) {
    /** Refuses an empty range. */
    public Jitter {
      if (min < 1 || max < min) {
        throw new IllegalArgumentException(
            "short side " + min + " to " + max + ": the range must rise from at least 1");
      }
    }

    int shortSide(double uniform) {
      double low = inverse ? 1.0 / max : min;
      double high = inverse ? 1.0 / min : max;
      double drawn = low + uniform * (high - low);
      return (int) Math.rint(inverse ? 1 / drawn : drawn);
    }
  }

  /** Floats in one output of {@code frames} frames: 3 * frames * crop * crop. */
  public int size(int frames) {
    return Math.toIntExact(3L * frames * crop * crop);
  }

  /**
   * Writes a clip, [3, T, crop, crop], at the buffer's position and moves the position behind it.
   *
   * @param frames all pictures at hand, of one size
   * @param indices which of them make the clip, T of them, in the clip's order
   * @param out room for {@link #size}{@code (T)} floats
   */
  public void apply(Frames frames, int[] indices, FloatBuffer out) {
    int base = out.position();
    int end = base + size(indices.length);
    if (end > out.limit()) {
      throw new IllegalArgumentException("a clip of " + size(indices.length)
          + " floats does not fit into the " + out.remaining() + " left");
    }
    SpatialScaler scaler = new SpatialScaler(this, frames.height(), frames.width());
    for (int t = 0; t < indices.length; t++) {
      scaler.write(frames, indices[t], out, base, t, indices.length);
    }
    out.position(end);
  }
}
