package x3d.kernel;

import java.nio.FloatBuffer;
import java.util.List;

/**
 * (dx, x, mean, dmean, dsquares) → dx + dmean / V + 2 dsquares (x - mean), with V elements a volume: the gradient of what
 * uses x itself, and of what uses its {@link Moments}.
 */
public final class MomentsGradient implements Kernel {
  @Override
  public Work plan(List<long[]> inputs) {
    long[] x = inputs.get(1);
    ChannelWork.requireVolumes("x", x);
    ChannelWork.requireSame("dx", inputs.get(0), x);
    ChannelWork.requireNumbers("mean", inputs.get(2), x);
    ChannelWork.requireNumbers("dmean", inputs.get(3), x);
    ChannelWork.requireNumbers("dsquares", inputs.get(4), x);
    int size = ChannelWork.volumeSize(x);
    List<long[]> outputs = List.of(x.clone());
    return new ChannelWork(x) {
      @Override
      public List<long[]> outputs() {
        return outputs;
      }

      @Override
      void run(int from, int to, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch) {
        float[] d = scratch.floats(0, size);
        float[] values = scratch.floats(1, size);
        for (int n = 0; n < samples; n++) {
          for (int c = from; c < to; c++) {
            int at = volume(n, c) * size;
            in[0].get(at, d, 0, size);
            in[1].get(at, values, 0, size);
            float mean = number(in[2], n, c);
            float constant = number(in[3], n, c) / size;
            Volumes.addLine(values, d, size, mean, constant, 2 * number(in[4], n, c));
            out[0].put(at, d, 0, size);
          }
        }
      }
    };
  }
}
