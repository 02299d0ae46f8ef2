package x3d.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Moves volumes between their compact form, [T, H, W] without gaps, and the padded one of a {@link DepthwiseWindow}.
 *
 * <p>Whole vectors are moved, also at the end of a row; what is too much there is zero, or is overwritten by the next row.
 */
final class Rows {
  private static final int LANES = Lanes.COUNT;
  private static final int[] KEEP = keep();
  /** Lane i takes lane 2 i, or 2 i + 1, modulo the number of lanes: right for the half of the result that a vector gives. */
  private static final VectorShuffle<Float> EVEN =
      VectorShuffle.fromOp(Lanes.FLOATS, i -> 2 * i % LANES);

  private static final VectorShuffle<Float> ODD =
      VectorShuffle.fromOp(Lanes.FLOATS, i -> (2 * i + 1) % LANES);
  private static final VectorMask<Float> UPPER =
      VectorMask.fromLong(Lanes.FLOATS, -1L << LANES / 2 & (1L << LANES) - 1);
  /** Each of the lower, or the upper, half of the lanes twice. */
  private static final VectorShuffle<Float> LOW = VectorShuffle.fromOp(Lanes.FLOATS, i -> i / 2);

  private static final VectorShuffle<Float> HIGH =
      VectorShuffle.fromOp(Lanes.FLOATS, i -> i / 2 + LANES / 2);
  private static final VectorMask<Float> ODDS =
      VectorMask.fromLong(Lanes.FLOATS, 0xAAAAAAAAAAAAAAAAL & (1L << LANES) - 1);

  private Rows() {}

  private static int[] keep() {
    int[] bits = new int[2 * LANES];
    Arrays.fill(bits, 0, LANES, -1);
    return bits;
  }

  /** Bits that keep the first {@code count} floats of a vector and clear the others. */
  static IntVector first(int count) {
    return IntVector.fromArray(Lanes.INTS, KEEP, LANES - count);
  }

  /** Zeros, once before several volumes of one window are spread. */
  static void clear(float[] padded, int size) {
    Arrays.fill(padded, 0, Math.min(padded.length, size + 4 * LANES), 0);
  }

  /** From the compact input volume to all phases. */
  static void spread(DepthwiseWindow w, float[] compact, float[] padded) {
    if (w.stride == 1) {
      spreadGrid(w, compact, padded);
    } else if (w.stride == 2) {
      spreadHalves(w, compact, padded);
    } else {
      spreadPhases(w, compact, padded);
    }
  }

  /** {@link #spread} of max((x - center) scale + shift, 0); {@code compact} may be overwritten. */
  static void spreadAffineRelu(
      DepthwiseWindow w, float[] compact, float center, float scale, float shift, float[] padded) {
    if (w.stride == 1) {
      spreadGridAffineRelu(w, compact, center, scale, shift, padded);
    } else {
      Volumes.affineRelu(compact, compact, w.size(), center, scale, shift);
      spread(w, compact, padded);
    }
  }

  /** From a compact output volume to one phase: what its gradient is read from. */
  static void spreadGrid(DepthwiseWindow w, float[] compact, float[] padded) {
    int width = w.outWidth;
    int whole = width - width % LANES;
    IntVector tail = first(width - whole);
    int from = 0;
    for (int t = 0; t < w.frames; t++) {
      int to = w.lead + (t + w.kernelFrames / 2) * w.frame;
      for (int y = 0; y < w.outHeight; y++) {
        for (int x = 0; x < whole; x += LANES) {
          FloatVector.fromArray(Lanes.FLOATS, compact, from + x).intoArray(padded, to + x);
        }
        if (whole < width) {
          kept(FloatVector.fromArray(Lanes.FLOATS, compact, from + whole), tail)
              .intoArray(padded, to + whole);
        }
        from += width;
        to += w.pitch;
      }
    }
  }

  private static void spreadGridAffineRelu(
      DepthwiseWindow w, float[] compact, float center, float scale, float shift, float[] padded) {
    FloatVector f = FloatVector.broadcast(Lanes.FLOATS, scale);
    FloatVector h = FloatVector.broadcast(Lanes.FLOATS, shift - center * scale);
    int width = w.outWidth;
    int whole = width - width % LANES;
    IntVector tail = first(width - whole);
    int from = 0;
    for (int t = 0; t < w.frames; t++) {
      int to = w.lead + (t + w.kernelFrames / 2) * w.frame;
      for (int y = 0; y < w.outHeight; y++) {
        for (int x = 0; x < whole; x += LANES) {
          FloatVector v = FloatVector.fromArray(Lanes.FLOATS, compact, from + x);
          Lanes.relu(v.fma(f, h)).intoArray(padded, to + x);
        }
        if (whole < width) {
          FloatVector v = FloatVector.fromArray(Lanes.FLOATS, compact, from + whole);
          kept(Lanes.relu(v.fma(f, h)), tail).intoArray(padded, to + whole);
        }
        from += width;
        to += w.pitch;
      }
    }
  }

