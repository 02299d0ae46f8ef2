package x3d.video;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalDouble;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVCodecParserContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVDictionaryEntry;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import x3d.video.VideoException.Reason;

/** An open file, its picture track and that track's decoder: the owner of all of FFmpeg's memory but the scaler's. */
final class VideoSource implements AutoCloseable {
  /**
   * The containers taken. A list, because FFmpeg's others include playlists and scripts, which make it read files that
   * their writer names; what comes in over HTTP must not.
   */
  private static final String CONTAINERS =
      "mov,mp4,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,gif,h264,hevc,"
          + "m4v,ivf,mjpeg,mxf,dv,rm,wtv,nut,yuv4mpegpipe,obu,av1,vc1,h263,apng,mp3,wav,aac,flac";

  private final Path path;
  private final Watch watch;
  private final AVFormatContext format;
  private AVStream track;
  private AVCodecContext decoder;
  private AVPacket packet;
  private AVFrame frame;
  private int width;
  private int height;
  private boolean drained;
  /** Packets that may still be sent before the decoder is told that no more come. */
  private int packetsLeft = Integer.MAX_VALUE;

  private int losses;
  /** When the packet read last, and the one of the first loss, are shown, in units of the track. */
  private long place = avutil.AV_NOPTS_VALUE;

  private long firstLoss = avutil.AV_NOPTS_VALUE;
  /** When the last picture of those read so far stops being shown. */
  private long end = avutil.AV_NOPTS_VALUE;

  private VideoSource(Path path, Watch watch) throws VideoException {
    this.path = path;
    this.watch = watch;
    // The two nulls: a pointer that FFmpeg fills in.
    format = new AVFormatContext((Pointer) null);
    int code;
    AVDictionary options = new AVDictionary((Pointer) null);
    try (BytePointer url = utf8("file:" + path.toAbsolutePath());
        BytePointer protocols = utf8("protocol_whitelist");
        BytePointer file = utf8("file");
        BytePointer containers = utf8("format_whitelist");
        BytePointer list = utf8(CONTAINERS)) {
      avutil.av_dict_set(options, protocols, file, 0);
      avutil.av_dict_set(options, containers, list, 0);
      code = avformat.avformat_open_input(format, url, null, options);
    } finally {
      avutil.av_dict_free(options);
    }
    if (code < 0) {
      throw new VideoException(
          path,
          Reason.NOT_A_VIDEO,
          "not a video that FFmpeg can read (" + FFmpeg.words(code) + ")");
    }
  }

  private static BytePointer utf8(String text) {
    return new BytePointer(text, StandardCharsets.UTF_8);
  }

  /**
   * Opens a file and finds its picture track; nothing is decoded for the caller yet.
   *
   * @param threads of the decoder, at least 1
   * @param watch its clock runs
   */
  static VideoSource open(Path path, int threads, Watch watch) throws VideoException {
    FFmpeg.load();
    VideoSource source = new VideoSource(path, watch);
    try {
      source.findTrack();
      source.openDecoder(threads);
      return source;
    } catch (VideoException | RuntimeException | Error e) {
      source.close();
      throw e;
    }
  }

  /** As the other, of a file that one trusts. */
  static VideoSource open(Path path, int threads) throws VideoException {
    return open(path, threads, new Watch(path, VideoLimits.NONE));
  }

  private void findTrack() throws VideoException {
    if (!ContainerTables.tellAll(format)) {
      int code = probe();
      if (code < 0) {
        throw new VideoException(
            path, Reason.NOT_A_VIDEO, "its streams cannot be read (" + FFmpeg.words(code) + ")");
      }
    }
    int best =
        avformat.av_find_best_stream(format, avutil.AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0);
    if (best < 0
        || (format.streams(best).disposition() & avformat.AV_DISPOSITION_ATTACHED_PIC) != 0) {
      throw new VideoException(path, Reason.NO_VIDEO_STREAM, "holds no picture track");
    }
    track = format.streams(best);
    watch.size(track.codecpar().width(), track.codecpar().height());
    watch.seconds(seconds());
    for (int i = 0; i < format.nb_streams(); i++) {
      if (i != best) {
        format.streams(i).discard(avcodec.AVDISCARD_ALL);
      }
    }
  }

