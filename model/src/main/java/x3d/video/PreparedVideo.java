package x3d.video;

import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.ffmpeg.swscale.SwsFilter;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;

/**
 * A video made quick to read clips from: H.264 in mp4 without sound, small, upright, a key frame every few frames and no
 * frame that leans on a later one. It shows as many frames as the original, each at the same time after the first.
 */
public final class PreparedVideo implements AutoCloseable {
  /**
   * How to make it.
   *
   * @param shortSide pixels of the shorter side, even; a smaller picture stays as it is, but for an odd row or column
   * @param keyFrameInterval frames from one key frame to the next, at least 1
   * @param quantizer of H.264, the same for all pictures: 1 (large files) to 51 (coarse)
   */
  public record Options(int shortSide, int keyFrameInterval, int quantizer) {
    /** Refuses numbers out of range. */
    public Options {
      if (shortSide < SMALLEST_SIDE || shortSide % 2 != 0) {
        throw new IllegalArgumentException(
            "the short side is " + shortSide + ": it must be even and at least " + SMALLEST_SIDE);
      }
      if (keyFrameInterval < 1) {
        throw new IllegalArgumentException(
            "there is a key frame every " + keyFrameInterval + " frames: it must be 1 or more");
      }
      if (quantizer < 1 || quantizer > 51) {
        throw new IllegalArgumentException(
            "the quality is " + quantizer + ": it must be from 1, the best, to 51");
      }
    }
  }

  /** The encoder takes no smaller ones. */
  private static final int SMALLEST_SIDE = 16;

  private final Video video;
  private final Path target;
  private final Options options;
  private final String comment;
  private final FrameTimes times;
  private final Orientation orientation;
  private final int width;
  private final int height;
  private Mp4Writer file;
  private SwsContext scaler;
  private RgbConverter.Source source;
  private AVFrame scaled;
  private AVFrame upright;

  private PreparedVideo(Video video, Path target, Options options, String comment) {
    this.video = video;
    this.target = target;
    this.options = options;
    this.comment = comment;
    times = video.times();
    orientation = video.orientation();
    VideoInfo info = video.info();
    width = side(info.width(), info.height(), options.shortSide());
    height = side(info.height(), info.width(), options.shortSide());
  }

  private static int side(int length, int other, int wanted) {
    int shorter = Math.min(length, other);
    return shorter <= wanted
        ? length & ~1
        : 2 * (int) Math.round(length * (double) wanted / shorter / 2);
  }

  /**
   * Decodes a video and writes it anew.
   *
   * @param target replaced if it exists; it appears whole or not at all, and is the same bytes whenever it is made on one
   *     machine
   * @param comment a text for {@link #comment}
   * @throws VideoException if the video cannot be decoded, or cannot be encoded or written
   */
  public static void write(Path video, Path target, Options options, String comment)
      throws VideoException {
    try (Video original = Video.open(video);
        PreparedVideo prepared = new PreparedVideo(original, target, options, comment)) {
      original.decodeAll(prepared::take);
      prepared.file.store();
    }
  }

  /**
   * Whether a video has all that {@link #write} would give it.
   *
   * @throws VideoException if it is not a video that can be used
   */
  public static boolean isPrepared(Path video, Options options) throws VideoException {
    try (Video original = Video.open(video)) {
      VideoInfo info = original.info();
      return Math.min(info.width(), info.height()) <= options.shortSide()
          && original.opensQuickly(options.keyFrameInterval());
    }
  }

  /** The text that a prepared video holds; empty text for other videos and for what is none. */
  public static String comment(Path file) {
    try (VideoSource source = VideoSource.open(file, 1)) {
      return source.comment();
    } catch (VideoException e) {
      return "";
    }
  }

  /** Takes the frames in order; a first one again begins anew. */
  private void take(int place, AVFrame frame) throws VideoException {
    if (place == 0) {
      release();
      begin(frame);
    }
    Mp4Writer.makeWritable(scaled);
    scale(frame);
    if (upright != null) {
      Mp4Writer.makeWritable(upright);
      turn();
    }
    AVFrame picture = upright == null ? scaled : upright;
    long time = times.ticks()[place];
    boolean last = place + 1 == times.ticks().length;
    picture.pts(time).duration(last ? times.lastDuration() : times.ticks()[place + 1] - time);
    file.write(picture);
  }

