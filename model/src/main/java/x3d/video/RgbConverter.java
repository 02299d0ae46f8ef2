package x3d.video;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.ffmpeg.swscale.SwsFilter;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerPointer;

/** Decoded pictures of any pixel format to upright RGB bytes, as PyAV's {@code to_ndarray(format="rgb24")} does it. */
final class RgbConverter implements AutoCloseable {
  private final int storedWidth;
  private final int storedHeight;
  private final Orientation orientation;
  private final byte[] row;
  /** Where the rows to convert begin in each plane. */
  private final PointerPointer<BytePointer> planes = new PointerPointer<>(8);

  private AVFrame rgb;
  private SwsContext scaler;
  private Source source;

  /** What the scaler is made for. */
  record Source(int width, int height, int format, int colorspace, boolean fullRange) {
    static Source of(AVFrame frame) {
      return new Source(
          frame.width(),
          frame.height(),
          frame.format(),
          frame.colorspace(),
          frame.color_range() == avutil.AVCOL_RANGE_JPEG);
    }
  }

  /** For a video of this stored size; a picture of another size in the middle of it is scaled to it. */
  RgbConverter(int storedWidth, int storedHeight, Orientation orientation) {
    this.storedWidth = storedWidth;
    this.storedHeight = storedHeight;
    this.orientation = orientation;
    row = new byte[3 * storedWidth];
    rgb = avutil.av_frame_alloc();
    if (rgb == null) {
      throw FFmpeg.outOfMemory("a picture");
    }
    rgb.format(avutil.AV_PIX_FMT_RGB24).width(storedWidth).height(storedHeight);
    if (avutil.av_frame_get_buffer(rgb, 0) < 0) {
      close();
      throw FFmpeg.outOfMemory("a picture of " + storedWidth + "x" + storedHeight);
    }
  }

  Orientation orientation() {
    return orientation;
  }

  /** Writes one upright picture into {@code out} from {@code offset} on; false if its pixel format is unknown. */
  boolean convert(AVFrame frame, byte[] out, int offset) {
    return convert(frame, out, offset, 0, storedHeight);
  }

  /**
   * The same for some rows of the stored picture at least; what {@code out} holds in the others may stay as it is.
   *
   * @param from first row
   * @param to last row, exclusive
   */
  boolean convert(AVFrame frame, byte[] out, int offset, int from, int to) {
    Source wanted = Source.of(frame);
    if (!wanted.equals(source) && !prepare(wanted)) {
      return false;
    }
    boolean upright = orientation.equals(Orientation.UPRIGHT);
    boolean part = upright && rowsStandAlone(wanted);
    int first = part ? from & ~1 : 0;
    int last = part ? Math.min(to + 1 & ~1, storedHeight) : storedHeight;
    if (scale(frame, first, last - first) <= 0) {
      return false;
    }
    if (upright) {
      copy(first, out, offset, from, to);
    } else {
      turn(out, offset);
    }
    return true;
  }

  /**
   * Whether the scaler makes each pair of rows of that pair alone. It does for what nearly all videos are; other formats
   * may be filtered across rows.
   */
  private boolean rowsStandAlone(Source wanted) {
    return wanted.format == avutil.AV_PIX_FMT_YUV420P
        && wanted.width == storedWidth
        && wanted.height == storedHeight
        && storedHeight % 2 == 0;
  }

  /** Converts stored rows {@code first} to {@code first + rows} into the upper rows of {@link #rgb}. */
  private int scale(AVFrame frame, int first, int rows) {
    if (first == 0) {
      // Rows of the frame, which may be of another size.
      int height = rows == storedHeight ? frame.height() : rows;
      return swscale.sws_scale(
          scaler, frame.data(), frame.linesize(), 0, height, rgb.data(), rgb.linesize());
    }
    planes.put(0, frame.data(0).getPointer((long) first * frame.linesize(0)));
    for (int plane = 1; plane < 3; plane++) {
      planes.put(plane, frame.data(plane).getPointer((long) (first / 2) * frame.linesize(plane)));
    }
    return swscale.sws_scale(scaler, planes, frame.linesize(), 0, rows, rgb.data(), rgb.linesize());
  }

  private boolean prepare(Source wanted) {
    release();
    scaler = swscale.sws_getContext(
        wanted.width,
        wanted.height,
        wanted.format,
        storedWidth,
        storedHeight,
        avutil.AV_PIX_FMT_RGB24,
        swscale.SWS_BILINEAR,
        (SwsFilter) null,
        (SwsFilter) null,
        (DoublePointer) null);
    if (scaler == null) {
      return false;
    }
    // As PyAV: the matrix that the video names, BT.601 where it names none. Full range out, nothing
    // tinted.
    swscale.sws_setColorspaceDetails(
        scaler,
        swscale.sws_getCoefficients(wanted.colorspace),
        wanted.fullRange ? 1 : 0,
        swscale.sws_getCoefficients(swscale.SWS_CS_DEFAULT),
        1,
        0,
        1 << 16,
        1 << 16);
    source = wanted;
    return true;
  }

  private void release() {
    if (scaler != null) {
      swscale.sws_freeContext(scaler);
      scaler = null;
      source = null;
    }
  }

  /** Copies stored rows {@code from} to {@code to}; the uppermost row of {@link #rgb} is stored row {@code top}. */
  private void copy(int top, byte[] out, int offset, int from, int to) {
    BytePointer pixels = rgb.data(0);
    int stride = rgb.linesize(0);
    for (int y = from; y < to; y++) {
      pixels.position((long) (y - top) * stride).get(out, offset + y * row.length, row.length);
    }
  }

  private void turn(byte[] out, int offset) {
    BytePointer pixels = rgb.data(0);
    int stride = rgb.linesize(0);
    for (int y = 0; y < storedHeight; y++) {
      pixels.position((long) y * stride).get(row, 0, row.length);
      orientation.place(row, y, storedWidth, storedHeight, out, offset);
    }
  }

  @Override
  public void close() {
    release();
    planes.close();
    if (rgb != null) {
      avutil.av_frame_free(rgb);
      rgb = null;
    }
  }
}
