package x3d.video;

import java.util.Arrays;

/**
 * When the frames of a video are shown.
 *
 * @param ticks of each frame, from 0 at the first one on, rising
 * @param lastDuration ticks for which the last frame is shown
 * @param clock the unit
 */
record FrameTimes(long[] ticks, long lastDuration, Clock clock) {
  /** A tick of {@code ticks / ofSecond} seconds. */
  record Clock(int ticks, int ofSecond) {
    /** For videos without times that can be used. */
    static final Clock ANY = new Clock(1, VideoEncoder.CLOCK);

    double perSecond() {
      return (double) ofSecond / ticks;
    }
  }

  /**
   * The times that a file gives, or where they do not rise, equal ones at its average rate.
   *
   * @param shown when each frame is shown; FFmpeg's "no time" does not rise
   * @param fps the average rate, which the last frame's duration completes; some files give that frame none
   */
  static FrameTimes of(long[] shown, Clock clock, double fps) {
    boolean rising = true;
    for (int i = 1; i < shown.length; i++) {
      rising &= shown[i] > shown[i - 1];
    }
    long[] ticks = shown.clone();
    Clock unit = rising ? clock : Clock.ANY;
    if (rising) {
      Arrays.setAll(ticks, i -> shown[i] - shown[0]);
    } else {
      Arrays.setAll(ticks, i -> Math.round(i * unit.perSecond() / fps));
    }
    long length = Math.round(shown.length * unit.perSecond() / fps);
    long rest = length - ticks[ticks.length - 1];
    long usual = Math.max(1, Math.round(unit.perSecond() / fps));
    return new FrameTimes(ticks, rest > -usual ? Math.max(1, rest) : usual, unit);
  }
}
