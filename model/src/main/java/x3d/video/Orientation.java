package x3d.video;

import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.javacpp.IntPointer;

/**
 * How the stored picture must be turned to stand upright: one of the eight ways to lay a rectangle on itself.
 *
 * @param transposed whether stored rows become columns
 * @param mirrorX whether upright x runs against its stored axis
 * @param mirrorY the same for y
 */
record Orientation(boolean transposed, boolean mirrorX, boolean mirrorY) {
  static final Orientation UPRIGHT = new Orientation(false, false, false);

  /** The orientation in a track's display matrix (ISO 14496-12, 8.5.2); upright where there is none. */
  static Orientation of(AVCodecParameters parameters) {
    AVPacketSideData matrix = avcodec.av_packet_side_data_get(
        parameters.coded_side_data(),
        parameters.nb_coded_side_data(),
        avcodec.AV_PKT_DATA_DISPLAYMATRIX);
    if (matrix == null || matrix.isNull() || matrix.size() < 9 * Integer.BYTES) {
      return UPRIGHT;
    }
    IntPointer m = new IntPointer(matrix.data());
    return of(m.get(0), m.get(1), m.get(3), m.get(4));
  }

  /** Of x' = a x + c y, y' = b x + d y; a slanting picture goes to the nearest quarter turn. */
  static Orientation of(int a, int b, int c, int d) {
    boolean transposed =
        Math.abs((long) b) + Math.abs((long) c) > Math.abs((long) a) + Math.abs((long) d);
    return transposed ? new Orientation(true, c < 0, b < 0) : new Orientation(false, a < 0, d < 0);
  }

  /** The quarter turn of {@code degrees} clockwise: 0, 90, 180 or 270. */
  static Orientation clockwise(int degrees) {
    return switch (degrees) {
      case 0 -> UPRIGHT;
      case 90 -> new Orientation(true, true, false);
      case 180 -> new Orientation(false, true, true);
      case 270 -> new Orientation(true, false, true);
      default ->
        throw new IllegalArgumentException(
            "rotation " + degrees + ": it must be 0, 90, 180 or 270");
    };
  }

  /** The clockwise turn in degrees, a mirrored picture's mirroring left out. */
  int degrees() {
    if (transposed) {
      return mirrorX ? 90 : 270;
    }
    return mirrorY ? 180 : 0;
  }

  int width(int storedWidth, int storedHeight) {
    return transposed ? storedHeight : storedWidth;
  }

  int height(int storedWidth, int storedHeight) {
    return transposed ? storedWidth : storedHeight;
  }

  /** Puts stored row {@code y} (RGB bytes) where it belongs in the upright picture that begins at {@code offset}. */
  void place(byte[] row, int y, int storedWidth, int storedHeight, byte[] upright, int offset) {
    int step = 3 * alongX(storedWidth, storedHeight);
    int to = offset + 3 * rowStart(y, storedWidth, storedHeight);
    for (int from = 0; from < 3 * storedWidth; from += 3, to += step) {
      System.arraycopy(row, from, upright, to, 3);
    }
  }

  /** The reverse of {@link #place}: gathers stored row {@code y} from an upright picture. */
  void take(byte[] row, int y, int storedWidth, int storedHeight, byte[] upright, int offset) {
    int step = 3 * alongX(storedWidth, storedHeight);
    int from = offset + 3 * rowStart(y, storedWidth, storedHeight);
    for (int to = 0; to < 3 * storedWidth; to += 3, from += step) {
      System.arraycopy(upright, from, row, to, 3);
    }
  }

  /** Puts a stored plane of one byte a pixel, whose rows follow each other, upright. */
  void turn(byte[] stored, int storedWidth, int storedHeight, byte[] upright) {
    int step = alongX(storedWidth, storedHeight);
    for (int y = 0, from = 0; y < storedHeight; y++) {
      int to = rowStart(y, storedWidth, storedHeight);
      for (int x = 0; x < storedWidth; x++, to += step) {
        upright[to] = stored[from++];
      }
    }
  }

  /** Pixels from one stored column to the next, counted in the upright picture. */
  private int alongX(int storedWidth, int storedHeight) {
    int width = width(storedWidth, storedHeight);
    return transposed ? (mirrorY ? -width : width) : (mirrorX ? -1 : 1);
  }

  /** The upright picture's pixel that stored row {@code y} begins with. */
  private int rowStart(int y, int storedWidth, int storedHeight) {
    int width = width(storedWidth, storedHeight);
    int first =
        (mirrorX ? width - 1 : 0) + (mirrorY ? (height(storedWidth, storedHeight) - 1) * width : 0);
    int alongY = transposed ? (mirrorX ? -1 : 1) : (mirrorY ? -width : width);
    return first + alongY * y;
  }
}
