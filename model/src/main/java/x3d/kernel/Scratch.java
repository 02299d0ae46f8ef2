package x3d.kernel;

/** Arrays that one thread's kernels work in; they grow to what the largest volume needs and are used again. */
public final class Scratch {
  private final float[][] arrays = new float[8][0];

  /** An array of at least {@code size} floats and four vectors more, of any content. A kernel uses each slot for one thing. */
  float[] floats(int slot, int size) {
    int needed = size + 4 * Lanes.COUNT;
    if (arrays[slot].length < needed) {
      arrays[slot] = new float[needed];
    }
    return arrays[slot];
  }
}
