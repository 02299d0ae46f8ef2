package x3d.video;

import java.nio.file.Path;
import java.util.Locale;
import x3d.video.VideoException.Reason;

/** Sees to it that the reading of one video keeps its {@link VideoLimits}. Its clock runs only while the video is read. */
final class Watch {
  private final Path path;
  private final VideoLimits limits;
  private long spent;
  private long since;

  Watch(Path path, VideoLimits limits) {
    this.path = path;
    this.limits = limits;
  }

  void start() {
    since = System.nanoTime();
  }

  void pause() {
    spent += System.nanoTime() - since;
  }

  /** To be called at each packet and each picture; the clock runs. */
  void check() throws VideoException {
    limits.stillWanted().run();
    if ((spent + System.nanoTime() - since) / 1e9 > limits.decodingSeconds()) {
      throw tooMuch(String.format(
          Locale.ROOT, "takes longer to decode than %.3g s", limits.decodingSeconds()));
    }
  }

  /** FFmpeg's decoders refuse larger pictures themselves. */
  long pixels() {
    return limits.pixels();
  }

  void size(int width, int height) throws VideoException {
    if ((long) width * height > limits.pixels()) {
      throw tooMuch("its pictures are " + width + "x" + height + ": more than the "
          + limits.pixels() + " pixels taken");
    }
  }

  void frames(long frames) throws VideoException {
    if (frames > limits.frames()) {
      throw tooMuch("shows more than the " + limits.frames() + " pictures taken");
    }
  }

  void seconds(double seconds) throws VideoException {
    if (seconds > limits.seconds()) {
      throw tooMuch(String.format(
          Locale.ROOT, "lasts %.1f s: longer than the %.6g s taken", seconds, limits.seconds()));
    }
  }

  private VideoException tooMuch(String detail) {
    return new VideoException(path, Reason.TOO_LARGE, detail);
  }
}
