package x3d.train;

import java.nio.FloatBuffer;
import java.util.Arrays;
import x3d.collective.Collective;

/** Sums over some clips: loss, errors, and where the time went. Not for several threads at once. */
final class Meter {
  private double loss;
  private long clips;
  private long wrong1;
  private long wrong5;
  private long dataNanos;
  private long stepNanos;
  private int iterations;

  /**
   * Counts clips.
   *
   * @param meanLoss mean over them
   * @param scores their scores, one row of {@code labels.length} x {@code classes}, from position 0
   */
  void clips(double meanLoss, FloatBuffer scores, int classes, int[] labels) {
    loss += meanLoss * labels.length;
    scores(scores, classes, labels);
  }

  /** Counts clips whose loss is of no interest, leaving out places that are {@link Batch#EMPTY}. */
  void scores(FloatBuffer scores, int classes, int[] labels) {
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == Batch.EMPTY) {
        continue;
      }
      clips++;
      int rank = rank(scores, i * classes, classes, labels[i]);
      wrong1 += rank >= 1 ? 1 : 0;
      wrong5 += rank >= 5 ? 1 : 0;
    }
  }

  /** How many classes score higher than {@code label}; of equal scores the lower class comes first. */
  static int rank(FloatBuffer scores, int row, int classes, int label) {
    float own = scores.get(row + label);
    int rank = 0;
    for (int k = 0; k < classes; k++) {
      float other = scores.get(row + k);
      // a NaN of its own is never right
      if (k != label && (other > own || (other == own && k < label) || Float.isNaN(own))) {
        rank++;
      }
    }
    return rank;
  }

  /** Counts an iteration and where its time went. */
  void iteration(long dataNanos, long stepNanos) {
    iterations++;
    this.dataNanos += dataNanos;
    this.stepNanos += stepNanos;
  }

  /** Adds all of another. */
  void add(Meter other) {
    loss += other.loss;
    clips += other.clips;
    wrong1 += other.wrong1;
    wrong5 += other.wrong5;
    dataNanos += other.dataNanos;
    stepNanos += other.stepNanos;
    iterations += other.iterations;
  }

  /**
   * Sums clips over the ranks: after this all have the same. To be called once, by every rank.
   *
   * @param more summed as well, in the same exchange
   */
  void share(Collective ranks, double[] more) {
    double[] sums = Arrays.copyOf(new double[] {loss, clips, wrong1, wrong5}, 4 + more.length);
    System.arraycopy(more, 0, sums, 4, more.length);
    ranks.sum(sums);
    loss = sums[0];
    clips = (long) sums[1];
    wrong1 = (long) sums[2];
    wrong5 = (long) sums[3];
    System.arraycopy(sums, 4, more, 0, more.length);
  }

  long clips() {
    return clips;
  }

  /** Mean loss a clip. */
  double loss() {
    return loss / clips;
  }

  /** Percentage of clips whose label does not score highest. */
  double top1Error() {
    return 100.0 * wrong1 / clips;
  }

  /** Percentage of clips whose label is not among the five highest scores. */
  double top5Error() {
    return 100.0 * wrong5 / clips;
  }

  /** Seconds an iteration that training waited for clips. */
  double dataSeconds() {
    return dataNanos / 1e9 / iterations;
  }

  /** Seconds an iteration from clips to new parameters. */
  double stepSeconds() {
    return stepNanos / 1e9 / iterations;
  }

  /** Clips a second over all devices, waiting included. */
  double clipsPerSecond() {
    return clips / ((dataNanos + stepNanos) / 1e9);
  }
}
