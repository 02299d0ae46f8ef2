package x3d.video;

import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.ffmpeg.swscale.SwsFilter;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Writes pictures as an mp4 file: H.264, or MPEG-4 where a side is odd, which the H.264 encoder in FFmpeg's
 * LGPL build does not take. What {@link Video} reads back is, but for the losses of compression, what was written.
 */
public final class VideoEncoder implements AutoCloseable {
  /** Ticks a second of the file's clock: all usual frame rates divide it, or nearly. MPEG-4 takes at most 65535. */
  static final int CLOCK = 60_000;

  private static final int ROTATION_BYTES = 9 * Integer.BYTES;

  /**
   * How to encode.
   *
   * @param fps frames a second, above 0
   * @param rotation the pictures are stored turned, and the file says that it takes this many degrees clockwise to see
   *     them upright, as telephones do: 0, 90, 180 or 270
   * @param keyFrameInterval frames from one key frame to the next, at least 1
   * @param bitsPerPixel of the compressed pictures; 0.3 is good, 1 hardly shows a loss
   */
  public record Options(double fps, int rotation, int keyFrameInterval, double bitsPerPixel) {
    /** Refuses numbers out of range. */
    public Options {
      if (!(fps > 0 && fps <= 1000)) {
        throw new IllegalArgumentException(
            "fps is " + fps + ": it must be above 0 and at most 1000");
      }
      Orientation.clockwise(rotation);
      if (keyFrameInterval < 1) {
        throw new IllegalArgumentException(
            "keyFrameInterval is " + keyFrameInterval + ": it must be at least 1");
      }
      if (!(bitsPerPixel > 0 && bitsPerPixel <= 100)) {
        throw new IllegalArgumentException(
            "bitsPerPixel is " + bitsPerPixel + ": it must be above 0 and at most 100");
      }
    }

    /** Upright, a key frame every 12 frames, good quality. */
    public static Options of(double fps) {
      return new Options(fps, 0, 12, 0.6);
    }
  }

  private final Orientation orientation;
  private final int width;
  private final int height;
  private final Mp4Writer file;
  private AVFrame rgb;
  private AVFrame yuv;
  private SwsContext scaler;

  private VideoEncoder(Path path, Frames frames, Options options) {
    file = new Mp4Writer(path);
    orientation = Orientation.clockwise(options.rotation());
    width = orientation.width(frames.width(), frames.height());
    height = orientation.height(frames.width(), frames.height());
  }

  /**
   * Writes all pictures at a constant rate.
   *
   * @param path replaced if it exists; it appears whole or not at all
   * @throws VideoException if it cannot be encoded or written
   */
  public static void write(Path path, Frames frames, Options options) throws VideoException {
    long[] times = new long[frames.count()];
    Arrays.setAll(times, i -> Math.round(i * CLOCK / options.fps()));
    write(path, frames, options, times);
  }

  /** The same with each picture at its own time, in ticks of {@link #CLOCK}, rising. */
  static void write(Path path, Frames frames, Options options, long[] times) throws VideoException {
    FFmpeg.load();
    try (VideoEncoder encoder = new VideoEncoder(path, frames, options)) {
      encoder.open(options);
      encoder.encode(frames, times, Math.round(CLOCK / options.fps()));
      encoder.file.store();
    }
  }

  private void open(Options options) throws VideoException {
    boolean even = width % 2 == 0 && height % 2 == 0;
    boolean h264 = even && Mp4Writer.Codec.H264.find() != null;
    rgb = picture(avutil.AV_PIX_FMT_RGB24);
    yuv = picture(avutil.AV_PIX_FMT_YUV420P);
    AVCodecContext encoder = file.encoder(h264 ? Mp4Writer.Codec.H264 : Mp4Writer.Codec.MPEG4);
    encoder.width(width).height(height).gop_size(options.keyFrameInterval());
    encoder.bit_rate(
        Math.max(100_000, Math.round(options.bitsPerPixel() * width * height * options.fps())));
    file.describe(1, CLOCK, options.fps());
    if (options.rotation() != 0) {
      tagRotation(file.track(), options.rotation());
    }
    scaler = swscale.sws_getContext(
        width,
        height,
        avutil.AV_PIX_FMT_RGB24,
        width,
        height,
        avutil.AV_PIX_FMT_YUV420P,
        swscale.SWS_BICUBIC,
        (SwsFilter) null,
        (SwsFilter) null,
        (DoublePointer) null);
    file.begin();
  }

  private AVFrame picture(int pixels) {
    return Mp4Writer.picture(pixels, width, height);
  }

  private static void tagRotation(AVStream track, int degrees) {
    AVPacketSideData list = new AVPacketSideData((Pointer) null);
    int[] count = {0};
    AVPacketSideData matrix = avcodec.av_packet_side_data_new(
        list, count, avcodec.AV_PKT_DATA_DISPLAYMATRIX, ROTATION_BYTES, 0);
    if (matrix == null) {
      throw FFmpeg.outOfMemory("the rotation");
    }
    track.codecpar().coded_side_data(list).nb_coded_side_data(count[0]);
    avutil.av_display_rotation_set(new IntPointer(matrix.data()), degrees);
  }

  private void encode(Frames frames, long[] times, long lastDuration) throws VideoException {
    byte[] row = new byte[3 * width];
    for (int i = 0; i < frames.count(); i++) {
      Mp4Writer.makeWritable(yuv);
      BytePointer pixels = rgb.data(0);
      for (int y = 0; y < height; y++) {
        orientation.take(row, y, width, height, frames.rgb(), frames.offset(i));
        pixels.position((long) y * rgb.linesize(0)).put(row, 0, row.length);
      }
      swscale.sws_scale(scaler, rgb.data(), rgb.linesize(), 0, height, yuv.data(), yuv.linesize());
      yuv.pts(times[i]);
      yuv.duration(i + 1 < times.length ? times[i + 1] - times[i] : lastDuration);
      file.write(yuv);
    }
  }

  @Override
  public void close() {
    if (scaler != null) {
      swscale.sws_freeContext(scaler);
    }
    for (AVFrame frame : new AVFrame[] {rgb, yuv}) {
      if (frame != null) {
        avutil.av_frame_free(frame);
      }
    }
    file.close();
  }
}
