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
    scaler = swscale.sws_getCachedContext(
        scaler,
        frame.width(),
        frame.height(),
        frame.format(),
        storedWidth,
        storedHeight,
        avutil.AV_PIX_FMT_RGB24,
        swscale.SWS_BILINEAR,
        (SwsFilter) null,
        (SwsFilter) null,
        (DoublePointer) null);
    if (scaler == null || scaler.isNull()) {
      scaler = null;
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
    if (scaler != null) {
      swscale.sws_freeContext(scaler);
      scaler = null;
    }
    if (rgb != null) {
      avutil.av_frame_free(rgb);
      rgb = null;
    }
  }
}
