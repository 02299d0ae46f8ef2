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
    int outWidth = (int) y[4];
    List<long[]> outputs = List.of(y);
    return new ChannelWork(x) {
      @Override
      public List<long[]> outputs() {
        return outputs;
      }

      @Override
      void run(int from, int to, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch) {
        float[] values = scratch.floats(0, size);
        float[] taken = scratch.floats(1, outSize);
        for (int n = 0; n < samples; n++) {
          for (int c = from; c < to; c++) {
            int v = volume(n, c);
            in[0].get(v * size, values, 0, size);
            int at = 0;
            for (int y = 0; y < size / width; y++) {
              if (y % height % stride == 0) {
                take(values, y * width, taken, at);
                at += outWidth;
              }
            }
            out[0].put(v * outSize, taken, 0, outSize);
          }
        }
      }

      private void take(float[] row, int first, float[] taken, int to) {
        if (stride == 2) {
          Rows.takeHalf(row, first, outWidth, taken, to);
        } else {
          for (int x = 0; x < outWidth; x++) {
            taken[to + x] = row[first + x * stride];
          }
        }
      }
    };
  }
}
