package x3d.tools.dataset;

import java.util.Arrays;

/**
 * How often values occur, in steps of a round width: a hundred numbers at most, whatever the number of values.
 *
 * @param start where the first step begins
 * @param step its width: 1, 2 or 5 times a power of 10
 * @param counts values of each step, its lower end included; of the last one, all from there on
 */
record Histogram(double start, double step, int[] counts) {
  private static final int STEPS = 40;

  /** Below which share of the values the steps reach: the few largest would make all others one step. */
  private static final double REACH = 0.99;

  /** @param sorted ascending; without any there are no steps */
  static Histogram of(double[] sorted) {
    if (sorted.length == 0) {
      return new Histogram(0, 1, new int[0]);
    }
    double low = sorted[0];
    double high = sorted[(int) Math.ceil(REACH * (sorted.length - 1))];
    double step = round((high - low) / STEPS);
    double start = Math.floor(low / step) * step;
    int[] counts = new int[(int) ((high - start) / step) + 1];
    for (double value : sorted) {
      counts[Math.min((int) ((value - start) / step), counts.length - 1)]++;
    }
    return new Histogram(start, step, counts);
  }

  /** The next round number. */
  private static double round(double width) {
    if (width <= 0) {
      return 1;
    }
    double power = Math.pow(10, Math.floor(Math.log10(width)));
    double part = width / power;
    return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
  }

  /** Where the middle of each step is. */
  double[] middles() {
    double[] middles = new double[counts.length];
    Arrays.setAll(middles, i -> start + (i + 0.5) * step);
    return middles;
  }

  @Override
  public int[] counts() {
    return counts.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Histogram that
        && start == that.start
        && step == that.step
        && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }
}
