package x3d.video;

import java.nio.file.Path;

/**
 * What a video file holds, as {@link Video} found it.
 *
 * @param path the file
 * @param frames how many frames the video shows, at least 1: those that sampling may choose from
 * @param fps frames a second, the average over the file; 30 where the file states none (one-frame videos)
 * @param durationSeconds length in seconds
 * @param width pixels a row of an upright frame, after {@code rotation}
 * @param height rows of an upright frame, after {@code rotation}
 * @param rotation clockwise turn in degrees that makes the stored picture upright, already applied to every frame that
 *     {@link Video} gives out: 0, 90, 180 or 270
 */
public record VideoInfo(
    Path path,
    int frames,
    double fps,
    double durationSeconds,
    int width,
    int height,
    int rotation) {
  /** FFmpeg gives no rate for a file of one picture; any does, and the networks are trained at 30. */
  private static final double RATE_OF_NONE = 30;

  /**
   * What follows from a file's tables.
   *
   * @param statedRate frames a second, 0 where the file does not say
   * @param statedSeconds length, 0 where the file does not say
   * @param width of a stored picture
   * @param height of a stored picture
   */
  static VideoInfo of(
      Path path,
      int frames,
      double statedRate,
      double statedSeconds,
      int width,
      int height,
      Orientation orientation) {
    double fps =
        statedRate > 0 ? statedRate : statedSeconds > 0 ? frames / statedSeconds : RATE_OF_NONE;
    return new VideoInfo(
        path,
        frames,
        fps,
        statedSeconds > 0 ? statedSeconds : frames / fps,
        orientation.width(width, height),
        orientation.height(width, height),
        orientation.degrees());
  }
}
