package x3d.video;

import java.util.Arrays;

/**
 * One clip of a video: where it lies and which frames stand for it.
 *
 * @param start first frame of the span, fractional
 * @param end last frame of the span, fractional; beyond the video's end where the video is shorter than the clip
 * @param frames the chosen frames' indices, ascending, repeated where the video is too short; copied in and out
 */
public record ClipSpan(double start, double end, int[] frames) {
  /** Copies {@code frames}. */
  public ClipSpan {
    frames = frames.clone();
  }

  @Override
  public int[] frames() {
    return frames.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClipSpan that
        && start == that.start
        && end == that.end
        && Arrays.equals(frames, that.frames);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Double.hashCode(start) + Double.hashCode(end)) + Arrays.hashCode(frames);
  }

  @Override
  public String toString() {
    return "ClipSpan[" + start + " to " + end + ", frames " + Arrays.toString(frames) + "]";
  }
}
