package x3d.weights;

import java.util.Arrays;
import java.util.Random;

/** How a parameter or a running statistic starts. The rules are those of SlowFast's {@code utils/weight_init_helper.py}. */
public enum Initialization {
  /**
   * Convolutions: normal with variance 2 / (out · kt · kh · kw), fvcore's {@code c2_msra_fill}. As in PyTorch, groups do
   * not count: a depthwise 3x3x3 of 54 channels has fan-out 54 · 27.
   */
  MSRA_FAN_OUT {
    @Override
    void fill(float[] flat, int offset, int length, int[] shape, Random random) {
      double fanOut = shape[0];
      for (int axis = 2; axis < shape.length; axis++) {
        fanOut *= shape[axis];
      }
      normal(flat, offset, length, Math.sqrt(2 / fanOut), random);
    }
  },
  /** The classifier's weight: normal with standard deviation 0.01, SlowFast's {@code MODEL.FC_INIT_STD}. */
  CLASSIFIER_NORMAL {
    @Override
    void fill(float[] flat, int offset, int length, int[] shape, Random random) {
      normal(flat, offset, length, 0.01, random);
    }
  },
  /** BN's gamma and running variance. */
  ONE {
    @Override
    void fill(float[] flat, int offset, int length, int[] shape, Random random) {
      Arrays.fill(flat, offset, offset + length, 1);
    }
  },
  /** Every bias, BN's beta and running mean, and the gamma of each block's last BN. */
  ZERO {
    @Override
    void fill(float[] flat, int offset, int length, int[] shape, Random random) {
      Arrays.fill(flat, offset, offset + length, 0);
    }
  };

  /** Fills {@code flat[offset, offset + length)}, the elements of a tensor of this shape. */
  abstract void fill(float[] flat, int offset, int length, int[] shape, Random random);

  private static void normal(float[] flat, int offset, int length, double std, Random random) {
    for (int i = offset; i < offset + length; i++) {
      flat[i] = (float) (std * random.nextGaussian());
    }
  }
}
