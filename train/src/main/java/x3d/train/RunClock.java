package x3d.train;

/** Time spent on a run, over all its parts, and how long it will still take. */
final class RunClock {
  private final double before;
  private final long start = System.nanoTime();
  private long busy;
  private long mark = start;
  private long iterations;

  /** @param before seconds that earlier parts of the run took */
  RunClock(double before) {
    this.before = before;
  }

  /** Seconds so far. */
  double seconds() {
    return before + (System.nanoTime() - start) / 1e9;
  }

  /** An iteration begins now: what came before since the last one was no training. */
  void startIterations() {
    mark = System.nanoTime();
  }

  /** An iteration ends now, and the next begins. */
  void iterationDone() {
    long now = System.nanoTime();
    busy += now - mark;
    mark = now;
    iterations++;
  }

  /** Time for so many more iterations at the pace so far, as days, hours, minutes and seconds. */
  String eta(long remaining) {
    long seconds = iterations == 0 ? 0 : Math.round(busy / 1e9 / iterations * remaining);
    String time =
        String.format("%d:%02d:%02d", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    return seconds < 86_400 ? time : seconds / 86_400 + " days, " + time;
  }
}
