package x3d.train;

import java.nio.FloatBuffer;
import x3d.collective.Collective;
import x3d.weights.ParameterLayout;

/**
 * BN statistics over many batches at fixed parameters, as {@code fvcore.nn.precise_bn} has them: the mean of the batches'
 * means, and as variance the mean of their variances plus the variance of their means.
 */
final class PreciseStatistics {
  private static final String MEAN = "running_mean";
  private static final String VARIANCE = "running_var";

  private final ParameterLayout layout;
  private final double[] sum;
  private final double[] squares;
  private int batches;

  PreciseStatistics(ParameterLayout layout) {
    this.layout = layout;
    this.sum = new double[layout.size()];
    this.squares = new double[layout.size()];
  }

  /** Adds a batch's means and variances, in the layout's order. */
  void add(FloatBuffer batch) {
    batches++;
    for (int i = 0; i < sum.length; i++) {
      double value = batch.get(i);
      sum[i] += value;
      squares[i] += value * value;
    }
  }

  /** Adds the batches of all ranks; to be called once, by every rank. */
  void share(Collective ranks) {
    ranks.sum(sum);
    ranks.sum(squares);
    double[] count = {batches};
    ranks.sum(count);
    batches = (int) count[0];
  }

  /** How many batches were added. */
  int batches() {
    return batches;
  }

  /** The statistics over all batches added. */
  float[] result() {
    float[] result = new float[sum.length];
    for (ParameterLayout.Slice slice : layout.slices()) {
      boolean variance = slice.name().endsWith(VARIANCE);
      int means =
          variance ? layout.slice(slice.name().replace(VARIANCE, MEAN)).offset() : slice.offset();
      for (int i = 0; i < slice.length(); i++) {
        double mean = sum[means + i] / batches;
        double spread = Math.max(0, squares[means + i] / batches - mean * mean);
        result[slice.offset() + i] =
            (float) (variance ? sum[slice.offset() + i] / batches + spread : mean);
      }
    }
    return result;
  }
}
