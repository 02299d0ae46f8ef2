package x3d.kernel;

import java.nio.FloatBuffer;

/** Convolves volumes one after the other, in arrays of one thread's scratch: slots 0 to 3. */
final class DepthwiseVolume {
  private final DepthwiseWindow window;
  private final float[] padded;
  private final float[] grid;
  private final float[] kernel;

  DepthwiseVolume(DepthwiseWindow window, Scratch scratch) {
    this.window = window;
    padded = scratch.floats(1, window.padded());
    grid = scratch.floats(2, window.grid());
    kernel = scratch.floats(3, window.kernelArea * window.kernelFrames);
    Rows.clear(padded, window.padded());
  }

  /** Takes the kernel of channel c of w [C, 1, kT, kH, kW]. */
  void kernel(FloatBuffer w, int c) {
    read(window, w, c, kernel);
  }

  /** Convolves volume {@code v} of x, read as it is.
   *  @param values room for the volume and for the result, which is left there, compact */
  void convolve(FloatBuffer x, int v, float[] values) {
    x.get(v * window.size(), values, 0, window.size());
    Rows.spread(window, values, padded);
    convolve(values);
  }

  /** Convolves volume {@code v} of x, read as max((x - center) scale + shift, 0). */
  void convolve(FloatBuffer x, int v, float center, float scale, float shift, float[] values) {
    x.get(v * window.size(), values, 0, window.size());
    Rows.spreadAffineRelu(window, values, center, scale, shift, padded);
    convolve(values);
  }

  private void convolve(float[] values) {
    Correlation.convolve(window, padded, window.taps, window.kernelArea, kernel, grid, 0);
    Rows.gather(window, grid, values);
  }

  /** A channel's kernel, the frames of one element side by side. */
  static void read(DepthwiseWindow window, FloatBuffer w, int c, float[] kernel) {
    int area = window.kernelArea;
    int frames = window.kernelFrames;
    for (int k = 0; k < frames; k++) {
      for (int s = 0; s < area; s++) {
        kernel[s * frames + k] = w.get((c * frames + k) * area + s);
      }
    }
  }
}
