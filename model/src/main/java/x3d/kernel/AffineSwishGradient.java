package x3d.kernel;

import java.nio.FloatBuffer;
import java.util.List;

/**
 * Gradient of {@link AffineSwish}: (dz, x, center, scale, shift) → dx and, [N, C] each, the sums over a volume of g and of
 * g (x - center), where g is the gradient of u.
 */
public final class AffineSwishGradient implements Kernel {
  @Override
  public Work plan(List<long[]> inputs) {
    long[] x = inputs.get(1);
    ChannelWork.requireVolumes("x", x);
    ChannelWork.requireSame("dz", inputs.get(0), x);
    ChannelWork.requireAffine(inputs, 2, x);
    int size = ChannelWork.volumeSize(x);
    List<long[]> outputs = List.of(x.clone(), ChannelWork.numbers(x), ChannelWork.numbers(x));
    return new ChannelWork(x) {
      @Override
      public List<long[]> outputs() {
        return outputs;
      }

      @Override
      void run(int from, int to, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch) {
        float[] d = scratch.floats(0, size);
        float[] values = scratch.floats(1, size);
        float[] sums = scratch.floats(2, 2 * Lanes.COUNT);
        for (int n = 0; n < samples; n++) {
          for (int c = from; c < to; c++) {
            int v = volume(n, c);
            in[0].get(v * size, d, 0, size);
            in[1].get(v * size, values, 0, size);
            Volumes.affineSwishGradient(
                values,
                d,
                size,
                number(in[2], n, c),
                number(in[3], n, c),
                number(in[4], n, c),
                sums);
            out[0].put(v * size, d, 0, size);
            out[1].put(v, (float) Lanes.sum(sums, 0));
            out[2].put(v, (float) Lanes.sum(sums, Lanes.COUNT));
          }
        }
      }
    };
  }
}
