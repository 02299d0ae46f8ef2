package x3d.video;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.ffmpeg.swscale.SwsFilter;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import x3d.video.VideoException.Reason;
import x3d.weights.WholeFile;

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

  private final Path path;
  private final Orientation orientation;
  private final int width;
  private final int height;
  private final AVFormatContext format = new AVFormatContext((Pointer) null);
  private final AVIOContext memory = new AVIOContext((Pointer) null);
  private AVStream track;
  private AVCodecContext encoder;
  private AVPacket packet;
  private AVFrame rgb;
  private AVFrame yuv;
  private SwsContext scaler;

  private VideoEncoder(Path path, Frames frames, Options options) {
    this.path = path;
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
      encoder.store();
    }
  }

  private void open(Options options) throws VideoException {
    boolean odd = width % 2 != 0 || height % 2 != 0;
    AVCodec codec = odd ? null : avcodec.avcodec_find_encoder_by_name("libopenh264");
    if (codec == null) {
      codec = avcodec.avcodec_find_encoder(avcodec.AV_CODEC_ID_MPEG4);
    }
    encoder = avcodec.avcodec_alloc_context3(codec);
    packet = avcodec.av_packet_alloc();
    rgb = picture(avutil.AV_PIX_FMT_RGB24);
    yuv = picture(avutil.AV_PIX_FMT_YUV420P);
    try (AVRational clock = new AVRational();
        BytePointer mp4 = new BytePointer("mp4")) {
      check(avformat.avformat_alloc_output_context2(format, null, mp4, null), "start the file");
      configure(options, clock.num(1).den(CLOCK));
      check(avcodec.avcodec_open2(encoder, codec, (AVDictionary) null), "start the encoder");
      track = avformat.avformat_new_stream(format, null);
      track.time_base(clock);
      clock.num((int) Math.round(options.fps() * 1000)).den(1000);
      track.avg_frame_rate(clock);
      check(
          avcodec.avcodec_parameters_from_context(track.codecpar(), encoder), "describe the track");
    }
    if (options.rotation() != 0) {
      tagRotation(options.rotation());
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
    check(avformat.avio_open_dyn_buf(memory), "get memory");
    format.pb(memory);
    check(avformat.avformat_write_header(format, (AVDictionary) null), "write the header");
  }

  private void configure(Options options, AVRational clock) {
    encoder.width(width).height(height).pix_fmt(avutil.AV_PIX_FMT_YUV420P).time_base(clock);
    encoder.bit_rate(
        Math.max(100_000, Math.round(options.bitsPerPixel() * width * height * options.fps())));
    encoder.gop_size(options.keyFrameInterval()).max_b_frames(0).thread_count(1);
    try (AVRational rate = new AVRational()) {
      encoder.framerate(rate.num((int) Math.round(options.fps() * 1000)).den(1000));
    }
    encoder.flags(encoder.flags() | avcodec.AV_CODEC_FLAG_GLOBAL_HEADER);
  }

  private AVFrame picture(int pixels) {
    AVFrame frame = avutil.av_frame_alloc();
    if (frame != null) {
      if (avutil.av_frame_get_buffer(frame.format(pixels).width(width).height(height), 0) >= 0) {
        return frame;
      }
      avutil.av_frame_free(frame);
    }
    throw FFmpeg.outOfMemory("a picture of " + width + "x" + height);
  }

  private void tagRotation(int degrees) {
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
      check(avutil.av_frame_make_writable(yuv), "get memory");
      BytePointer pixels = rgb.data(0);
      for (int y = 0; y < height; y++) {
        orientation.take(row, y, width, height, frames.rgb(), frames.offset(i));
        pixels.position((long) y * rgb.linesize(0)).put(row, 0, row.length);
      }
      swscale.sws_scale(scaler, rgb.data(), rgb.linesize(), 0, height, yuv.data(), yuv.linesize());
      yuv.pts(times[i]);
      yuv.duration(i + 1 < times.length ? times[i + 1] - times[i] : lastDuration);
      send(yuv);
    }
    send(null);
    check(avformat.av_write_trailer(format), "finish the file");
  }

  private void send(AVFrame frame) throws VideoException {
    check(avcodec.avcodec_send_frame(encoder, frame), "encode a picture");
    int code = avcodec.avcodec_receive_packet(encoder, packet);
    while (code >= 0) {
      avcodec.av_packet_rescale_ts(packet, encoder.time_base(), track.time_base());
      packet.stream_index(track.index());
      check(avformat.av_interleaved_write_frame(format, packet), "write a packet");
      code = avcodec.avcodec_receive_packet(encoder, packet);
    }
    if (!FFmpeg.again(code) && code != avutil.AVERROR_EOF()) {
      check(code, "encode a picture");
    }
  }

  private void store() throws VideoException {
    BytePointer bytes = new BytePointer((Pointer) null);
    int size = avformat.avio_close_dyn_buf(memory, bytes);
    memory.setNull();
    format.pb(null);
    try {
      ByteBuffer content = bytes.capacity(size).asByteBuffer();
      WholeFile.write(path, channel -> {
        while (content.hasRemaining()) {
          channel.write(content);
        }
      });
    } catch (IOException e) {
      throw new VideoException(path, Reason.NOT_WRITTEN, "could not be written (" + e + ")", e);
    } finally {
      avutil.av_free(bytes);
    }
  }

  private void check(int code, String what) throws VideoException {
    if (code < 0) {
      throw new VideoException(
          path,
          Reason.NOT_WRITTEN,
          "could not be written: FFmpeg did not " + what + " (" + FFmpeg.words(code) + ")");
    }
  }

  @Override
  public void close() {
    if (scaler != null) {
      swscale.sws_freeContext(scaler);
    }
    if (!memory.isNull()) {
      BytePointer bytes = new BytePointer((Pointer) null);
      avformat.avio_close_dyn_buf(memory, bytes);
      avutil.av_free(bytes);
    }
    for (AVFrame frame : new AVFrame[] {rgb, yuv}) {
      if (frame != null) {
        avutil.av_frame_free(frame);
      }
    }
    if (packet != null) {
      avcodec.av_packet_free(packet);
    }
    if (encoder != null) {
      avcodec.avcodec_free_context(encoder);
    }
    if (!format.isNull()) {
      avformat.avformat_free_context(format);
    }
  }
}
