package x3d.video;

import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import x3d.video.VideoException.Reason;

/**
 * An open video file.
 *
 * <p>Opening reads all packets once, without decoding, and so knows how many frames there are and where decoding can
 * begin; {@link #decode} then decodes from the key frame before each wanted frame. Where a container has no index or
 * its times are broken, frames are counted by decoding and decoded from the start. Either way frame {@code i} is the
 * {@code i}-th that the video shows, with the same pixels whatever else is decoded, upright.
 *
 * <p>A picture that cannot be decoded does not lose the video: the one before it stands in its place, or where frames are
 * counted by decoding it is left out. A video that has lost more than a third of its pictures is refused.
 *
 * <p>Holds native memory until it is closed. Not safe for use by several threads at once.
 */
public final class Video implements Footage {
  /** One in so many pictures may be lost before the video counts as broken. */
  private static final int TOLERATED = 3;

  private final int threads;
  private final Watch watch;
  private final Timeline timeline;
  private final VideoInfo info;
  private final FrameTimes times;
  private final boolean plain;
  private VideoSource source;
  private RgbConverter converter;
  /** Whether a picture failed on the short way, so that only decoding from the start says what stands in for it. */
  private boolean fromStart;

  private Video(Path path, int threads, VideoLimits limits) throws VideoException {
    this.threads = threads;
    watch = new Watch(path, limits);
    watch.start();
    try {
      source = VideoSource.open(path, threads, watch);
      Orientation orientation = source.orientation();
      PacketScan scan = source.scan();
      int width = source.width();
      int height = source.height();
      refuseDamage(path, scan, source.listedFrames());
      timeline = source.indexed() ? Timeline.of(scan) : null;
      long[] shown = timeline == null ? count(path) : timeline.times();
      int frames = shown.length;
      source.refuseDamage();
      info = VideoInfo.of(
          path, frames, source.framesPerSecond(), source.seconds(), width, height, orientation);
      watch.seconds(Math.max(info.durationSeconds(), frames / info.fps()));
      plain = source.plain() && orientation.equals(Orientation.UPRIGHT) && scan.damaged() == 0;
      times = FrameTimes.of(shown, source.clock(), info.fps());
      converter = new RgbConverter(width, height, orientation);
    } catch (VideoException | RuntimeException | Error e) {
      close();
      throw e;
    } finally {
      watch.pause();
    }
  }

  /** Opens a video with one decoding thread: right where several videos are decoded side by side. */
  public static Video open(Path path) throws VideoException {
    return open(path, 1);
  }

  /**
   * Opens a video.
   *
   * @param path a file of any container and codec that FFmpeg reads; playlists are not taken
   * @param threads of FFmpeg's decoder, at least 1; the pixels do not depend on it
   * @throws VideoException if the file is not a video that can be used
   */
  public static Video open(Path path, int threads) throws VideoException {
    return open(path, threads, VideoLimits.NONE);
  }