  /** Lets FFmpeg find out about the tracks by decoding, of each that it knows by now no larger pictures than are taken. */
  private int probe() throws VideoException {
    int tracks = format.nb_streams();
    for (int i = 0; i < tracks; i++) {
      AVCodecParameters told = format.streams(i).codecpar();
      watch.size(told.width(), told.height());
    }
    try (PointerPointer<AVDictionary> options = new PointerPointer<>(tracks);
        BytePointer name = utf8("max_pixels")) {
      for (int i = 0; i < tracks; i++) {
        AVDictionary one = new AVDictionary((Pointer) null);
        avutil.av_dict_set_int(one, name, Math.min(watch.pixels(), Integer.MAX_VALUE), 0);
        options.put(i, one);
      }
      int code = avformat.avformat_find_stream_info(format, options);
      for (int i = 0; i < tracks; i++) {
        avutil.av_dict_free(
            new AVDictionary(options.get(i))); // an option that was taken is gone from it
      }
      return code;
    }
  }

  private void openDecoder(int threads) throws VideoException {
    AVCodecParameters parameters = track.codecpar();
    AVCodec codec = avcodec.avcodec_find_decoder(parameters.codec_id());
    if (codec == null) {
      throw new VideoException(
          path,
          Reason.UNSUPPORTED_CODEC,
          "there is no decoder for its "
              + avcodec.avcodec_get_name(parameters.codec_id()).getString() + " pictures");
    }
    decoder = avcodec.avcodec_alloc_context3(codec);
    packet = avcodec.av_packet_alloc();
    frame = avutil.av_frame_alloc();
    if (decoder == null || packet == null || frame == null) {
      throw FFmpeg.outOfMemory("a decoder");
    }
    int code = avcodec.avcodec_parameters_to_context(decoder, parameters);
    decoder.pkt_timebase(track.time_base());
    decoder.thread_count(threads);
    decoder.max_pixels(watch.pixels());
    if (code >= 0) {
      code = avcodec.avcodec_open2(decoder, codec, (AVDictionary) null);
    }
    if (code < 0) {
      throw new VideoException(
          path,
          Reason.UNSUPPORTED_CODEC,
          "its " + codec.name().getString() + " decoder does not start (" + FFmpeg.words(code)
              + ")");
    }
    if (decoder.width() < 1 || decoder.height() < 1) {
      throw new VideoException(path, Reason.CORRUPTED, "none of its pictures can be decoded");
    }
    width = decoder.width();
    height = decoder.height();
  }

  /** Width of the stored picture in pixels; of a file whose container describes it, to be asked after {@link #scan}. */
  int width() {
    return width;
  }

  /** Height of the stored picture in pixels, as {@link #width}. */
  int height() {
    return height;
  }

  /** FFmpeg's name for the codec of the pictures. */
  String codec() {
    return avcodec.avcodec_get_name(track.codecpar().codec_id()).getString();
  }

  Orientation orientation() {
    return Orientation.of(track.codecpar());
  }

  /** Frames that the container lists one by one, 0 where it keeps no such list. (AVI's header only claims a number.) */
  long listedFrames() {
    return container().startsWith("mov,") ? track.nb_frames() : 0;
  }

  /** The average rate that the container gives, or a guess; 0 where there is neither. */
  double framesPerSecond() {
    double average = ratio(track.avg_frame_rate());
    return average > 0 ? average : ratio(avformat.av_guess_frame_rate(format, track, null));
  }

  /** Length in seconds, 0 where unknown. */
  double seconds() {
    if (track.duration() != avutil.AV_NOPTS_VALUE && track.duration() > 0) {
      return track.duration() * ratio(track.time_base());
    }
    return format.duration() > 0 ? (double) format.duration() / avutil.AV_TIME_BASE : 0;
  }

  static double ratio(AVRational value) {
    return value.den() == 0 ? 0 : (double) value.num() / value.den();
  }

