package x3d.tools.run;

import java.util.Arrays;

/**
 * Values by step, of which no more than so many points are kept: once there are more, every two neighbours become one, so that in
 * the end each stands for as many values, a power of two of them. The same values give the same points, read in whatever pieces.
 */
final class Curve {
  /** What a point tells of the values it stands for. */
  enum Reduction {
    MEAN("the mean"),
    GREATEST("the greatest"),
    LAST("the last");

    private final String words;

    Reduction(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  private final Reduction reduction;
  private final long[] steps;
  private final double[] results;
  /** How many numbers a result stands for; NaN is none. */
  private final long[] counts;

  private int size;
  private long width = 1;
  private long values;

  /** @param capacity points at most, even */
  Curve(int capacity, Reduction reduction) {
    if (capacity < 2 || capacity % 2 != 0) {
      throw new IllegalArgumentException("capacity " + capacity + "; it must be even");
    }
    this.reduction = reduction;
    this.steps = new long[capacity];
    this.results = new double[capacity];
    this.counts = new long[capacity];
  }

  /** Forgets all. */
  void clear() {
    size = 0;
    width = 1;
    values = 0;
  }

  /** @param step no less than that before */
  void add(long step, double value) {
    if (values % width == 0) {
      if (size == steps.length) {
        halve();
      }
      if (values % width == 0) {
        results[size] = Double.NaN;
        counts[size] = 0;
        size++;
      }
    }
    int point = size - 1;
    steps[point] = step;
    join(point, value, Double.isNaN(value) ? 0 : 1);
    values++;
  }

  private void halve() {
    for (int i = 0; i < size / 2; i++) {
      double second = results[2 * i + 1];
      long count = counts[2 * i + 1];
      results[i] = results[2 * i];
      counts[i] = counts[2 * i];
      steps[i] = steps[2 * i + 1];
      join(i, second, count);
    }
    size /= 2;
    width *= 2;
  }

  private void join(int point, double value, long count) {
    if (count == 0) {
      return;
    }
    double before = results[point];
    long sum = counts[point] + count;
    results[point] = counts[point] == 0
        ? value
        : switch (reduction) {
          case MEAN -> before + (value - before) * count / sum;
          case GREATEST -> Math.max(before, value);
          case LAST -> value;
        };
    counts[point] = sum;
  }

  boolean isEmpty() {
    return size == 0;
  }

  Reduction reduction() {
    return reduction;
  }

  /** How many values a point stands for, the last one perhaps fewer. */
  long width() {
    return width;
  }

  /** The last step that each point stands for. */
  double[] steps() {
    return Arrays.stream(steps, 0, size).asDoubleStream().toArray();
  }

  /** As many; NaN where there was no number. */
  double[] points() {
    return Arrays.copyOf(results, size);
  }
}
