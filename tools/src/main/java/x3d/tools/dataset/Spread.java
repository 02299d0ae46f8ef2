package x3d.tools.dataset;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * How values are spread. Of none, all numbers are 0.
 *
 * @param p5 a twentieth of the values is below it
 * @param p95 a twentieth is above it
 */
record Spread(
    double min,
    double p5,
    double median,
    double p95,
    double max,
    double mean,
    Histogram histogram) {
  static Spread of(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    if (sorted.length == 0) {
      return new Spread(0, 0, 0, 0, 0, 0, Histogram.of(sorted));
    }
    return new Spread(
        sorted[0],
        at(sorted, 0.05),
        at(sorted, 0.5),
        at(sorted, 0.95),
        sorted[sorted.length - 1],
        Arrays.stream(sorted).average().orElseThrow(),
        Histogram.of(sorted));
  }

  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
