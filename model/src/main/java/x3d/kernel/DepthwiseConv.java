package x3d.kernel;

import java.nio.FloatBuffer;
import java.util.List;

/**
 * Channelwise convolution: x [N, C, T, H, W], w [C, 1, kT, kH, kW] → y [N, C, T, (H - 1) / stride + 1, (W - 1) / stride +
 * 1] and y's {@link Moments}, or the first of them alone. Padding is half the kernel, whose sides are odd. With center, scale and shift, each [N or
 * 1, C], x is read as max((x - center) scale + shift, 0).
 */
public final class DepthwiseConv implements Kernel {
  private final int stride;
  private final boolean squares;

  /**
   * @param stride of height and width
   * @param squares whether the second moment is wanted as well as the first
   */
  public DepthwiseConv(long stride, boolean squares) {
    this.stride = ChannelWork.requireCount("stride", stride);
    this.squares = squares;
  }

  @Override
  public Work plan(List<long[]> inputs) {
    long[] x = inputs.get(0);
    DepthwiseWindow window = window(x, inputs.get(1), stride);
    boolean affine = inputs.size() > 2;
    if (affine) {
      ChannelWork.requireAffine(inputs, 2, x);
    }
    long[] y = {x[0], x[1], x[2], window.outHeight, window.outWidth};
    ChannelWork.requireVolumes("y", y);
    long[] numbers = ChannelWork.numbers(x);
    List<long[]> outputs = squares ? List.of(y, numbers, numbers) : List.of(y, numbers);
    return new ChannelWork(x) {
      @Override
      public List<long[]> outputs() {
        return outputs;
      }

      @Override
      void run(int from, int to, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch) {
        int outSize = window.outSize();
        float[] values = scratch.floats(0, Math.max(window.size(), outSize));
        DepthwiseVolume volumes = new DepthwiseVolume(window, scratch);
        float[] sums = scratch.floats(4, 0);
        for (int c = from; c < to; c++) {
          volumes.kernel(in[1], c);
          for (int n = 0; n < samples; n++) {
            int v = volume(n, c);
            if (affine) {
              volumes.convolve(
                  in[0], v, number(in[2], n, c), number(in[3], n, c), number(in[4], n, c), values);
            } else {
              volumes.convolve(in[0], v, values);
            }
            float mean = Moments.mean(values, outSize, sums);
            out[1].put(v, mean);
            if (squares) {
              out[2].put(v, (float) Volumes.squares(values, outSize, mean, sums));
            }
            out[0].put(v * outSize, values, 0, outSize);
          }
        }
      }
    };
  }

  static DepthwiseWindow window(long[] x, long[] w, int stride) {
    ChannelWork.requireVolumes("x", x);
    ChannelWork.require(
        w.length == 5 && w[0] == x[1] && w[1] == 1, "w must be [" + x[1] + ", 1, kT, kH, kW]", w);
    ChannelWork.requireVolumes("w", w);
    return new DepthwiseWindow(
        Math.toIntExact(x[2]),
        Math.toIntExact(x[3]),
        Math.toIntExact(x[4]),
        Math.toIntExact(w[2]),
        Math.toIntExact(w[3]),
        Math.toIntExact(w[4]),
        stride);
  }
}
