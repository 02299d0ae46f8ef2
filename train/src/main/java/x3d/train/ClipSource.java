package x3d.train;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import x3d.video.VideoException;

/** Makes a clip from a video. Used by several threads at once. */
@FunctionalInterface
interface ClipSource {
  /**
   * Reads a clip.
   *
   * @param random all that is drawn is drawn from this
   * @param out memory of one clip, [3, T, H, W], filled
   * @throws VideoException if the video cannot be read
   */
  void read(Path video, int label, SplittableRandom random, FloatBuffer out) throws VideoException;
}