  /** Every second float of a row, from the first on; {@code to} has room for whole vectors. */
  static void takeHalf(float[] row, int from, int count, float[] taken, int to) {
    for (int x = 0; x < count; x += LANES) {
      FloatVector low = FloatVector.fromArray(Lanes.FLOATS, row, from + 2 * x);
      FloatVector high = FloatVector.fromArray(Lanes.FLOATS, row, from + 2 * x + LANES);
      even(low, high).intoArray(taken, to + x);
    }
  }

  private static void spreadHalves(DepthwiseWindow w, float[] compact, float[] padded) {
    int evens = w.columns(0);
    int odds = w.columns(1);
    int whole = odds - odds % LANES;
    IntVector evenTail = first(evens - whole);
    IntVector oddTail = first(odds - whole);
    int from = 0;
    for (int t = 0; t < w.frames; t++) {
      int base = w.lead + (t + w.kernelFrames / 2) * w.frame;
      for (int y = 0; y < w.height; y++) {
        int to = base + (y & 1) * 2 * w.phase + (y >> 1) * w.pitch;
        for (int x = 0; x < whole; x += LANES) {
          FloatVector low = FloatVector.fromArray(Lanes.FLOATS, compact, from + 2 * x);
          FloatVector high = FloatVector.fromArray(Lanes.FLOATS, compact, from + 2 * x + LANES);
          even(low, high).intoArray(padded, to + x);
          odd(low, high).intoArray(padded, to + w.phase + x);
        }
        if (whole < evens) {
          FloatVector low = FloatVector.fromArray(Lanes.FLOATS, compact, from + 2 * whole);
          FloatVector high = FloatVector.fromArray(Lanes.FLOATS, compact, from + 2 * whole + LANES);
          kept(even(low, high), evenTail).intoArray(padded, to + whole);
          kept(odd(low, high), oddTail).intoArray(padded, to + w.phase + whole);
        }
        from += w.width;
      }
    }
  }

  private static FloatVector even(FloatVector low, FloatVector high) {
    return low.rearrange(EVEN).blend(high.rearrange(EVEN), UPPER);
  }

  private static FloatVector odd(FloatVector low, FloatVector high) {
    return low.rearrange(ODD).blend(high.rearrange(ODD), UPPER);
  }

  /** {@code v} where the bits are set, 0 elsewhere. */
  static FloatVector kept(FloatVector v, IntVector bits) {
    return v.reinterpretAsInts().and(bits).reinterpretAsFloats();
  }

  private static void spreadPhases(DepthwiseWindow w, float[] compact, float[] padded) {
    int from = 0;
    for (int t = 0; t < w.frames; t++) {
      int base = w.lead + (t + w.kernelFrames / 2) * w.frame;
      for (int y = 0; y < w.height; y++) {
        int row = base + y % w.stride * w.stride * w.phase + y / w.stride * w.pitch;
        for (int x = 0; x < w.width; x++) {
          padded[row + x % w.stride * w.phase + x / w.stride] = compact[from++];
        }
      }
    }
  }

  /** From output positions to the compact output volume. */
  static void gather(DepthwiseWindow w, float[] grid, float[] compact) {
    int width = w.outWidth;
    int to = 0;
    for (int t = 0; t < w.frames; t++) {
      int from = t * w.positions;
      for (int y = 0; y < w.outHeight; y++) {
        for (int x = 0; x < width; x += LANES) {
          FloatVector.fromArray(Lanes.FLOATS, grid, from + x).intoArray(compact, to + x);
        }
        from += w.pitch;
        to += width;
      }
    }
  }

  /** From the positions of all phases, one after the other, to the compact input volume. */
  static void gatherPhases(DepthwiseWindow w, float[] grids, float[] compact) {
    if (w.stride == 1) {
      gather(w, grids, compact);
    } else if (w.stride == 2) {
      gatherHalves(w, grids, compact);
    } else {
      gatherScalars(w, grids, compact);
    }
  }

  private static void gatherHalves(DepthwiseWindow w, float[] grids, float[] compact) {
    int columns = w.columns(0);
    int to = 0;
    for (int t = 0; t < w.frames; t++) {
      for (int y = 0; y < w.height; y++) {
        int even = (y & 1) * 2 * w.grid() + t * w.positions + (y >> 1) * w.pitch;
        int odd = even + w.grid();
        for (int x = 0; x < columns; x += LANES) {
          FloatVector e = FloatVector.fromArray(Lanes.FLOATS, grids, even + x);
          FloatVector o = FloatVector.fromArray(Lanes.FLOATS, grids, odd + x);
          e.rearrange(LOW).blend(o.rearrange(LOW), ODDS).intoArray(compact, to + 2 * x);
          e.rearrange(HIGH).blend(o.rearrange(HIGH), ODDS).intoArray(compact, to + 2 * x + LANES);
        }
        to += w.width;
      }
    }
  }

  private static void gatherScalars(DepthwiseWindow w, float[] grids, float[] compact) {
    int to = 0;
    for (int t = 0; t < w.frames; t++) {
      for (int y = 0; y < w.height; y++) {
        int row = y % w.stride * w.stride * w.grid() + t * w.positions + y / w.stride * w.pitch;
        for (int x = 0; x < w.width; x++) {
          compact[to++] = grids[row + x % w.stride * w.grid() + x / w.stride];
        }
      }
    }
  }
}
