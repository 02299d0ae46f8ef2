package x3d.kernel;

import java.nio.FloatBuffer;
import java.util.List;

/** (x [N, C, T, H, W], center, scale, shift, each [N or 1, C]) → u sigmoid(u) with u = (x - center) scale + shift. */
public final class AffineSwish implements Kernel {
  @Override
  public Work plan(List<long[]> inputs) {
    long[] x = inputs.get(0);
    ChannelWork.requireVolumes("x", x);
    ChannelWork.requireAffine(inputs, 1, x);
    int size = ChannelWork.volumeSize(x);
    List<long[]> outputs = List.of(x.clone());
    return new ChannelWork(x) {
      @Override
      public List<long[]> outputs() {
        return outputs;
      }

      @Override
      void run(int from, int to, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch) {
        float[] values = scratch.floats(0, size);
        for (int n = 0; n < samples; n++) {
          for (int c = from; c < to; c++) {
            int at = volume(n, c) * size;
            in[0].get(at, values, 0, size);
            Volumes.affineSwish(
                values, size, number(in[1], n, c), number(in[2], n, c), number(in[3], n, c));
            out[0].put(at, values, 0, size);
          }
        }
      }
    };
  }
}
