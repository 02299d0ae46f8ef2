package x3d.video;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Which frames of a video make a clip: SlowFast's rule ({@code slowfast/datasets/decoder.py},
 * {@code get_start_end_idx} and {@code temporal_sampling}).
 *
 * <p>A clip spans {@code samplingRate * numFrames / targetFps} seconds, so {@code numFrames} frames of a video at
 * {@code targetFps} lie {@code samplingRate} apart; the frames are spread evenly over the span, cut to whole numbers
 * and held inside the video.
 */
public final class TemporalSampling {
  private TemporalSampling() {}

  /**
   * The clips of a test: {@code views} spans from the video's start on, the last one short of its end by one step, as
   * SlowFast has it.
   *
   * @param videoFrames frames of the video, at least 1
   * @param fps the video's frames a second, above 0
   * @param numFrames frames a clip, at least 1
   * @param samplingRate frames from one chosen frame to the next at {@code targetFps}, at least 1
   * @param targetFps the rate that {@code samplingRate} is meant for, above 0; 30 in SlowFast
   * @param views how many clips, at least 1
   * @throws IllegalArgumentException if a number is out of its range
   */
  public static List<ClipSpan> views(
      int videoFrames, double fps, int numFrames, int samplingRate, double targetFps, int views) {
    require(views >= 1, "views", views);
    double size = clipSize(videoFrames, fps, numFrames, samplingRate, targetFps);
    double slack = Math.max(videoFrames - size, 0);
    List<ClipSpan> spans = new ArrayList<>(views);
    for (int view = 0; view < views; view++) {
      spans.add(span(slack * view / views, size, numFrames, videoFrames));
    }
    return List.copyOf(spans);
  }

  /**
   * A clip for training: it starts anywhere in the video, uniformly, so that it ends inside where it can. Draws one
   * number from {@code random}; the other parameters are those of {@link #views}.
   */
  public static ClipSpan random(
      int videoFrames,
      double fps,
      int numFrames,
      int samplingRate,
      double targetFps,
      RandomGenerator random) {
    double size = clipSize(videoFrames, fps, numFrames, samplingRate, targetFps);
    double slack = Math.max(videoFrames - size, 0);
    return span(slack * random.nextDouble(), size, numFrames, videoFrames);
  }

  /**
   * The clip in the middle of the video: where training looks when it validates, so that its figures repeat. The
   * parameters are those of {@link #views}.
   */
  public static ClipSpan centre(
      int videoFrames, double fps, int numFrames, int samplingRate, double targetFps) {
    double size = clipSize(videoFrames, fps, numFrames, samplingRate, targetFps);
    double slack = Math.max(videoFrames - size, 0);
    return span(slack / 2, size, numFrames, videoFrames);
  }

  private static double clipSize(
      int videoFrames, double fps, int numFrames, int samplingRate, double targetFps) {
    require(videoFrames >= 1, "videoFrames", videoFrames);
    require(fps > 0 && fps < Double.POSITIVE_INFINITY, "fps", fps);
    require(numFrames >= 1, "numFrames", numFrames);
    require(samplingRate >= 1, "samplingRate", samplingRate);
    require(targetFps > 0 && targetFps < Double.POSITIVE_INFINITY, "targetFps", targetFps);
    return (double) samplingRate * numFrames / targetFps * fps;
  }

  private static void require(boolean holds, String name, double value) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + value + ": it must be a number above 0");
    }
  }

  private static ClipSpan span(double start, double size, int numFrames, int videoFrames) {
    double end = start + size - 1;
    int[] frames = new int[numFrames];
    for (int i = 0; i < numFrames; i++) {
      frames[i] = (int) Math.max(0, Math.min(videoFrames - 1, linspace(start, end, i, numFrames)));
    }
    return new ClipSpan(start, end, frames);
  }

  /** Number {@code i} of torch.linspace(start, end, steps), which works in float and from both ends inwards. */
  private static float linspace(double start, double end, int i, int steps) {
    float first = (float) start;
    if (steps == 1) {
      return first;
    }
    float last = (float) end;
    float step = (last - first) / (steps - 1);
    return i < steps / 2 ? first + step * i : last - step * (steps - i - 1);
  }
}