  /**
   * Whether the times in this container lead to the same pictures as decoding from the start. Only for containers with
   * an index and codecs that show one picture a packet; elsewhere times may be guessed (AVI) or seeking be a search
   * (MPEG-TS), and only decoding tells how many pictures there are (MPEG-4 skips some, VP8 hides some).
   */
  boolean indexed() {
    String container = container();
    int codec = track.codecpar().codec_id();
    return (container.startsWith("mov,") || container.startsWith("matroska,"))
        && (codec == avcodec.AV_CODEC_ID_H264
            || codec == avcodec.AV_CODEC_ID_HEVC
            || codec == avcodec.AV_CODEC_ID_VP9
            || codec == avcodec.AV_CODEC_ID_AV1
            || codec == avcodec.AV_CODEC_ID_MJPEG);
  }

  private String container() {
    return format.iformat().name().getString();
  }

  /** Reads all packets that are left, without decoding. */
  PacketScan scan() throws VideoException {
    PacketScan scan = new PacketScan(NalFraming.of(track.codecpar()));
    while (readPacket()) {
      if (scan.count() == 0) {
        readSize();
      }
      scan.add(packet);
      avcodec.av_packet_unref(packet);
      watch.frames(scan.shown());
    }
    watch.size(width, height);
    return scan;
  }

  /** The size in the stream's own headers, which the container's may contradict. */
  private void readSize() {
    AVCodecParserContext parser = avformat.av_stream_get_parser(track);
    if (parser != null && parser.width() > 0 && parser.height() > 0) {
      width = parser.width();
      height = parser.height();
    }
  }

  /** The track's next packet into {@link #packet}; false at the end, and where reading fails for good. */
  private boolean readPacket() throws VideoException {
    watch.check();
    while (avformat.av_read_frame(format, packet) >= 0) {
      if (packet.stream_index() == track.index()) {
        place = packet.pts() == avutil.AV_NOPTS_VALUE ? packet.dts() : packet.pts();
        if (place != avutil.AV_NOPTS_VALUE) {
          end = Math.max(end, place + packet.duration());
        }
        return true;
      }
      avcodec.av_packet_unref(packet);
      watch.check();
    }
    return false;
  }

  /** Decides for each packet, before it is decoded, what to do with it. */
  interface PacketRule {
    /** Every picture is decoded. */
    PacketRule ALL = time -> true;

    /** Whether the picture itself is wanted; one that is not is decoded only if others need it. */
    boolean wanted(long presentationTime);
  }

  /** The next decoded picture, valid until the next call, or null at the end. Broken pictures are counted and left out. */
  AVFrame next(PacketRule rule) throws VideoException {
    while (true) {
      watch.check();
      int code = avcodec.avcodec_receive_frame(decoder, frame);
      if (code >= 0) {
        return frame;
      }
      if (code == avutil.AVERROR_EOF()) {
        return null;
      }
      if (!FFmpeg.again(code)) {
        lose();
      } else if (drained || !send(rule)) {
        return null;
      }
    }
  }

  private boolean send(PacketRule rule) throws VideoException {
    int code;
    if (packetsLeft > 0 && readPacket()) {
      packetsLeft--;
      decoder.skip_frame(
          rule.wanted(packet.pts()) ? avcodec.AVDISCARD_DEFAULT : avcodec.AVDISCARD_NONREF);
      code = avcodec.avcodec_send_packet(decoder, packet);
      avcodec.av_packet_unref(packet);
    } else {
      drained = true;
      code = avcodec.avcodec_send_packet(decoder, null);
    }
    if (code < 0 && code != avutil.AVERROR_EOF()) {
      lose();
    }
    return true;
  }

  private void lose() {
    losses++;
    if (firstLoss == avutil.AV_NOPTS_VALUE) {
      firstLoss = place;
    }
  }

  /** Pictures that the decoder refused so far. */
  int losses() {
    return losses;
  }

  /** Where the first of them belongs, as {@link #secondsAt}. */
  OptionalDouble firstLossSeconds() {
    return secondsAt(firstLoss);
  }

  /** Where the last of the pictures read so far ends, as {@link #secondsAt}. */
  OptionalDouble endSeconds() {
    return secondsAt(end);
  }

