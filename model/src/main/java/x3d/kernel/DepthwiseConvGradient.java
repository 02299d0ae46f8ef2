package x3d.kernel;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Gradients of {@link DepthwiseConv}: (dy, y, mean, dmean, dsquares, x, w) → dx, dw. With center, scale and shift behind
 * these, dx is that of x before they apply, and two outputs more, [N, C] each, are the sums over a volume of g and of g
 * (x - center), where g is the gradient of (x - center) scale + shift.
 */
public final class DepthwiseConvGradient implements Kernel {
  private final int stride;

  /** @param stride of height and width */
  public DepthwiseConvGradient(long stride) {
    this.stride = ChannelWork.requireCount("stride", stride);
  }

  @Override
  public Work plan(List<long[]> inputs) {
    long[] x = inputs.get(5);
    long[] w = inputs.get(6);
    DepthwiseWindow window = DepthwiseConv.window(x, w, stride);
    long[] y = {x[0], x[1], x[2], window.outHeight, window.outWidth};
    ChannelWork.requireSame("dy", inputs.get(0), y);
    ChannelWork.requireSame("y", inputs.get(1), y);
    ChannelWork.requireNumbers("mean", inputs.get(2), x);
    ChannelWork.requireNumbers("dmean", inputs.get(3), x);
    ChannelWork.requireNumbers("dsquares", inputs.get(4), x);
    boolean affine = inputs.size() > 7;
    if (affine) {
      ChannelWork.requireAffine(inputs, 7, x);
    }
    long[] sums = ChannelWork.numbers(x);
    List<long[]> outputs =
        affine ? List.of(x.clone(), w.clone(), sums, sums) : List.of(x.clone(), w.clone());
    return new GradientWork(window, x, affine, outputs);
  }

  private static final class GradientWork extends ChannelWork {
    private final DepthwiseWindow window;
    private final boolean affine;
    private final List<long[]> outputs;
    /** For each phase of x its elements of the kernel, and where they meet dy. */
    private final int[][] phaseElements;

    private final int[][] phaseTaps;

    GradientWork(DepthwiseWindow window, long[] x, boolean affine, List<long[]> outputs) {
      super(x);
      this.window = window;
      this.affine = affine;
      this.outputs = outputs;
      int phases = window.stride * window.stride;
      phaseElements = new int[phases][];
      phaseTaps = new int[phases][];
      for (int phase = 0; phase < phases; phase++) {
        int p = phase;
        phaseElements[p] = IntStream.range(0, window.kernelArea)
            .filter(s -> window.tapPhases[s] == p)
            .toArray();
        phaseTaps[p] =
            Arrays.stream(phaseElements[p]).map(s -> window.mirroredTaps[s]).toArray();
      }
    }

    @Override
    public List<long[]> outputs() {
      return outputs;
    }

    @Override
    void run(int from, int to, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch) {
      int size = window.size();
      int outSize = window.outSize();
      int frames = window.kernelFrames;
      int area = window.kernelArea * frames;
      int phases = phaseTaps.length;
      float[] values = scratch.floats(0, Math.max(size, outSize));
      float[] dy = scratch.floats(1, Math.max(size, outSize));
      float[] padded = scratch.floats(2, window.padded());
      float[] paddedDy = scratch.floats(3, window.phase);
      float[] grids = scratch.floats(4, phases * window.grid());
      float[] kernel = scratch.floats(5, area);
      float[] part = scratch.floats(6, area);
      float[] sums = scratch.floats(7, (area + 2) * Lanes.COUNT);
      Rows.clear(padded, window.padded());
      Rows.clear(paddedDy, window.phase);
      for (int c = from; c < to; c++) {
        DepthwiseVolume.read(window, in[6], c, kernel);
        Arrays.fill(sums, 0, area * Lanes.COUNT, 0);
        for (int n = 0; n < samples; n++) {
          int v = volume(n, c);
          in[0].get(v * outSize, dy, 0, outSize);
          float constant = number(in[3], n, c) / outSize;
          float slope = 2 * number(in[4], n, c);
          if (constant != 0 || slope != 0) {
            in[1].get(v * outSize, values, 0, outSize);
            Volumes.addLine(values, dy, outSize, number(in[2], n, c), constant, slope);
          }
          Rows.spreadGrid(window, dy, paddedDy);
          inputGradient(kernel, part, paddedDy, grids);
          Rows.gatherPhases(window, grids, dy);
          in[5].get(v * size, values, 0, size);
          if (affine) {
            float center = number(in[7], n, c);
            float scale = number(in[8], n, c);
            float shift = number(in[9], n, c);
            Volumes.affineReluGradient(
                values, dy, size, center, scale, shift, sums, area * Lanes.COUNT);
            out[2].put(v, (float) Lanes.sum(sums, area * Lanes.COUNT));
            out[3].put(v, (float) Lanes.sum(sums, (area + 1) * Lanes.COUNT));
            Rows.spreadAffineRelu(window, values, center, scale, shift, padded);
          } else {
            Rows.spread(window, values, padded);
          }
          out[0].put(v * size, dy, 0, size);
          Correlation.correlate(window, padded, paddedDy, sums);
        }
        for (int k = 0; k < frames; k++) {
          for (int s = 0; s < window.kernelArea; s++) {
            int sum = (s * frames + k) * Lanes.COUNT;
            out[1].put((c * frames + k) * window.kernelArea + s, (float) Lanes.sum(sums, sum));
          }
        }
      }
    }

    /** Each phase of dx is dy convolved with the elements of the kernel that it met, frames mirrored. */
    private void inputGradient(float[] kernel, float[] part, float[] paddedDy, float[] grids) {
      int frames = window.kernelFrames;
      for (int phase = 0; phase < phaseTaps.length; phase++) {
        int[] elements = phaseElements[phase];
        for (int i = 0; i < elements.length; i++) {
          for (int k = 0; k < frames; k++) {
            part[i * frames + k] = kernel[elements[i] * frames + frames - 1 - k];
          }
        }
        Correlation.convolve(
            window,
            paddedDy,
            phaseTaps[phase],
            elements.length,
            part,
            grids,
            phase * window.grid());
      }
    }
  }
}
