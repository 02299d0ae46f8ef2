package x3d.kernel;

import java.nio.FloatBuffer;
import java.util.List;

/** (dx, dy) → dx with dy added where {@link Subsample} took its elements from: the gradient of x and of what was taken. */
public final class SubsampleGradient implements Kernel {
  private final int stride;

  /** @param stride 1 or more */
  public SubsampleGradient(long stride) {
    this.stride = ChannelWork.requireCount("stride", stride);
  }

  @Override
  public Work plan(List<long[]> inputs) {
    long[] x = inputs.get(0);
    ChannelWork.requireVolumes("dx", x);
    long[] y = Subsample.sampled(x, stride);
    ChannelWork.requireSame("dy", inputs.get(1), y);
    int size = ChannelWork.volumeSize(x);
    int outSize = ChannelWork.volumeSize(y);
    int height = (int) x[3];
    int width = (int) x[4];
    List<long[]> outputs = List.of(x.clone());
    return new ChannelWork(x) {
      @Override
      public List<long[]> outputs() {
        return outputs;
      }

      @Override
      void run(int from, int to, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch) {
        float[] dx = scratch.floats(0, size);
        float[] dy = scratch.floats(1, outSize);
        for (int n = 0; n < samples; n++) {
          for (int c = from; c < to; c++) {
            int v = volume(n, c);
            in[0].get(v * size, dx, 0, size);
            in[1].get(v * outSize, dy, 0, outSize);
            int at = 0;
            for (int y = 0; y < size / width; y++) {
              if (y % height % stride == 0) {
                int row = y * width;
                for (int x = 0; x < width; x += stride) {
                  dx[row + x] += dy[at++];
                }
              }
            }
            out[0].put(v * size, dx, 0, size);
          }
        }
      }
    };
  }
}