  /** A time of the track in seconds from its beginning; empty for FFmpeg's "no time". */
  OptionalDouble secondsAt(long time) {
    if (time == avutil.AV_NOPTS_VALUE) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(Math.max(0, (time - begin()) * ratio(track.time_base())));
  }

  private long begin() {
    return track.start_time() == avutil.AV_NOPTS_VALUE ? 0 : track.start_time();
  }

  /** From now on a picture with any damage counts as lost, rather than being patched up. */
  void refuseDamage() {
    decoder.err_recognition(avcodec.AV_EF_EXPLODE);
  }

  /** Whether a picture came out of the decoder with parts that are guessed. */
  static boolean damaged(AVFrame frame) {
    return frame.decode_error_flags() != 0 || (frame.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) != 0;
  }

  /** Whether this is the only track of its file, and H.264 in mp4 or its kin. */
  boolean plain() {
    return container().startsWith("mov,")
        && format.nb_streams() == 1
        && track.codecpar().codec_id() == avcodec.AV_CODEC_ID_H264;
  }

  /** The text that {@link Mp4Writer#comment} left in the file; empty text where there is none. */
  String comment() {
    AVDictionaryEntry entry = avutil.av_dict_get(format.metadata(), Mp4Writer.COMMENT, null, 0);
    return entry == null || entry.isNull() ? "" : entry.value().getString(StandardCharsets.UTF_8);
  }

  /** The unit of the track's times. */
  FrameTimes.Clock clock() {
    return new FrameTimes.Clock(track.time_base().num(), track.time_base().den());
  }

  /** Saves the work that only pixels need: for a pass that counts. */
  void countOnly() {
    decoder.skip_loop_filter(avcodec.AVDISCARD_ALL);
    decoder.skip_idct(avcodec.AVDISCARD_ALL);
  }

  /**
   * Goes to a packet and forgets what the decoder holds.
   *
   * @param seekTime of the key packet, as {@link Timeline#seekTimeOf} gives it
   * @param presentationTime of the key packet; those before it are read and dropped
   * @param limit how many may be dropped
   * @param packets how many to decode from there on, that one included: {@link #next} then gives what is left in the
   *     decoder, and no more has to be decoded for a picture that waits its turn to be shown
   * @return whether the packet was reached; if not, the source's place is unknown
   */
  boolean seek(long seekTime, long presentationTime, int limit, int packets) throws VideoException {
    avcodec.avcodec_flush_buffers(decoder);
    drained = false;
    packetsLeft = packets - 1;
    if (avformat.av_seek_frame(format, track.index(), seekTime, avformat.AVSEEK_FLAG_BACKWARD)
        < 0) {
      return false;
    }
    for (int dropped = 0; dropped <= limit && readPacket(); dropped++) {
      if (packet.pts() == presentationTime) {
        decoder.skip_frame(avcodec.AVDISCARD_DEFAULT);
        int code = avcodec.avcodec_send_packet(decoder, packet);
        avcodec.av_packet_unref(packet);
        return code >= 0;
      }
      avcodec.av_packet_unref(packet);
    }
    return false;
  }

  /**
   * Goes to the last key packet at or before a time and forgets what the decoder holds.
   *
   * @param seconds from the track's beginning
   * @return false where the container cannot be entered there
   */
  boolean seek(double seconds) {
    avcodec.avcodec_flush_buffers(decoder);
    drained = false;
    long time = begin() + Math.round(seconds / ratio(track.time_base()));
    return avformat.av_seek_frame(format, track.index(), time, avformat.AVSEEK_FLAG_BACKWARD) >= 0;
  }

  @Override
  public void close() {
    if (frame != null) {
      avutil.av_frame_free(frame);
      frame = null;
    }
    if (packet != null) {
      avcodec.av_packet_free(packet);
      packet = null;
    }
    if (decoder != null) {
      avcodec.avcodec_free_context(decoder);
      decoder = null;
    }
    if (!format.isNull()) {
      avformat.avformat_close_input(format);
      format.setNull();
    }
  }
}