  /** As {@link #open(Path, int)}, for files that may be meant to do harm.
   *  @throws VideoException also, now or while it is read, if the video goes beyond the limits */
  public static Video open(Path path, int threads, VideoLimits limits) throws VideoException {
    if (threads < 1) {
      throw new IllegalArgumentException("threads is " + threads + ": it must be at least 1");
    }
    if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
      throw new VideoException(path, Reason.UNREADABLE, "no such file, or it may not be read");
    }
    if (path.toFile().length() == 0) {
      throw new VideoException(path, Reason.EMPTY, "the file is empty");
    }
    return new Video(path, threads, limits);
  }

  /** Opens a video, looks at it and closes it again. */
  public static VideoInfo probe(Path path) throws VideoException {
    try (Video video = open(path)) {
      return video.info();
    }
  }

  @Override
  public VideoInfo info() {
    return info;
  }

  /**
   * Decodes chosen frames, and only what leads to them.
   *
   * @param indices ascending, each once, each at least 0 and below {@link VideoInfo#frames}
   * @return the frames in the order of {@code indices}
   * @throws VideoException if too much of the video turns out to be broken, or the frames do not fit into one array
   */
  public Frames decode(int[] indices) throws VideoException {
    check(indices);
    long size = 3L * info.width() * info.height();
    if (indices.length * size > Integer.MAX_VALUE - 8) {
      throw new VideoException(
          info.path(),
          Reason.TOO_LARGE,
          indices.length + " frames of " + info.width() + "x" + info.height()
              + " do not fit into one array");
    }
    byte[] rgb = new byte[(int) (indices.length * size)];
    deliver(
        indices, (place, frame) -> require(converter.convert(frame, rgb, (int) (place * size))));
    return new Frames(indices.length, info.height(), info.width(), rgb);
  }

  /** Decodes all frames. */
  public Frames decodeAll() throws VideoException {
    return decode(IntStream.range(0, info.frames()).toArray());
  }

  /** Decodes what the clips need and only that, each frame once. */
  @Override
  public void readClips(
      List<ClipSpan> spans, List<ClipTransform> transforms, FloatBuffer out, IntConsumer finished)
      throws VideoException {
    ClipWriter writer =
        new ClipWriter(spans, transforms, info.height(), info.width(), out, finished);
    check(writer.frames());
    byte[] rgb = new byte[Math.toIntExact(3L * info.width() * info.height())];
    Frames one = new Frames(1, info.height(), info.width(), rgb);
    int top = writer.firstRow();
    int bottom = writer.lastRow() + 1;
    deliver(writer.frames(), (place, frame) -> {
      require(converter.convert(frame, rgb, 0, top, bottom));
      writer.write(place, one);
    });
    writer.finish();
  }

  private void check(int[] indices) {
    for (int i = 0; i < indices.length; i++) {
      if (indices[i] < 0 || indices[i] >= info.frames() || i > 0 && indices[i] <= indices[i - 1]) {
        throw new IllegalArgumentException("frames " + Arrays.toString(indices) + " of "
            + info.path().getFileName() + ": they must rise and be 0 to " + (info.frames() - 1));
      }
    }
    if (indices.length == 0) {
      throw new IllegalArgumentException(
          "no frames are wanted of " + info.path().getFileName());
    }
  }

  /** Hands out all pictures as they were decoded. */
  void decodeAll(Taker taker) throws VideoException {
    deliver(IntStream.range(0, info.frames()).toArray(), taker);
  }

  FrameTimes times() {
    return times;
  }

  /**
   * Whether the file has one track, H.264 of 8 bits and 4:2:0 in mp4, whole and upright, with a key frame in every {@code
   * interval}.
   */
  boolean opensQuickly(int interval) throws VideoException {
    if (!plain || timeline == null || timeline.longestGroup() > interval) {
      return false;
    }
    boolean[] usual = new boolean[1];
    deliver(new int[1], (place, frame) -> usual[0] = frame.format() == avutil.AV_PIX_FMT_YUV420P);
    return usual[0];
  }

  Orientation orientation() {
    return converter.orientation();
  }

  /** Takes the picture for one of the wanted frames; the last one given for a place counts. */
  interface Taker {
    void take(int place, AVFrame frame) throws VideoException;
  }

  private void require(boolean converted) throws VideoException {
    if (!converted) {
      throw new VideoException(
          info.path(), Reason.UNSUPPORTED_CODEC, "its pixels cannot be turned into RGB");
    }
  }

  private void deliver(int[] indices, Taker taker) throws VideoException {
    watch.start();
    try {
      if (timeline != null && !fromStart) {
        fromStart = !seekAndDeliver(indices, taker);
      }
      if (timeline == null || fromStart) {
        decodeFromStart(indices, taker);
      }
    } finally {
      watch.pause();
    }
  }

  /** The short way. False at the first sign of damage: what then stands in for a picture depends on all before it. */
  private boolean seekAndDeliver(int[] indices, Taker taker) throws VideoException {
    VideoSource.PacketRule rule = time -> Arrays.binarySearch(indices, timeline.frameAt(time)) >= 0;
    int losses = source.losses();
    int group = -1;
    for (int place = 0; place < indices.length; place++) {
      int key = timeline.keyBefore(indices[place]);
      if (key > group) {
        group = key;
        if (!source.seek(
            timeline.seekTimeOf(key),
            timeline.timeOf(key),
            timeline.packetOf(key),
            packetsOfGroup(key, indices, place))) {
          return false;
        }
      }
      AVFrame frame = source.next(rule);
      while (frame != null
          && !VideoSource.damaged(frame)
          && timeline.frameAt(frame.pts()) < indices[place]) {
        frame = source.next(rule);
      }
      if (frame == null
          || VideoSource.damaged(frame)
          || source.losses() != losses
          || timeline.frameAt(frame.pts()) != indices[place]) {
        return false;
      }
      taker.take(place, frame);
    }
    return true;
  }

  /** How many packets from a key frame on lead to the wanted frames, from {@code place} on, that begin at it. */
  private int packetsOfGroup(int key, int[] indices, int place) {
    int last = timeline.packetOf(key);
    for (int i = place; i < indices.length && timeline.keyBefore(indices[i]) <= key; i++) {
      last = Math.max(last, timeline.packetWith(indices[i]));
    }
    return last - timeline.packetOf(key) + 1;
  }

  /**
   * The long way: all pictures from the first on. With a timeline it runs to the end, so that whether the video counts
   * as broken does not depend on which frames are wanted.
   */
  private void decodeFromStart(int[] indices, Taker taker) throws VideoException {
    reopen();
    try (StandIn before = new StandIn()) {
      int last = -1;
      int place = 0;
      int decoded = 0;
      AVFrame frame = source.next(VideoSource.PacketRule.ALL);
      while (frame != null && (timeline != null || place < indices.length)) {
        int number = timeline == null ? decoded : timeline.frameAt(frame.pts());
        if (number > last) {
          while (place < indices.length && indices[place] < number) {
            taker.take(place++, last < 0 ? frame : before.frame());
          }
          if (place < indices.length && indices[place] == number) {
            taker.take(place++, frame);
          }
          last = number;
          decoded++;
          before.keep(frame);
        }
        frame = source.next(VideoSource.PacketRule.ALL);
      }
      refuseLosses(info.path(), decoded, timeline == null ? 0 : info.frames() - decoded);
      while (place < indices.length) {
        taker.take(place++, before.frame());
      }
    }
  }

  private void reopen() throws VideoException {
    source.close();
    source = VideoSource.open(info.path(), threads, watch);
  }

  /** The pictures that decoding gives, where packets do not tell: when each is shown, as far as that is known. */
  private long[] count(Path path) throws VideoException {
    source.close();
    source = VideoSource.open(path, threads, watch);
    source.countOnly();
    LongStream.Builder shown = LongStream.builder();
    int frames = 0;
    AVFrame frame = source.next(VideoSource.PacketRule.ALL);
    while (frame != null) {
      shown.add(frame.best_effort_timestamp());
      watch.frames(++frames);
      frame = source.next(VideoSource.PacketRule.ALL);
    }
    long[] times = shown.build().toArray();
    refuseLosses(path, times.length, source.losses());
    return times;
  }

  private static void refuseDamage(Path path, PacketScan scan, long listed) throws VideoException {
    if (scan.shown() == 0) {
      throw new VideoException(path, Reason.CORRUPTED, "holds no pictures");
    }
    if (listed - scan.count() > listed / TOLERATED) {
      throw new VideoException(
          path,
          Reason.TRUNCATED,
          "the file ends after " + scan.count() + " of " + listed + " pictures");
    }
    if (scan.damaged() > scan.count() / TOLERATED) {
      throw new VideoException(
          path,
          Reason.CORRUPTED,
          scan.damaged() + " of " + scan.count() + " pictures are broken or built on broken ones ("
              + scan.firstDefect() + ")");
    }
  }

  private static void refuseLosses(Path path, int decoded, int lost) throws VideoException {
    if (decoded == 0) {
      throw new VideoException(path, Reason.CORRUPTED, "none of its pictures can be decoded");
    }
    if (lost > (decoded + lost) / TOLERATED) {
      throw new VideoException(
          path, Reason.CORRUPTED, lost + " of " + (decoded + lost) + " pictures cannot be decoded");
    }
  }

  /** Frees all native memory; later calls do nothing. */
  @Override
  public void close() {
    if (source != null) {
      source.close();
    }
    if (converter != null) {
      converter.close();
      converter = null;
    }
  }
}
