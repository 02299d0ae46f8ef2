package x3d.kernel;

import java.nio.FloatBuffer;
import java.util.List;

/** x [N, C, T, H, W] → every stride-th row and column of it, from the first on. */
public final class Subsample implements Kernel {
  private final int stride;

  /** @param stride 1 or more */
  public Subsample(long stride) {
    this.stride = ChannelWork.requireCount("stride", stride);
  }

  static long[] sampled(long[] x, int stride) {
    return new long[] {x[0], x[1], x[2], (x[3] - 1) / stride + 1, (x[4] - 1) / stride + 1};
  }

  @Override
  public Work plan(List<long[]> inputs) {
    long[] x = inputs.get(0);
    ChannelWork.requireVolumes("x", x);
    int size = ChannelWork.volumeSize(x);
    int height = (int) x[3];
    int width = (int) x[4];
    long[] y = sampled(x, stride);
    int outSize = ChannelWork.volumeSize(y);
    List<long[]> outputs = List.of(y);
    return new ChannelWork(x) {
      @Override
      public List<long[]> outputs() {
        return outputs;
      }

      @Override
      void run(int from, int to, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch) {
        float[] row = scratch.floats(0, width);
        float[] taken = scratch.floats(1, outSize);
        for (int n = 0; n < samples; n++) {
          for (int c = from; c < to; c++) {
            int v = volume(n, c);
            int at = 0;
            for (int y = 0; y < size / width; y++) {
              if (y % height % stride == 0) {
                in[0].get(v * size + y * width, row, 0, width);
                for (int x = 0; x < width; x += stride) {
                  taken[at++] = row[x];
                }
              }
            }
            out[0].put(v * outSize, taken, 0, outSize);
          }
        }
      }
    };
  }
}
