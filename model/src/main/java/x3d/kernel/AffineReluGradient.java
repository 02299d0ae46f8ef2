package x3d.kernel;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Gradient of {@link AffineRelu} with y its result and g = dy where y is above 0, else 0: (dy, y, x, center, scale) → dx
 * = g scale and, [N, C] each, the sums over a volume of g and of g (x - center). With (shortcut, center, scale) of a
 * shortcut behind these, two outputs more: its gradient and its sum of g (shortcut - center). With the attribute {@code
 * shortcut} and without these inputs, one more: the gradient of a plain shortcut, g.
 */
public final class AffineReluGradient implements Kernel {
  private final boolean plainShortcut;

  public AffineReluGradient(boolean plainShortcut) {
    this.plainShortcut = plainShortcut;
  }

  @Override
  public Work plan(List<long[]> inputs) {
    long[] x = inputs.get(2);
    ChannelWork.requireVolumes("x", x);
    ChannelWork.requireSame("dy", inputs.get(0), x);
    ChannelWork.requireSame("y", inputs.get(1), x);
    ChannelWork.requireNumbers("center", inputs.get(3), x);
    ChannelWork.requireNumbers("scale", inputs.get(4), x);
    boolean affine = inputs.size() > 5;
    List<long[]> outputs =
        new ArrayList<>(List.of(x.clone(), ChannelWork.numbers(x), ChannelWork.numbers(x)));
    if (affine || plainShortcut) {
      outputs.add(x.clone());
    }
    if (affine) {
      ChannelWork.requireInputs("a shortcut's center and scale come with it", inputs, 8);
      ChannelWork.requireSame("shortcut", inputs.get(5), x);
      ChannelWork.requireNumbers("shortcut's center", inputs.get(6), x);
      ChannelWork.requireNumbers("shortcut's scale", inputs.get(7), x);
      outputs.add(ChannelWork.numbers(x));
    }
    int size = ChannelWork.volumeSize(x);
    return new ChannelWork(x) {
      @Override
      public List<long[]> outputs() {
        return outputs;
      }

      @Override
      void run(int from, int to, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch) {
        float[] g = scratch.floats(0, size);
        float[] values = scratch.floats(1, size);
        float[] sums = scratch.floats(2, 2 * Lanes.COUNT);
        for (int n = 0; n < samples; n++) {
          for (int c = from; c < to; c++) {
            int v = volume(n, c);
            int at = v * size;
            in[0].get(at, g, 0, size);
            in[1].get(at, values, 0, size);
            Volumes.maskByOutput(values, g, size);
            if (affine) {
              in[5].get(at, values, 0, size);
              Volumes.products(values, g, size, number(in[6], n, c), sums);
              out[4].put(v, (float) Lanes.sum(sums, Lanes.COUNT));
              Volumes.scale(g, values, size, number(in[7], n, c));
              out[3].put(at, values, 0, size);
            } else if (plainShortcut) {
              out[3].put(at, g, 0, size);
            }
            in[2].get(at, values, 0, size);
            Volumes.products(values, g, size, number(in[3], n, c), sums);
            out[1].put(v, (float) Lanes.sum(sums, 0));
            out[2].put(v, (float) Lanes.sum(sums, Lanes.COUNT));
            Volumes.scale(g, g, size, number(in[4], n, c));
            out[0].put(at, g, 0, size);
          }
        }
      }
    };
  }
}