  private void begin(AVFrame first) throws VideoException {
    file = new Mp4Writer(target);
    AVCodecContext encoder = file.encoder(Mp4Writer.Codec.H264);
    encoder.width(width).height(height).gop_size(options.keyFrameInterval());
    encoder.qmin(options.quantizer()).qmax(options.quantizer());
    encoder.colorspace(matrix(first)).color_range(range(first));
    file.describe(times.clock().ticks(), times.clock().ofSecond(), video.info().fps());
    file.comment(comment);
    file.begin();
    boolean turned = !orientation.equals(Orientation.UPRIGHT);
    scaled = Mp4Writer.picture(
        avutil.AV_PIX_FMT_YUV420P,
        orientation.width(width, height),
        orientation.height(width, height));
    if (turned) {
      upright = Mp4Writer.picture(avutil.AV_PIX_FMT_YUV420P, width, height);
    }
  }

  /** The matrix that the decoded numbers mean; what is no luma and chroma becomes what readers take for granted. */
  private static int matrix(AVFrame frame) {
    return isRgb(frame) ? avutil.AVCOL_SPC_UNSPECIFIED : frame.colorspace();
  }

  private static int range(AVFrame frame) {
    return isRgb(frame) ? avutil.AVCOL_RANGE_MPEG : frame.color_range();
  }

  private static boolean isRgb(AVFrame frame) {
    long flags = avutil.av_pix_fmt_desc_get(frame.format()).flags();
    return (flags & (avutil.AV_PIX_FMT_FLAG_RGB | avutil.AV_PIX_FMT_FLAG_PAL)) != 0;
  }

  private void scale(AVFrame frame) throws VideoException {
    RgbConverter.Source wanted = RgbConverter.Source.of(frame);
    if (!wanted.equals(source)) {
      prepareScaler(frame, wanted);
    }
    int rows = swscale.sws_scale(
        scaler,
        frame.data(),
        frame.linesize(),
        0,
        frame.height(),
        scaled.data(),
        scaled.linesize());
    if (rows <= 0) {
      throw unknownPixels();
    }
  }

  private void prepareScaler(AVFrame frame, RgbConverter.Source wanted) throws VideoException {
    if (scaler != null) {
      swscale.sws_freeContext(scaler);
    }
    scaler = swscale.sws_getContext(
        wanted.width(),
        wanted.height(),
        wanted.format(),
        scaled.width(),
        scaled.height(),
        avutil.AV_PIX_FMT_YUV420P,
        swscale.SWS_BICUBIC | swscale.SWS_ACCURATE_RND | swscale.SWS_BITEXACT,
        (SwsFilter) null,
        (SwsFilter) null,
        (DoublePointer) null);
    if (scaler == null) {
      throw unknownPixels();
    }
    swscale.sws_setColorspaceDetails(
        scaler,
        swscale.sws_getCoefficients(frame.colorspace()),
        wanted.fullRange() ? 1 : 0,
        swscale.sws_getCoefficients(file.encoder().colorspace()),
        file.encoder().color_range() == avutil.AVCOL_RANGE_JPEG ? 1 : 0,
        0,
        1 << 16,
        1 << 16);
    source = wanted;
  }

  private VideoException unknownPixels() {
    return new VideoException(
        video.info().path(),
        VideoException.Reason.UNSUPPORTED_CODEC,
        "its pixels cannot be turned into YUV 4:2:0");
  }

  private void turn() {
    for (int plane = 0; plane < 3; plane++) {
      int shift = plane == 0 ? 0 : 1;
      int storedWidth = scaled.width() >> shift;
      int storedHeight = scaled.height() >> shift;
      byte[] stored = new byte[storedWidth * storedHeight];
      byte[] turned = new byte[stored.length];
      BytePointer from = scaled.data(plane);
      for (int y = 0; y < storedHeight; y++) {
        from.position((long) y * scaled.linesize(plane)).get(stored, y * storedWidth, storedWidth);
      }
      orientation.turn(stored, storedWidth, storedHeight, turned);
      BytePointer to = upright.data(plane);
      int rowBytes = upright.width() >> shift;
      for (int y = 0; y < upright.height() >> shift; y++) {
        to.position((long) y * upright.linesize(plane)).put(turned, y * rowBytes, rowBytes);
      }
    }
  }

  private void release() {
    if (scaler != null) {
      swscale.sws_freeContext(scaler);
      scaler = null;
      source = null;
    }
    if (scaled != null) {
      avutil.av_frame_free(scaled);
      scaled = null;
    }
    if (upright != null) {
      avutil.av_frame_free(upright);
      upright = null;
    }
    if (file != null) {
      file.close();
      file = null;
    }
  }

  @Override
  public void close() {
    release();
  }
}
