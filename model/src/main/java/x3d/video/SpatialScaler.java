package x3d.video;

import java.nio.FloatBuffer;

/** A {@link ClipTransform} made ready for pictures of one size: the taps and weights of each output row and column. */
final class SpatialScaler {
  private final int crop;
  private final Taps rows;
  private final Taps columns;
  private final float[] scale = new float[3];
  private final float[] shift = new float[3];
  private final float[] line;

  SpatialScaler(ClipTransform transform, int height, int width) {
    crop = transform.crop();
    int side = transform.shortSide();
    int newWidth = scaled(width, height, side);
    int newHeight = scaled(height, width, side);
    CropPosition position = transform.position();
    rows = new Taps(
        height, newHeight, position.top(newHeight, newWidth, crop), crop, false, width * 3);
    columns = new Taps(
        width, newWidth, position.left(newHeight, newWidth, crop), crop, transform.flip(), 3);
    line = new float[3 * crop];
    float[] mean = transform.normalization().mean();
    float[] std = transform.normalization().std();
    for (int c = 0; c < 3; c++) {
      scale[c] = 1 / (255 * std[c]);
      shift[c] = -mean[c] / std[c];
    }
  }

  /** A side after scaling. A picture that has the size already is left alone: its ratio may not survive the floor. */
  private static int scaled(int length, int other, int side) {
    if (Math.min(length, other) == side) {
      return length;
    }
    return length <= other ? side : (int) Math.floor((double) length / other * side);
  }

  /** Writes picture {@code index} as frame {@code t} of the [3, clipFrames, crop, crop] clip that begins at base. */
  void write(Frames frames, int index, FloatBuffer out, int base, int t, int clipFrames) {
    byte[] rgb = frames.rgb();
    int picture = frames.offset(index);
    int plane = crop * crop;
    for (int y = 0; y < crop; y++) {
      scaleLine(rgb, picture + rows.first[y], picture + rows.second[y], rows.weight[y]);
      for (int c = 0; c < 3; c++) {
        out.put(base + (c * clipFrames + t) * plane + y * crop, line, c * crop, crop);
      }
    }
  }

  private void scaleLine(byte[] rgb, int upper, int lower, float down) {
    for (int x = 0; x < crop; x++) {
      int left = columns.first[x];
      int right = columns.second[x];
      float across = columns.weight[x];
      for (int c = 0; c < 3; c++) {
        float above = mix(rgb[upper + left + c], rgb[upper + right + c], across);
        float below = mix(rgb[lower + left + c], rgb[lower + right + c], across);
        line[c * crop + x] = (above + down * (below - above)) * scale[c] + shift[c];
      }
    }
  }

  private static float mix(byte first, byte second, float weight) {
    float low = first & 0xff;
    return low + weight * ((second & 0xff) - low);
  }

  /** For each output place: byte offsets of the two source places, and the second one's share. */
  private static final class Taps {
    final int[] first;
    final int[] second;
    final float[] weight;

    Taps(int from, int to, int offset, int crop, boolean mirrored, int stride) {
      first = new int[crop];
      second = new int[crop];
      weight = new float[crop];
      // torch computes the ratio and the source place in float.
      float ratio = (float) from / to;
      for (int i = 0; i < crop; i++) {
        int place = offset + (mirrored ? crop - 1 - i : i);
        float source = Math.max(0, ratio * (place + 0.5f) - 0.5f);
        int low = Math.min((int) source, from - 1);
        first[i] = low * stride;
        second[i] = Math.min(low + 1, from - 1) * stride;
        weight[i] = source - low;
      }
    }
  }
}
