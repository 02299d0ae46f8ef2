package x3d.tools.evaluate;

import java.util.ArrayList;
import java.util.List;
import x3d.tools.evaluate.Outcome.Prediction;

/**
 * Whether the model is as often right as it says: videos by the probability of the first answer, in bins of equal width, and in each
 * the mean of those probabilities beside the share of right answers. Both are from 0 to 1.
 *
 * @param ece the expected calibration error: the mean distance of the two, each bin weighed by its videos (Guo et al., On
 *     Calibration of Modern Neural Networks, 2017)
 */
record Calibration(double ece, List<Bin> bins) {
  private static final int BINS = 15;

  /** From {@code low}, exclusive but for the first, to {@code high}, inclusive; the last two are 0 without videos. */
  record Bin(double low, double high, int videos, double confidence, double accuracy) {}

  Calibration {
    bins = List.copyOf(bins);
  }

  static Calibration of(List<Prediction> predictions) {
    int[] videos = new int[BINS];
    int[] right = new int[BINS];
    double[] confidence = new double[BINS];
    for (Prediction p : predictions) {
      double said = p.answer().probability();
      int bin = (int) Math.max(0, Math.min(BINS - 1, Math.ceil(said * BINS) - 1));
      videos[bin]++;
      confidence[bin] += said;
      right[bin] += p.right() ? 1 : 0;
    }
    List<Bin> bins = new ArrayList<>();
    double distance = 0;
    for (int i = 0; i < BINS; i++) {
      int n = Math.max(1, videos[i]);
      bins.add(new Bin(
          (double) i / BINS,
          (i + 1.0) / BINS,
          videos[i],
          confidence[i] / n,
          (double) right[i] / n));
      distance += Math.abs(confidence[i] - right[i]);
    }
    return new Calibration(distance / Math.max(1, predictions.size()), bins);
  }
}
