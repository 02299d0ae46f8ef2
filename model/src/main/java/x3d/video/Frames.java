package x3d.video;

/**
 * Decoded pictures: RGB, 8 bits a channel, upright, laid out [T, H, W, C].
 *
 * <p>The array is shared, not copied, for it may be a hundred megabytes: whoever makes a {@code Frames} hands its array over, and who reads it leaves it
 * as it is.
 *
 * @param count T, at least 1
 * @param height H in pixels, at least 1
 * @param width W in pixels, at least 1
 * @param rgb the pixels, {@code count * height * width * 3} bytes
 */
public record Frames(int count, int height, int width, byte[] rgb) {
  /** Checks that the array has the length that the shape asks for. */
  public Frames {
    if (count < 1 || height < 1 || width < 1 || rgb.length != 3L * count * height * width) {
      throw new IllegalArgumentException("frames [" + count + ", " + height + ", " + width
          + ", 3] need " + 3L * count * height * width + " bytes, got " + rgb.length);
    }
  }

  /** One black picture of this size after another. */
  public static Frames black(int count, int height, int width) {
    return new Frames(count, height, width, new byte[Math.toIntExact(3L * count * height * width)]);
  }

  /** Where picture {@code index} begins in {@link #rgb()}. */
  public int offset(int index) {
    return index * height * width * 3;
  }

  /** The value at a place, 0 to 255. */
  public int at(int frame, int y, int x, int channel) {
    return rgb[offset(frame) + (y * width + x) * 3 + channel] & 0xff;
  }
}
