package x3d.video;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Pictures that clips can be made of: a {@link Video}, or a {@link StoredVideo} whose pictures were decoded before. Both
 * give the same bits. Holds native memory until it is closed. Not safe for use by several threads at once.
 */
public interface Footage extends AutoCloseable {
  /** What the video holds. */
  VideoInfo info();

  /**
   * Makes clips, going through the pictures once: for each span, in order, one clip a transform, in order. Never holds more
   * than one picture, so that large videos cost no more memory than small ones.
   *
   * @param spans of this video, all with as many frames
   * @param transforms of one crop size
   * @param out takes [spans * transforms, 3, T, crop, crop] floats at its position, which moves behind them
   * @throws VideoException if too much of the video turns out to be broken
   */
  default void readClips(List<ClipSpan> spans, List<ClipTransform> transforms, FloatBuffer out)
      throws VideoException {
    readClips(spans, transforms, out, span -> {});
  }

  /**
   * The same, telling which clips are finished while the others are still being made.
   *
   * @param finished told the number of each span whose clips are whole, on the calling thread. If the video turns out to be
   *     damaged all begins anew, and a span may be told of again: what was then written last counts
   */
  void readClips(
      List<ClipSpan> spans, List<ClipTransform> transforms, FloatBuffer out, IntConsumer finished)
      throws VideoException;

  @Override
  void close();

  /** Opens the footage of a video file. May be used by several threads at once. */
  @FunctionalInterface
  interface Opener {
    /** @throws VideoException if the file is not a video that can be used */
    Footage open(Path video) throws VideoException;
  }
}
