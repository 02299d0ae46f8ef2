package x3d.video;

/**
 * What the reading of one video may cost: for videos from people one does not know.
 *
 * @param pixels of a picture, its width times its height
 * @param frames that the video shows
 * @param seconds that it lasts, by its container and by its frames
 * @param decodingSeconds spent on opening and decoding it, all together
 * @param stillWanted run again and again while the video is read, on the reading thread; what it throws ends the reading
 */
public record VideoLimits(
    long pixels, int frames, double seconds, double decodingSeconds, Runnable stillWanted) {
  /** Whatever a file holds. */
  public static final VideoLimits NONE = new VideoLimits(
      Integer.MAX_VALUE,
      Integer.MAX_VALUE,
      Double.POSITIVE_INFINITY,
      Double.POSITIVE_INFINITY,
      () -> {});

  /** Refuses limits that no video keeps. */
  public VideoLimits {
    if (pixels < 1 || frames < 1 || !(seconds > 0) || !(decodingSeconds > 0)) {
      throw new IllegalArgumentException("limits of videos must be above 0, not " + pixels
          + " pixels, " + frames + " frames, " + seconds + " s, " + decodingSeconds
          + " s of decoding");
    }
  }
}
