package x3d.video;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What is wrong with a video, as {@link VideoCheck} finds it.
 *
 * @param reason what kind of fault
 * @param errors how many pictures the decoder refused or patched up; 0 where it is not about single pictures
 * @param seconds where in the video it begins, empty where that is not known
 * @param detail all of it for people, in one line and without the file's name
 */
public record VideoDefect(Reason reason, int errors, OptionalDouble seconds, String detail) {
  /** The kinds of faults. */
  public enum Reason {
    /** No such file, or it may not be read. */
    UNREADABLE,
    /** The file has no bytes. */
    ZERO_BYTES,
    /** Nothing that FFmpeg knows, or the container's own tables are broken. */
    NOT_A_MEDIA_FILE,
    /** A container without a picture track, such as a sound file. */
    NO_VIDEO_STREAM,
    /** This build of FFmpeg has no decoder for the picture track. */
    UNSUPPORTED_CODEC,
    /** The file ends before what its container announces. */
    TRUNCATED,
    /** No picture can be decoded. */
    ZERO_FRAMES,
    /** Some pictures cannot be decoded, or only by guessing parts of them. */
    DECODE_ERRORS;

    /** The name for files and output: {@code decode-errors}. */
    public String id() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** A fault of the file as a whole. */
  static VideoDefect of(Reason reason, String detail) {
    return new VideoDefect(reason, 0, OptionalDouble.empty(), detail);
  }

  /** A fault that {@link VideoSource} met while opening. */
  static VideoDefect of(VideoException refusal) {
    String name = refusal.video().getFileName() + ": ";
    String detail = refusal.getMessage().substring(name.length());
    return of(
        switch (refusal.reason()) {
          case UNREADABLE, NOT_WRITTEN -> Reason.UNREADABLE;
          case EMPTY -> Reason.ZERO_BYTES;
          case NOT_A_VIDEO -> Reason.NOT_A_MEDIA_FILE;
          case NO_VIDEO_STREAM -> Reason.NO_VIDEO_STREAM;
          case UNSUPPORTED_CODEC, TOO_LARGE -> Reason.UNSUPPORTED_CODEC;
          case TRUNCATED -> Reason.TRUNCATED;
          case CORRUPTED -> Reason.ZERO_FRAMES;
        },
        detail);
  }
}
