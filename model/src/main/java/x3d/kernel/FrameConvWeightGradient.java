package x3d.kernel;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * (dy [N, O, T, OH, OW], x [N, I, T, H, W]) → for each sample the gradient [N, O, I, 1, kH, kW] of the weight of a
 * convolution of each frame by itself, padding half the kernel, that made y of x. For few input channels: the standard
 * operators copy x once for each element of the kernel.
 */
public final class FrameConvWeightGradient implements Kernel {
  /** Outputs, and elements of the kernel, whose products are summed at a time. */
  private static final int BLOCK = 4;

  private static final int LANES = Lanes.COUNT;

  /** Positions at a time: those of all channels together stay in the L1 cache. */
  private static final int PART = 16 * LANES;

  private final int height;
  private final int width;
  private final int stride;

  /** @param height and {@code width}: of the kernel, odd */
  public FrameConvWeightGradient(long height, long width, long stride) {
    this.height = odd("height", height);
    this.width = odd("width", width);
    this.stride = ChannelWork.requireCount("stride", stride);
  }

  private static int odd(String side, long value) {
    if (value % 2 == 0) {
      throw new IllegalArgumentException("the kernel's " + side + " must be odd, got " + value);
    }
    return ChannelWork.requireCount("the kernel's " + side, value);
  }

  @Override
  public Work plan(List<long[]> inputs) {
    long[] dy = inputs.get(0);
    long[] x = inputs.get(1);
    ChannelWork.requireVolumes("x", x);
    ChannelWork.requireVolumes("dy", dy);
    DepthwiseWindow window =
        new DepthwiseWindow(1, (int) x[3], (int) x[4], 1, height, width, stride);
    ChannelWork.requireSame(
        "dy", dy, new long[] {x[0], dy[1], x[2], window.outHeight, window.outWidth});
    return new FrameWork(window, x, dy, new long[] {x[0], dy[1], x[1], 1, height, width});
  }

  /** A piece is a sample. */
  private static final class FrameWork implements Work {
    private final DepthwiseWindow window;
    private final int samples;
    private final int frames;
    private final int channels;
    private final int outChannels;
    private final List<long[]> outputs;
    /** For each element of a kernel [I, kH, kW] where it meets the channels' phases, which lie one after the other. */
    private final int[] taps;
    /** Rows and columns of the sums: outputs and elements of the kernel, rounded up to blocks. */
    private final int rows;

    private final int columns;

    FrameWork(DepthwiseWindow window, long[] x, long[] dy, long[] dw) {
      this.window = window;
      samples = (int) x[0];
      channels = (int) x[1];
      frames = (int) x[2];
      outChannels = (int) dy[1];
      outputs = List.of(dw);
      taps = new int[channels * window.kernelArea];
      rows = (outChannels + BLOCK - 1) / BLOCK * BLOCK;
      columns = (taps.length + BLOCK - 1) / BLOCK * BLOCK;
      for (int i = 0; i < taps.length; i++) {
        taps[i] = i / window.kernelArea * window.padded() + window.taps[i % window.kernelArea];
      }
    }

    @Override
    public List<long[]> outputs() {
      return outputs;
    }

    @Override
    public int pieces() {
      return samples;
    }

    @Override
    public void run(int n, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch) {
      int size = window.size();
      int outSize = window.outSize();
      float[] compact = scratch.floats(0, Math.max(size, outSize));
      float[] one = scratch.floats(1, Math.max(window.padded(), window.phase));
      float[] padded = scratch.floats(2, channels * window.padded());
      float[] dy = scratch.floats(3, outChannels * window.phase);
      float[] sums = scratch.floats(4, rows * columns * LANES);
      Rows.clear(one, window.padded());
      Arrays.fill(sums, 0, rows * columns * LANES, 0);
      for (int t = 0; t < frames; t++) {
        for (int c = 0; c < channels; c++) {
          in[1].get(((n * channels + c) * frames + t) * size, compact, 0, size);
          Rows.spread(window, compact, one);
          System.arraycopy(one, 0, padded, c * window.padded(), window.padded());
        }
        Rows.clear(one, window.phase);
        for (int o = 0; o < outChannels; o++) {
          in[0].get(((n * outChannels + o) * frames + t) * outSize, compact, 0, outSize);
          Rows.spreadGrid(window, compact, one);
          System.arraycopy(one, 0, dy, o * window.phase, window.phase);
        }
        Rows.clear(one, window.padded());
        for (int p = 0; p < window.positions; p += PART) {
          int end = Math.min(p + PART, window.positions);
          for (int o = 0; o < outChannels; o += BLOCK) {
            for (int k = 0; k < taps.length; k += BLOCK) {
              addProducts(padded, dy, o, k, p, end, sums);
            }
          }
        }
      }
      for (int o = 0; o < outChannels; o++) {
        for (int k = 0; k < taps.length; k++) {
          int sum = (o * columns + k) * LANES;
          out[0].put((n * outChannels + o) * taps.length + k, (float) Lanes.sum(sums, sum));
        }
      }
    }

