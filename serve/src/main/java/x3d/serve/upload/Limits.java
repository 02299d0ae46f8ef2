package x3d.serve.upload;

import java.time.Duration;
import x3d.video.VideoLimits;

/**
 * What one request may bring.
 *
 * @param bytes of its body
 * @param areaBytes of all uploads that lie here at the same time
 * @param parts of a multipart body
 * @param bytesASecond that a client must send, on average, after {@link #SLOW_START}
 * @param pixels of a picture
 * @param frames of a video
 * @param seconds that a video lasts
 * @param decodingSeconds that a video may take to be opened and decoded
 */
public record Limits(
    long bytes,
    long areaBytes,
    int parts,
    long bytesASecond,
    long pixels,
    int frames,
    double seconds,
    double decodingSeconds) {
  /** Before this no client counts as slow. */
  static final Duration SLOW_START = Duration.ofSeconds(5);

  /** For a server that says nothing else: 256 MiB, 4096 x 2304 pixels, an hour. */
  public static final Limits USUAL =
      new Limits(256L << 20, 4L << 30, 32, 16 << 10, 4096L * 2304, 250_000, 3600, 60);

  public Limits {
    if (bytes < 1 || areaBytes < bytes || parts < 1 || bytesASecond < 1) {
      throw new IllegalArgumentException("uploads of " + bytes + " bytes, " + areaBytes
          + " of all together, " + parts + " parts, " + bytesASecond
          + " bytes a second: all must be 1 or more, and all together hold one");
    }
    new VideoLimits(pixels, frames, seconds, decodingSeconds, () -> {}); // refuses the rest
  }

  /** The same with other numbers of bytes. @param most of one request */
  public Limits withBytes(long most) {
    return new Limits(
        most,
        Math.max(areaBytes, most),
        parts,
        bytesASecond,
        pixels,
        frames,
        seconds,
        decodingSeconds);
  }

  /** Those of the video itself. */
  public VideoLimits video(Runnable stillWanted) {
    return new VideoLimits(pixels, frames, seconds, decodingSeconds, stillWanted);
  }
}
