package x3d.kernel;

import java.nio.FloatBuffer;
import java.util.List;

/** x [N, C, T, H, W] → mean [N, C] of each volume and squares [N, C], the sum of the squared deviations from it. */
public final class Moments implements Kernel {
  @Override
  public Work plan(List<long[]> inputs) {
    long[] x = inputs.get(0);
    ChannelWork.requireVolumes("x", x);
    int size = ChannelWork.volumeSize(x);
    List<long[]> outputs = List.of(ChannelWork.numbers(x), ChannelWork.numbers(x));
    return new ChannelWork(x) {
      @Override
      public List<long[]> outputs() {
        return outputs;
      }

      @Override
      void run(int from, int to, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch) {
        float[] volume = scratch.floats(0, size);
        float[] sums = scratch.floats(1, 0);
        for (int n = 0; n < samples; n++) {
          for (int c = from; c < to; c++) {
            int v = volume(n, c);
            in[0].get(v * size, volume, 0, size);
            float mean = mean(volume, size, sums);
            out[0].put(v, mean);
            out[1].put(v, (float) Volumes.squares(volume, size, mean, sums));
          }
        }
      }
    };
  }

  /** {@code sums} is overwritten. */
  static float mean(float[] volume, int size, float[] sums) {
    return (float) (Volumes.sum(volume, size, sums) / size);
  }
}
