package x3d.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Times the updates of a performance run. The first are left out: sessions compile, caches fill and the JVM warms up in them.
 * All that passes between the last of these and the last update counts, the change of epochs too.
 */
final class Throughput {
  /** Updates left out, or half of a run that has fewer than twice as many. */
  static final int EXCLUDED = 10;

  private final int excluded;
  private final int clips;
  private final List<Double> seconds = new ArrayList<>();
  private double waited;
  private long last;
  private int updates;

  /**
   * @param planned updates of the run, 1 or more
   * @param clips of an update
   * @param now nanoseconds
   */
  Throughput(long planned, int clips, long now) {
    this.excluded = (int) Math.min(EXCLUDED, planned / 2);
    this.clips = clips;
    this.last = now;
  }

  /**
   * An update was done.
   *
   * @param dataSeconds that it waited for clips
   * @param now nanoseconds, by the same clock
   */
  void update(double dataSeconds, long now) {
    updates++;
    if (updates > excluded) {
      seconds.add((now - last) / 1e9);
      waited += dataSeconds;
    }
    last = now;
  }

  /** What was measured, over at least one update. */
  Measured measured() {
    double sum = seconds.stream().mapToDouble(Double::doubleValue).sum();
    List<Double> sorted = new ArrayList<>(seconds);
    Collections.sort(sorted);
    long measured = seconds.size();
    return new Measured(
        updates,
        excluded,
        measured * clips,
        sum,
        measured * clips / sum,
        sum / measured,
        sorted.get(sorted.size() / 2),
        sorted.get(Math.min(sorted.size() - 1, sorted.size() * 9 / 10)),
        waited / measured);
  }

  /**
   * The pace of a run.
   *
   * @param updates done
   * @param excludedUpdates the first, that are left out of all that follows
   * @param clips trained
   * @param seconds that took
   * @param clipsPerSecond over all devices, waiting included
   * @param updateSeconds mean of an update, waiting included
   * @param updateSecondsMedian of the same
   * @param updateSecondsP90 nine of ten updates took less
   * @param dataSeconds mean of an update's waiting for clips
   */
  record Measured(
      int updates,
      int excludedUpdates,
      long clips,
      double seconds,
      double clipsPerSecond,
      double updateSeconds,
      double updateSecondsMedian,
      double updateSecondsP90,
      double dataSeconds) {}
}
