package x3d.video;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import x3d.video.VideoDefect.Reason;

/**
 * What is known of a video file once it has been decoded to find out whether it is sound. Stricter than {@link Video}, which
 * makes the best of a video that has lost a few pictures: here one is a defect.
 *
 * @param bytes of the file, 0 where it cannot be read
 * @param info what the file holds, as {@link Video} says it; empty where it cannot be opened or shows no picture
 * @param codec FFmpeg's name for the codec of its pictures; empty text where there is none
 * @param defect what is wrong, empty for a sound video
 */
public record VideoCheck(
    long bytes, Optional<VideoInfo> info, String codec, Optional<VideoDefect> defect) {
  /** Between beginning and end the quick check looks at so many places. */
  private static final int SAMPLES = 4;

  /** Pictures that it decodes at each place but the end. */
  private static final int PICTURES = 8;

  /** From how long before its end on a video is decoded. */
  private static final double LAST_SECONDS = 1;

  /** By how much a video's last picture may end before the length that its tables state. */
  private static final double SLACK_SECONDS = 0.1;

  /** One in so many pictures may fail to appear, without an error, as at the beginning of a cut. */
  private static final int TOLERATED = 3;

  /** Loads FFmpeg, so that the first check takes no longer than the others. */
  public static void load() {
    FFmpeg.load();
  }

  /** Decodes all pictures, but for the work that only their pixels need. */
  public static VideoCheck full(Path path) {
    return check(path, VideoCheck::full);
  }

  /**
   * Decodes the beginning, the end and places between; all of it where these show a sign of damage, so that defects are those
   * of {@link #full}. Of a container without a list of its frames their number is an estimate.
   */
  public static VideoCheck fast(Path path) {
    return check(path, VideoCheck::fast);
  }

  /** Decodes nothing: what the container's tables say, or where they are silent, what {@link Video} counts. */
  public static VideoCheck glance(Path path) {
    return check(path, VideoCheck::glance);
  }

  private interface Way {
    VideoCheck check(Path path, long bytes) throws IOException;
  }

  private static VideoCheck check(Path path, Way way) {
    long bytes = 0;
    try {
      if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
        return unusable(
            0, VideoDefect.of(Reason.UNREADABLE, "no such file, or it may not be read"));
      }
      bytes = Files.size(path);
      if (bytes == 0) {
        return unusable(0, VideoDefect.of(Reason.ZERO_BYTES, "the file is empty"));
      }
      return way.check(path, bytes);
    } catch (VideoException e) {
      return unusable(bytes, cutOff(path).orElse(VideoDefect.of(e)));
    } catch (IOException e) {
      return unusable(bytes, VideoDefect.of(Reason.UNREADABLE, String.valueOf(e.getMessage())));
    }
  }

  private static VideoCheck unusable(long bytes, VideoDefect defect) {
    return new VideoCheck(bytes, Optional.empty(), "", Optional.of(defect));
  }

  /** Why a file cannot even be opened, if it is because its end, and there its tables, are missing. */
  private static Optional<VideoDefect> cutOff(Path path) {
    try {
      long missing = ContainerEnd.missing(path);
      return missing == 0
          ? Optional.empty()
          : Optional.of(VideoDefect.of(
              Reason.TRUNCATED,
              "truncated: its last " + missing + " bytes are missing, and it cannot be opened"));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static VideoCheck full(Path path, long bytes) throws IOException {
    Contents contents = Contents.of(path);
    Decoding decoding = Decoding.of(path);
    int frames = contents.timeline().map(Timeline::frames).orElse(decoding.pictures());
    Optional<VideoInfo> info =
        frames == 0 ? Optional.empty() : Optional.of(contents.info(path, frames));
    Optional<VideoDefect> defect = truncation(path, contents)
        .or(() -> loss(contents, decoding))
        .or(() -> absence(contents, decoding));
    return new VideoCheck(bytes, info, contents.codec(), defect);
  }

  /** What a reading of all packets tells. */
  private record Contents(
      PacketScan scan,
      Optional<Timeline> timeline,
      Orientation orientation,
      int width,
      int height,
      long listedFrames,
      double framesPerSecond,
      double statedSeconds,
      OptionalDouble endSeconds,
      String codec) {
    static Contents of(Path path) throws VideoException {
      try (VideoSource source = VideoSource.open(path, 1)) {
        PacketScan scan = source.scan();
        return new Contents(
            scan,
            Optional.ofNullable(source.indexed() ? Timeline.of(scan) : null),
            source.orientation(),
            source.width(),
            source.height(),
            source.listedFrames(),
            source.framesPerSecond(),
            source.seconds(),
            source.endSeconds(),
            source.codec());
      }
    }

    VideoInfo info(Path path, int frames) {
      return VideoInfo.of(path, frames, framesPerSecond, statedSeconds, width, height, orientation);
    }
  }

  /** What decoding from the first picture to the last came to. */
  private record Decoding(int pictures, int errors, OptionalDouble firstError) {
    static Decoding of(Path path) throws VideoException {
      try (VideoSource source = VideoSource.open(path, 1)) {
        source.refuseDamage();
        source.countOnly();
        int pictures = 0;
        int patched = 0;
        OptionalDouble firstPatched = OptionalDouble.empty();
        AVFrame frame = source.next(VideoSource.PacketRule.ALL);
        while (frame != null) {
          pictures++;
          if (VideoSource.damaged(frame) && patched++ == 0) {
            firstPatched = source.secondsAt(frame.best_effort_timestamp());
          }
          frame = source.next(VideoSource.PacketRule.ALL);
        }
        return new Decoding(
            pictures, source.losses() + patched, earlier(source.firstLossSeconds(), firstPatched));
      }
    }

    private static OptionalDouble earlier(OptionalDouble a, OptionalDouble b) {
      return a.isPresent() && (b.isEmpty() || a.getAsDouble() <= b.getAsDouble()) ? a : b;
    }
  }

  private static Optional<VideoDefect> truncation(Path path, Contents contents) throws IOException {
    long listed = contents.listedFrames();
    OptionalDouble end = contents.endSeconds();
    long missing = ContainerEnd.missing(path);
    // An edit list may leave out frames that are listed, but then the length is that of the rest.
    boolean early = end.orElse(0) < contents.statedSeconds() - SLACK_SECONDS;
    boolean cut =
        listed > 0 ? contents.scan().count() < listed && (missing > 0 || early) : missing > 0;
    if (!cut) {
      return Optional.empty();
    }
    String at = end.isEmpty() ? "" : " at " + tenths(end.getAsDouble());
    // Only a list of frames is known to be right of what is missing: of an AVI, FFmpeg guesses.
    String of = listed > 0 ? " of " + tenths(contents.statedSeconds()) : "";
    return Optional.of(new VideoDefect(Reason.TRUNCATED, 0, end, "truncated" + at + of));
  }

  private static Optional<VideoDefect> loss(Contents contents, Decoding decoding) {
    if (decoding.pictures() == 0) {
      int packets = contents.scan().count();
      return Optional.of(VideoDefect.of(
          Reason.ZERO_FRAMES,
          packets == 0
              ? "holds no pictures"
              : "none of its " + packets + " pictures can be decoded"));
    }
    String framing = contents.scan().firstDefect();
    if (decoding.errors() == 0 && framing == null) {
      return Optional.empty();
    }
    int errors = Math.max(1, decoding.errors());
    OptionalDouble first = decoding.firstError();
    return Optional.of(new VideoDefect(
        Reason.DECODE_ERRORS,
        errors,
        first,
        errors
            + (errors == 1 ? " decode error" : " decode errors")
            + (first.isEmpty()
                ? ""
                : (errors == 1 ? " at " : ", the first at ") + tenths(first.getAsDouble()))
            + (framing == null ? "" : " (" + framing + ")")));
  }

  private static Optional<VideoDefect> absence(Contents contents, Decoding decoding) {
    int shown = contents.timeline().map(Timeline::frames).orElse(0);
    int absent = shown - decoding.pictures();
    return absent <= shown / TOLERATED
        ? Optional.empty()
        : Optional.of(new VideoDefect(
            Reason.DECODE_ERRORS,
            absent,
            OptionalDouble.empty(),
            absent + " of " + shown + " pictures do not come out of the decoder"));
  }

  private static String tenths(double seconds) {
    return String.format(Locale.ROOT, "%.1f s", seconds);
  }

  private static VideoCheck fast(Path path, long bytes) throws IOException {
    Optional<VideoCheck> sound =
        ContainerEnd.missing(path) == 0 ? sampled(path, bytes) : Optional.empty();
    return sound.isPresent() ? sound.get() : full(path, bytes);
  }

  private static VideoCheck glance(Path path, long bytes) throws VideoException {
    try (VideoSource source = VideoSource.open(path, 1)) {
      boolean silent = source.seconds() <= 0 || source.framesPerSecond() <= 0;
      VideoInfo info =
          silent ? Video.probe(path) : stated(path, source, source.width(), source.height());
      return new VideoCheck(bytes, Optional.of(info), source.codec(), Optional.empty());
    }
  }

  /** What the tables say of a file that has a length and a rate; of its frames, perhaps only about how many. */
  private static VideoInfo stated(Path path, VideoSource source, int width, int height) {
    double seconds = source.seconds();
    double fps = source.framesPerSecond();
    long listed = source.listedFrames();
    return VideoInfo.of(
        path,
        (int) (listed > 0 ? listed : Math.max(1, Math.round(seconds * fps))),
        fps,
        seconds,
        width,
        height,
        source.orientation());
  }

  /** Empty where a place shows a sign of damage, or cannot be reached. */
  private static Optional<VideoCheck> sampled(Path path, long bytes) throws VideoException {
    try (VideoSource source = VideoSource.open(path, 1)) {
      source.refuseDamage();
      double seconds = source.seconds();
      double fps = source.framesPerSecond();
      AVFrame picture = source.next(VideoSource.PacketRule.ALL);
      if (seconds <= 0 || fps <= 0 || picture == null || VideoSource.damaged(picture)) {
        return Optional.empty();
      }
      int width = picture.width();
      int height = picture.height();
      for (int i = 0; i <= SAMPLES; i++) {
        if (!source.seek(seconds * i / (SAMPLES + 1)) || !decodes(source, PICTURES)) {
          return Optional.empty();
        }
      }
      if (!source.seek(Math.max(0, seconds - LAST_SECONDS))
          || !decodes(source, Integer.MAX_VALUE)
          || source.endSeconds().orElse(0) < seconds - LAST_SECONDS) {
        return Optional.empty();
      }
      VideoInfo info = stated(path, source, width, height);
      return Optional.of(
          new VideoCheck(bytes, Optional.of(info), source.codec(), Optional.empty()));
    }
  }

  /** Whether pictures, at least one, come out of the decoder from here on, all of them whole. */
  private static boolean decodes(VideoSource source, int pictures) throws VideoException {
    int seen = 0;
    AVFrame frame = source.next(VideoSource.PacketRule.ALL);
    while (frame != null && !VideoSource.damaged(frame) && ++seen < pictures) {
      frame = source.next(VideoSource.PacketRule.ALL);
    }
    boolean ended = frame == null && seen > 0;
    return source.losses() == 0 && (seen == pictures || ended);
  }
}
