package x3d.video;

import java.io.IOException;
import java.nio.file.Path;

/** One video cannot be used. The message is one line: the file's name and the reason. */
public final class VideoException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, for those who count or translate failures. */
  public enum Reason {
    /** No such file, or it may not be read. */
    UNREADABLE,
    /** The file has no bytes. */
    EMPTY,
    /** FFmpeg knows no container of this form, or the container's own tables are broken. */
    NOT_A_VIDEO,
    /** A container without a picture track, such as a sound file. */
    NO_VIDEO_STREAM,
    /** This build of FFmpeg has no decoder for the picture track. */
    UNSUPPORTED_CODEC,
    /** The file ends before its pictures do: more than a third of them are missing. */
    TRUNCATED,
    /** The pictures are damaged: none can be decoded, or more than a third are lost or built on lost ones. */
    CORRUPTED,
    /** More decoded bytes than one Java array holds, or more of something than {@link VideoLimits} allow. */
    TOO_LARGE,
    /** The video could not be written. */
    NOT_WRITTEN
  }

  private final transient Path video;
  private final Reason reason;

  /**
   * @param video the file
   * @param reason what is wrong
   * @param detail the same for people, without the file's name; one line
   */
  public VideoException(Path video, Reason reason, String detail) {
    this(video, reason, detail, null);
  }

  VideoException(Path video, Reason reason, String detail, Throwable cause) {
    super(video.getFileName() + ": " + detail, cause);
    this.video = video;
    this.reason = reason;
  }

  /** The file, as it was given. */
  public Path video() {
    return video;
  }

  /** What is wrong with it. */
  public Reason reason() {
    return reason;
  }
}
