package x3d.tools.dataset;

import java.util.OptionalDouble;
import x3d.video.VideoCheck;
import x3d.video.VideoDefect;
import x3d.video.VideoInfo;

/**
 * A video and what decoding it showed.
 *
 * @param video its absolute path
 * @param bytes of the file as it was checked, 0 if there was none
 * @param modified when the file was last changed, in milliseconds since 1970, 0 if there was none
 * @param facts what it holds; null where it cannot be opened
 * @param fault what is wrong with it; null for a sound video
 */
record CheckedVideo(String video, long bytes, long modified, Facts facts, Fault fault) {
  /**
   * What a video holds, upright.
   *
   * @param seconds how long it is
   * @param fps frames a second on average
   * @param rotation clockwise degrees that make the stored picture upright
   */
  record Facts(
      double seconds, int width, int height, double fps, int frames, String codec, int rotation) {}

  /**
   * What is wrong.
   *
   * @param reason one of {@link VideoDefect.Reason#id}, {@link #TIME_LIMIT} or {@link #CRASH}
   * @param errors how many pictures the decoder refused, 0 where it is not about single pictures
   * @param seconds where it begins, null where that is not known
   * @param detail all of it in words
   */
  record Fault(String reason, int errors, Double seconds, String detail) {
    /** Decoding took longer than was allowed. */
    static final String TIME_LIMIT = "time-limit";

    /** The process that decoded it died. */
    static final String CRASH = "crash";
  }

  /** What {@code x3d.video} found, of a file as it was before. */
  static CheckedVideo of(FileState state, VideoCheck check) {
    return new CheckedVideo(
        state.video(),
        state.bytes(),
        state.modified(),
        check.info().map(info -> facts(info, check.codec())).orElse(null),
        check.defect().map(CheckedVideo::fault).orElse(null));
  }

  private static Facts facts(VideoInfo info, String codec) {
    return new Facts(
        info.durationSeconds(),
        info.width(),
        info.height(),
        info.fps(),
        info.frames(),
        codec,
        info.rotation());
  }

  private static Fault fault(VideoDefect defect) {
    OptionalDouble at = defect.seconds();
    return new Fault(
        defect.reason().id(),
        defect.errors(),
        at.isPresent() ? at.getAsDouble() : null,
        defect.detail());
  }

  /** The same of a video whose decoding was ended. */
  static CheckedVideo of(FileState state, String reason, String detail) {
    return new CheckedVideo(
        state.video(), state.bytes(), state.modified(), null, new Fault(reason, 0, null, detail));
  }

  /** The file as it was checked. */
  FileState state() {
    return new FileState(video, bytes, modified);
  }

  boolean sound() {
    return fault == null;
  }

  /** Whether checking the same file again would find the same: it was decoded to an end. */
  boolean lasting() {
    return sound()
        || !fault.reason().equals(Fault.TIME_LIMIT)
            && !fault.reason().equals(Fault.CRASH)
            && !fault.reason().equals(VideoDefect.Reason.UNREADABLE.id());
  }
}
