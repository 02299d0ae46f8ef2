package x3d.collective;

import java.nio.FloatBuffer;

/** Adds slices of buffers in a given order. Works in blocks that stay in a cache, in arrays, for that is what the JIT vectorises. */
final class Adder {
  static final int BLOCK = 4096;

  private final float[] total = new float[BLOCK];
  private final float[] next = new float[BLOCK];

  /** A slice of a buffer. */
  record Part(FloatBuffer buffer, int from) {}

  /** Puts the sum of the parts, in their order, at a place of a buffer, which may be a part's own. */
  void sum(Part[] parts, FloatBuffer to, int at, int length) {
    for (int done = 0; done < length; done += BLOCK) {
      int n = Math.min(BLOCK, length - done);
      parts[0].buffer.get(parts[0].from + done, total, 0, n);
      for (int p = 1; p < parts.length; p++) {
        parts[p].buffer.get(parts[p].from + done, next, 0, n);
        for (int i = 0; i < n; i++) {
          total[i] += next[i];
        }
      }
      to.put(at + done, total, 0, n);
    }
  }
}
