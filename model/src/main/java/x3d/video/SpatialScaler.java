package x3d.video;

import java.nio.FloatBuffer;

/** A {@link ClipTransform} made ready for pictures of one size: the taps and weights of each output row and column. */
final class SpatialScaler {
  /** A byte as a float: looked up, since the compilers' conversion of one int at a time takes a quarter longer. */
  private static final float[] VALUE = new float[256];

  static {
    for (int i = 0; i < VALUE.length; i++) {
      VALUE[i] = i;
    }
  }

  private final int crop;
  private final int rowBytes;
  private final Taps rows;
  private final Taps columns;
  private final float[] scale = new float[3];
  private final float[] shift = new float[3];
  private final float[] line;
  /** Two source rows, already scaled across; neighbouring output rows mostly share them. */
  private float[] above;

  private float[] below;

  SpatialScaler(ClipTransform transform, int height, int width) {
    crop = transform.crop();
    int side = transform.shortSide();
    int newWidth = scaled(width, height, side);
    int newHeight = scaled(height, width, side);
    CropPosition position = transform.position();
    rowBytes = width * 3;
    rows =
        new Taps(height, newHeight, position.top(newHeight, newWidth, crop), crop, false, rowBytes);
    columns = new Taps(
        width, newWidth, position.left(newHeight, newWidth, crop), crop, transform.flip(), 3);
    line = new float[3 * crop];
    above = new float[3 * crop];
    below = new float[3 * crop];
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

  /** The first source row that the crop shows something of. */
  int firstRow() {
    return rows.first[0] / rowBytes;
  }

  /** The last such row, inclusive. */
  int lastRow() {
    return rows.second[crop - 1] / rowBytes;
  }

  /** Writes picture {@code index} as frame {@code t} of the [3, clipFrames, crop, crop] clip that begins at base. */
  void write(Frames frames, int index, FloatBuffer out, int base, int t, int clipFrames) {
    byte[] rgb = frames.rgb();
    int picture = frames.offset(index);
    int plane = crop * crop;
    int inAbove = -1;
    int inBelow = -1;
    for (int y = 0; y < crop; y++) {
      if (rows.first[y] == inBelow) {
        float[] other = above;
        above = below;
        below = other;
        int row = inAbove;
        inAbove = inBelow;
        inBelow = row;
      }
      if (rows.first[y] != inAbove) {
        inAbove = rows.first[y];
        scaleAcross(rgb, picture + inAbove, above);
      }
      if (rows.second[y] != inBelow) {
        inBelow = rows.second[y];
        scaleAcross(rgb, picture + inBelow, below);
      }
      for (int c = 0; c < 3; c++) {
        mixRows(c, rows.weight[y]);
        out.put(base + (c * clipFrames + t) * plane + y * crop, line, c * crop, crop);
      }
    }
  }

  private void scaleAcross(byte[] rgb, int row, float[] to) {
    for (int x = 0; x < crop; x++) {
      int left = row + columns.first[x];
      int right = row + columns.second[x];
      float across = columns.weight[x];
      to[x] = mix(rgb[left], rgb[right], across);
      to[crop + x] = mix(rgb[left + 1], rgb[right + 1], across);
      to[2 * crop + x] = mix(rgb[left + 2], rgb[right + 2], across);
    }
  }

  private static float mix(byte first, byte second, float weight) {
    float low = VALUE[first & 0xff];
    return low + weight * (VALUE[second & 0xff] - low);
  }

  /** In arrays and a loop that the compiler turns into vector code. */
  private void mixRows(int channel, float down) {
    float[] upper = above;
    float[] lower = below;
    float[] to = line;
    float by = scale[channel];
    float plus = shift[channel];
    for (int i = channel * crop, end = i + crop; i < end; i++) {
      to[i] = (upper[i] + down * (lower[i] - upper[i])) * by + plus;
    }
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
