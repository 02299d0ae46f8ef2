package x3d.video;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import x3d.video.VideoException.Reason;
import x3d.weights.WholeFile;

/**
 * An mp4 file of one picture track on its way to the disk: {@link #encoder}, {@link #describe}, {@link #begin}, {@link
 * #write} for each picture, {@link #store}. It is made in memory, and the same pictures make the same bytes.
 */
final class Mp4Writer implements AutoCloseable {
  /** The encoders in use. */
  enum Codec {
    /** OpenH264, the H.264 encoder in FFmpeg's LGPL build; takes even sides only, of 16 pixels or more. */
    H264,
    /** MPEG-4 part 2: takes any size, but is read by decoding from the start. */
    MPEG4;

    /** FFmpeg's encoder, or null where it was built without it. */
    AVCodec find() {
      return switch (this) {
        case H264 -> avcodec.avcodec_find_encoder_by_name("libopenh264");
        case MPEG4 -> avcodec.avcodec_find_encoder(avcodec.AV_CODEC_ID_MPEG4);
      };
    }
  }

  /** The key of the text that {@link #comment} leaves in the file. */
  static final String COMMENT = "comment";

  private final Path path;
  private final AVFormatContext format = new AVFormatContext((Pointer) null);
  private final AVIOContext memory = new AVIOContext((Pointer) null);
  private AVCodec codec;
  private AVStream track;
  private AVCodecContext encoder;
  private AVPacket packet;

  /** @param path of the file to be, for {@link #store} and messages */
  Mp4Writer(Path path) {
    this.path = path;
  }

  /** Pixels to be filled and written. */
  static AVFrame picture(int pixels, int width, int height) {
    AVFrame frame = avutil.av_frame_alloc();
    if (frame != null) {
      if (avutil.av_frame_get_buffer(frame.format(pixels).width(width).height(height), 0) >= 0) {
        return frame;
      }
      avutil.av_frame_free(frame);
    }
    throw FFmpeg.outOfMemory("a picture of " + width + "x" + height);
  }

  /** Before new pixels go into a picture that was written: the encoder may still hold the old ones. */
  static void makeWritable(AVFrame frame) {
    if (avutil.av_frame_make_writable(frame) < 0) {
      throw FFmpeg.outOfMemory("a picture");
    }
  }

  /** The encoder, not yet started: size, quality and colours are for the caller to set. */
  AVCodecContext encoder(Codec wanted) throws VideoException {
    codec = wanted.find();
    if (codec == null) {
      throw new VideoException(
          path, Reason.NOT_WRITTEN, "could not be written: FFmpeg has no encoder for " + wanted);
    }
    encoder = avcodec.avcodec_alloc_context3(codec);
    packet = avcodec.av_packet_alloc();
    if (encoder == null || packet == null) {
      throw FFmpeg.outOfMemory("an encoder");
    }
    // One thread and no version numbers in the file: the same bytes again wherever it is repeated.
    encoder.pix_fmt(avutil.AV_PIX_FMT_YUV420P).max_b_frames(0).thread_count(1).slices(1);
    encoder.flags(
        encoder.flags() | avcodec.AV_CODEC_FLAG_GLOBAL_HEADER | avcodec.AV_CODEC_FLAG_BITEXACT);
    return encoder;
  }

  /**
   * Starts the encoder and describes its track.
   *
   * @param ticks and
   * @param ofSecond the unit of the pictures' times and durations: {@code ticks / ofSecond} seconds
   * @param fps roughly, for the encoder
   */
  void describe(int ticks, int ofSecond, double fps) throws VideoException {
    try (AVRational rational = new AVRational();
        BytePointer mp4 = new BytePointer("mp4")) {
      check(avformat.avformat_alloc_output_context2(format, null, mp4, null), "start the file");
      format.flags(format.flags() | AVFormatContext.AVFMT_FLAG_BITEXACT);
      encoder.framerate(rational.num((int) Math.round(fps * 1000)).den(1000));
      encoder.time_base(rational.num(ticks).den(ofSecond));
      check(avcodec.avcodec_open2(encoder, codec, (AVDictionary) null), "start the encoder");
      track = avformat.avformat_new_stream(format, null);
      if (track == null) {
        throw FFmpeg.outOfMemory("a track");
      }
      track.time_base(rational);
      track.avg_frame_rate(rational.num((int) Math.round(fps * 1000)).den(1000));
      check(
          avcodec.avcodec_parameters_from_context(track.codecpar(), encoder), "describe the track");
    }
  }

  /** The encoder as it was set. */
  AVCodecContext encoder() {
    return encoder;
  }

  AVStream track() {
    return track;
  }

  /** Leaves a text in the file, for {@link VideoSource#comment}. */
  void comment(String text) {
    AVDictionary metadata = new AVDictionary(format.metadata());
    avutil.av_dict_set(metadata, COMMENT, text, 0);
    format.metadata(metadata);
  }

  /** The description is complete: pictures follow. */
  void begin() throws VideoException {
    check(avformat.avio_open_dyn_buf(memory), "get memory");
    format.pb(memory);
    check(avformat.avformat_write_header(format, (AVDictionary) null), "write the header");
  }

  /** Adds a picture, whose time and duration are set. */
  void write(AVFrame frame) throws VideoException {
    check(avcodec.avcodec_send_frame(encoder, frame), "encode a picture");
    int code = avcodec.avcodec_receive_packet(encoder, packet);
    while (code >= 0) {
      if (frame != null) {
        packet.duration(frame.duration()); // else FFmpeg takes the average rate for it
      }
      avcodec.av_packet_rescale_ts(packet, encoder.time_base(), track.time_base());
      packet.stream_index(track.index());
      check(avformat.av_interleaved_write_frame(format, packet), "write a packet");
      code = avcodec.avcodec_receive_packet(encoder, packet);
    }
    if (!FFmpeg.again(code) && code != avutil.AVERROR_EOF()) {
      check(code, "encode a picture");
    }
  }

  /** Finishes the file and gives it its name; it appears whole or not at all. */
  void store() throws VideoException {
    write(null);
    check(avformat.av_write_trailer(format), "finish the file");
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
    if (!memory.isNull()) {
      BytePointer bytes = new BytePointer((Pointer) null);
      avformat.avio_close_dyn_buf(memory, bytes);
      avutil.av_free(bytes);
      memory.setNull();
    }
    if (packet != null) {
      avcodec.av_packet_free(packet);
      packet = null;
    }
    if (encoder != null) {
      avcodec.avcodec_free_context(encoder);
      encoder = null;
    }
    if (!format.isNull()) {
      avformat.avformat_free_context(format);
      format.setNull();
    }
  }
}
