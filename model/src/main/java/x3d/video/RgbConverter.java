package x3d.video;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.ffmpeg.swscale.SwsFilter;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;

/** Decoded pictures of any pixel format to upright RGB bytes, as PyAV's {@code to_ndarray(format="rgb24")} does it. */
final class RgbConverter implements AutoCloseable {
  private final int storedWidth;
  private final int storedHeight;
  private final Orientation orientation;
  private final byte[] row;
  private AVFrame rgb;
  private SwsContext scaler;
  private Source source;

  /** What the scaler is made for. */
  private record Source(int width, int height, int format, int colorspace, boolean fullRange) {
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

  /** Writes one upright picture into {@code out} from {@code offset} on; false if its pixel format is unknown. */
  boolean convert(AVFrame frame, byte[] out, int offset) {
    Source wanted = Source.of(frame);
    if (!wanted.equals(source) && !prepare(wanted)) {
      return false;
    }
    int rows = swscale.sws_scale(
        scaler, frame.data(), frame.linesize(), 0, frame.height(), rgb.data(), rgb.linesize());
    if (rows <= 0) {
      return false;
    }
    copy(out, offset);
    return true;
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

  private void copy(byte[] out, int offset) {
    BytePointer pixels = rgb.data(0);
    int stride = rgb.linesize(0);
    boolean upright = orientation.equals(Orientation.UPRIGHT);
    for (int y = 0; y < storedHeight; y++) {
      pixels.position((long) y * stride);
      if (upright) {
        pixels.get(out, offset + y * row.length, row.length);
      } else {
        pixels.get(row, 0, row.length);
        orientation.place(row, y, storedWidth, storedHeight, out, offset);
      }
    }
  }

  @Override
  public void close() {
    release();
    if (rgb != null) {
      avutil.av_frame_free(rgb);
      rgb = null;
    }
  }
}
