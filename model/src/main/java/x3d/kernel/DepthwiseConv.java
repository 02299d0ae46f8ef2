package x3d.kernel;

import java.nio.FloatBuffer;
import java.util.List;

/**
 * Channelwise convolution: x [N, C, T, H, W], w [C, 1, kT, kH, kW] → y [N, C, T, (H - 1) / stride + 1, (W - 1) / stride +
 * 1] and y's {@link Moments}. Padding is half the kernel, whose sides are odd. With center, scale and shift, each [N or
 * 1, C], x is read as max((x - center) scale + shift, 0).
 */
public final class DepthwiseConv implements Kernel {
  private final int stride;

  /** @param stride of height and width */
  public DepthwiseConv(int stride) {
    this.stride = stride;
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
    List<long[]> outputs = List.of(y, ChannelWork.numbers(x), ChannelWork.numbers(x));
    return new ChannelWork(x) {
      @Override
      public List<long[]> outputs() {
        return outputs;
      }

      @Override
      void run(int from, int to, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch) {
        int size = window.size();
        int outSize = window.outSize();
        int area = window.kernelArea * window.kernelFrames;
        float[] values = scratch.floats(0, Math.max(size, outSize));
        float[] padded = scratch.floats(1, window.padded());
        float[] grid = scratch.floats(2, window.grid());
        float[] kernel = scratch.floats(3, area);
        float[] sums = scratch.floats(4, 0);
        Rows.clear(padded, window.padded());
        for (int c = from; c < to; c++) {
          readKernel(window, in[1], c, kernel);
          for (int n = 0; n < samples; n++) {
            int v = volume(n, c);
            in[0].get(v * size, values, 0, size);
            if (affine) {
              Volumes.affineRelu(
                  values,
                  values,
                  size,
                  number(in[2], n, c),
                  number(in[3], n, c),
                  number(in[4], n, c));
            }
            Rows.spread(window, values, padded);
            Correlation.convolve(window, padded, window.taps, window.kernelArea, kernel, grid, 0);
            Rows.gather(window, grid, values);
            Moments.write(values, outSize, sums, out[1], out[2], v);
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
    return new DepthwiseWindow(
        Math.toIntExact(x[2]),
        Math.toIntExact(x[3]),
        Math.toIntExact(x[4]),
        Math.toIntExact(w[2]),
        Math.toIntExact(w[3]),
        Math.toIntExact(w[4]),
        stride);
  }

  /** A channel's kernel, the frames of one element side by side. */
  static void readKernel(DepthwiseWindow window, FloatBuffer w, int c, float[] kernel) {
    int area = window.kernelArea;
    int frames = window.kernelFrames;
    for (int k = 0; k < frames; k++) {
      for (int s = 0; s < area; s++) {
        kernel[s * frames + k] = w.get((c * frames + k) * area + s);
      }
    }
  }
}