    private void addProducts(
        float[] padded, float[] dy, int o, int k, int from, int end, float[] sums) {
      int o0 = dyOf(o);
      int o1 = dyOf(o + 1);
      int o2 = dyOf(o + 2);
      int o3 = dyOf(o + 3);
      int k0 = tap(k);
      int k1 = tap(k + 1);
      int k2 = tap(k + 2);
      int k3 = tap(k + 3);
      int at = (o * columns + k) * LANES;
      int row = columns * LANES;
      FloatVector a0 = FloatVector.fromArray(Lanes.FLOATS, sums, at);
      FloatVector a1 = FloatVector.fromArray(Lanes.FLOATS, sums, at + LANES);
      FloatVector a2 = FloatVector.fromArray(Lanes.FLOATS, sums, at + 2 * LANES);
      FloatVector a3 = FloatVector.fromArray(Lanes.FLOATS, sums, at + 3 * LANES);
      FloatVector b0 = FloatVector.fromArray(Lanes.FLOATS, sums, at + row);
      FloatVector b1 = FloatVector.fromArray(Lanes.FLOATS, sums, at + row + LANES);
      FloatVector b2 = FloatVector.fromArray(Lanes.FLOATS, sums, at + row + 2 * LANES);
      FloatVector b3 = FloatVector.fromArray(Lanes.FLOATS, sums, at + row + 3 * LANES);
      FloatVector c0 = FloatVector.fromArray(Lanes.FLOATS, sums, at + 2 * row);
      FloatVector c1 = FloatVector.fromArray(Lanes.FLOATS, sums, at + 2 * row + LANES);
      FloatVector c2 = FloatVector.fromArray(Lanes.FLOATS, sums, at + 2 * row + 2 * LANES);
      FloatVector c3 = FloatVector.fromArray(Lanes.FLOATS, sums, at + 2 * row + 3 * LANES);
      FloatVector d0 = FloatVector.fromArray(Lanes.FLOATS, sums, at + 3 * row);
      FloatVector d1 = FloatVector.fromArray(Lanes.FLOATS, sums, at + 3 * row + LANES);
      FloatVector d2 = FloatVector.fromArray(Lanes.FLOATS, sums, at + 3 * row + 2 * LANES);
      FloatVector d3 = FloatVector.fromArray(Lanes.FLOATS, sums, at + 3 * row + 3 * LANES);
      for (int p = from; p < end; p += LANES) {
        FloatVector x0 = FloatVector.fromArray(Lanes.FLOATS, padded, k0 + p);
        FloatVector x1 = FloatVector.fromArray(Lanes.FLOATS, padded, k1 + p);
        FloatVector x2 = FloatVector.fromArray(Lanes.FLOATS, padded, k2 + p);
        FloatVector x3 = FloatVector.fromArray(Lanes.FLOATS, padded, k3 + p);
        FloatVector g = FloatVector.fromArray(Lanes.FLOATS, dy, o0 + p);
        a0 = x0.fma(g, a0);
        a1 = x1.fma(g, a1);
        a2 = x2.fma(g, a2);
        a3 = x3.fma(g, a3);
        g = FloatVector.fromArray(Lanes.FLOATS, dy, o1 + p);
        b0 = x0.fma(g, b0);
        b1 = x1.fma(g, b1);
        b2 = x2.fma(g, b2);
        b3 = x3.fma(g, b3);
        g = FloatVector.fromArray(Lanes.FLOATS, dy, o2 + p);
        c0 = x0.fma(g, c0);
        c1 = x1.fma(g, c1);
        c2 = x2.fma(g, c2);
        c3 = x3.fma(g, c3);
        g = FloatVector.fromArray(Lanes.FLOATS, dy, o3 + p);
        d0 = x0.fma(g, d0);
        d1 = x1.fma(g, d1);
        d2 = x2.fma(g, d2);
        d3 = x3.fma(g, d3);
      }
      a0.intoArray(sums, at);
      a1.intoArray(sums, at + LANES);
      a2.intoArray(sums, at + 2 * LANES);
      a3.intoArray(sums, at + 3 * LANES);
      b0.intoArray(sums, at + row);
      b1.intoArray(sums, at + row + LANES);
      b2.intoArray(sums, at + row + 2 * LANES);
      b3.intoArray(sums, at + row + 3 * LANES);
      c0.intoArray(sums, at + 2 * row);
      c1.intoArray(sums, at + 2 * row + LANES);
      c2.intoArray(sums, at + 2 * row + 2 * LANES);
      c3.intoArray(sums, at + 2 * row + 3 * LANES);
      d0.intoArray(sums, at + 3 * row);
      d1.intoArray(sums, at + 3 * row + LANES);
      d2.intoArray(sums, at + 3 * row + 2 * LANES);
      d3.intoArray(sums, at + 3 * row + 3 * LANES);
    }

    /** Of a block that reaches over the end the last one stands in, and its sums are ignored. */
    private int dyOf(int o) {
      return Math.min(o, outChannels - 1) * window.phase + window.lead;
    }

    private int tap(int k) {
      return taps[Math.min(k, taps.length - 1)];
    }
  }
}
