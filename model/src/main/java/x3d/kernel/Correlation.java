package x3d.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of channelwise convolution over one volume in the layout of {@link DepthwiseWindow}: sums of products
 * of shifted volumes. Four frames and two vectors are computed at a time, so that what is loaded is used by three frames
 * and eight independent sums hide the latency of the multiply-adds.
 */
final class Correlation {
  private static final int LANES = Lanes.COUNT;

  private Correlation() {}

  /**
   * grid[t · positions + p] = Σ weights[s · kT + kt] · x[taps[s] + (t + kt) · frame + p], over the first {@code count}
   * taps and all kt.
   *
   * @param to where position 0 of frame 0 goes in {@code grid}
   */
  static void convolve(
      DepthwiseWindow w, float[] x, int[] taps, int count, float[] weights, float[] grid, int to) {
    if (w.kernelFrames == 3) {
      convolveThree(w, x, taps, count, weights, grid, to);
    } else {
      convolveAny(w, x, taps, count, weights, grid, to);
    }
  }

  private static void convolveThree(
      DepthwiseWindow w, float[] x, int[] taps, int count, float[] weights, float[] grid, int to) {
    int t = 0;
    for (; t + 4 <= w.frames; t += 4) {
      int p = 0;
      for (; p + 2 * LANES <= w.positions; p += 2 * LANES) {
        fourFramesTwice(
            x,
            taps,
            count,
            weights,
            t * w.frame + p,
            w.frame,
            grid,
            to + t * w.positions + p,
            w.positions);
      }
      if (p < w.positions) {
        fourFrames(
            x,
            taps,
            count,
            weights,
            t * w.frame + p,
            w.frame,
            grid,
            to + t * w.positions + p,
            w.positions);
      }
    }
    for (; t < w.frames; t++) {
      for (int p = 0; p < w.positions; p += LANES) {
        oneFrame(x, taps, count, weights, t * w.frame + p, w.frame, grid, to + t * w.positions + p);
      }
    }
  }

  private static void fourFramesTwice(
      float[] x,
      int[] taps,
      int count,
      float[] weights,
      int place,
      int frame,
      float[] grid,
      int to,
      int positions) {
    FloatVector a0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector a1 = a0;
    FloatVector b0 = a0;
    FloatVector b1 = a0;
    FloatVector c0 = a0;
    FloatVector c1 = a0;
    FloatVector d0 = a0;
    FloatVector d1 = a0;
    for (int s = 0; s < count; s++) {
      int at = taps[s] + place;
      FloatVector w0 = FloatVector.broadcast(Lanes.FLOATS, weights[3 * s]);
      FloatVector w1 = FloatVector.broadcast(Lanes.FLOATS, weights[3 * s + 1]);
      FloatVector w2 = FloatVector.broadcast(Lanes.FLOATS, weights[3 * s + 2]);
      FloatVector v0 = FloatVector.fromArray(Lanes.FLOATS, x, at);
      FloatVector v1 = FloatVector.fromArray(Lanes.FLOATS, x, at + LANES);
      a0 = v0.fma(w0, a0);
      a1 = v1.fma(w0, a1);
      at += frame;
      v0 = FloatVector.fromArray(Lanes.FLOATS, x, at);
      v1 = FloatVector.fromArray(Lanes.FLOATS, x, at + LANES);
      a0 = v0.fma(w1, a0);
      a1 = v1.fma(w1, a1);
      b0 = v0.fma(w0, b0);
      b1 = v1.fma(w0, b1);
      at += frame;
      v0 = FloatVector.fromArray(Lanes.FLOATS, x, at);
      v1 = FloatVector.fromArray(Lanes.FLOATS, x, at + LANES);
      a0 = v0.fma(w2, a0);
      a1 = v1.fma(w2, a1);
      b0 = v0.fma(w1, b0);
      b1 = v1.fma(w1, b1);
      c0 = v0.fma(w0, c0);
      c1 = v1.fma(w0, c1);
      at += frame;
      v0 = FloatVector.fromArray(Lanes.FLOATS, x, at);
      v1 = FloatVector.fromArray(Lanes.FLOATS, x, at + LANES);
      b0 = v0.fma(w2, b0);
      b1 = v1.fma(w2, b1);
      c0 = v0.fma(w1, c0);
      c1 = v1.fma(w1, c1);
      d0 = v0.fma(w0, d0);
      d1 = v1.fma(w0, d1);
      at += frame;
      v0 = FloatVector.fromArray(Lanes.FLOATS, x, at);
      v1 = FloatVector.fromArray(Lanes.FLOATS, x, at + LANES);
      c0 = v0.fma(w2, c0);
      c1 = v1.fma(w2, c1);
      d0 = v0.fma(w1, d0);
      d1 = v1.fma(w1, d1);
      at += frame;
      v0 = FloatVector.fromArray(Lanes.FLOATS, x, at);
      v1 = FloatVector.fromArray(Lanes.FLOATS, x, at + LANES);
      d0 = v0.fma(w2, d0);
      d1 = v1.fma(w2, d1);
    }
    a0.intoArray(grid, to);
    a1.intoArray(grid, to + LANES);
    b0.intoArray(grid, to + positions);
    b1.intoArray(grid, to + positions + LANES);
    c0.intoArray(grid, to + 2 * positions);
    c1.intoArray(grid, to + 2 * positions + LANES);
    d0.intoArray(grid, to + 3 * positions);
    d1.intoArray(grid, to + 3 * positions + LANES);
  }

  private static void fourFrames(
      float[] x,
      int[] taps,
      int count,
      float[] weights,
      int place,
      int frame,
      float[] grid,
      int to,
      int positions) {
    FloatVector a = FloatVector.zero(Lanes.FLOATS);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (int s = 0; s < count; s++) {
      int at = taps[s] + place;
      FloatVector w0 = FloatVector.broadcast(Lanes.FLOATS, weights[3 * s]);
      FloatVector w1 = FloatVector.broadcast(Lanes.FLOATS, weights[3 * s + 1]);
      FloatVector w2 = FloatVector.broadcast(Lanes.FLOATS, weights[3 * s + 2]);
      a = FloatVector.fromArray(Lanes.FLOATS, x, at).fma(w0, a);
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, at + frame);
      a = v.fma(w1, a);
      b = v.fma(w0, b);
      v = FloatVector.fromArray(Lanes.FLOATS, x, at + 2 * frame);
      a = v.fma(w2, a);
      b = v.fma(w1, b);
      c = v.fma(w0, c);
      v = FloatVector.fromArray(Lanes.FLOATS, x, at + 3 * frame);
      b = v.fma(w2, b);
      c = v.fma(w1, c);
      d = v.fma(w0, d);
      v = FloatVector.fromArray(Lanes.FLOATS, x, at + 4 * frame);
      c = v.fma(w2, c);
      d = v.fma(w1, d);
      d = FloatVector.fromArray(Lanes.FLOATS, x, at + 5 * frame).fma(w2, d);
    }
    a.intoArray(grid, to);
    b.intoArray(grid, to + positions);
    c.intoArray(grid, to + 2 * positions);
    d.intoArray(grid, to + 3 * positions);
  }

  private static void oneFrame(
      float[] x,
      int[] taps,
      int count,
      float[] weights,
      int place,
      int frame,
      float[] grid,
      int to) {
    FloatVector a = FloatVector.zero(Lanes.FLOATS);
    FloatVector b = a;
    FloatVector c = a;
    for (int s = 0; s < count; s++) {
      int at = taps[s] + place;
      a = FloatVector.fromArray(Lanes.FLOATS, x, at).fma(weightVector(weights, 3 * s), a);
      b = FloatVector.fromArray(Lanes.FLOATS, x, at + frame)
          .fma(weightVector(weights, 3 * s + 1), b);
      c = FloatVector.fromArray(Lanes.FLOATS, x, at + 2 * frame)
          .fma(weightVector(weights, 3 * s + 2), c);
    }
    a.add(b).add(c).intoArray(grid, to);
  }

  private static FloatVector weightVector(float[] weights, int i) {
    return FloatVector.broadcast(Lanes.FLOATS, weights[i]);
  }

  private static void convolveAny(
      DepthwiseWindow w, float[] x, int[] taps, int count, float[] weights, float[] grid, int to) {
    int size = w.frames * w.positions;
    Arrays.fill(grid, to, to + size, 0);
    for (int s = 0; s < count; s++) {
      for (int t = 0; t < w.frames; t++) {
        int from = taps[s] + t * w.frame;
        int place = to + t * w.positions;
        int k = 0;
        for (; k + 5 <= w.kernelFrames; k += 5) {
          addFiveProducts(
              x,
              from + k * w.frame,
              w.frame,
              weights,
              s * w.kernelFrames + k,
              grid,
              place,
              w.positions);
        }
        for (; k < w.kernelFrames; k++) {
          float weight = weights[s * w.kernelFrames + k];
          addProduct(x, from + k * w.frame, weight, grid, place, w.positions);
        }
      }
    }
  }

  /** The stem's kernel is five frames long. */
  private static void addFiveProducts(
      float[] x, int from, int frame, float[] weights, int first, float[] sums, int to, int count) {
    FloatVector w0 = weightVector(weights, first);
    FloatVector w1 = weightVector(weights, first + 1);
    FloatVector w2 = weightVector(weights, first + 2);
    FloatVector w3 = weightVector(weights, first + 3);
    FloatVector w4 = weightVector(weights, first + 4);
    for (int p = 0; p < count; p += LANES) {
      int at = from + p;
      FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, sums, to + p);
      sum = FloatVector.fromArray(Lanes.FLOATS, x, at).fma(w0, sum);
      sum = FloatVector.fromArray(Lanes.FLOATS, x, at + frame).fma(w1, sum);
      sum = FloatVector.fromArray(Lanes.FLOATS, x, at + 2 * frame).fma(w2, sum);
      sum = FloatVector.fromArray(Lanes.FLOATS, x, at + 3 * frame).fma(w3, sum);
      FloatVector.fromArray(Lanes.FLOATS, x, at + 4 * frame).fma(w4, sum).intoArray(sums, to + p);
    }
  }

  private static void addProduct(
      float[] x, int from, float weight, float[] sums, int to, int count) {
    FloatVector v = FloatVector.broadcast(Lanes.FLOATS, weight);
    for (int p = 0; p < count; p += LANES) {
      FloatVector.fromArray(Lanes.FLOATS, x, from + p)
          .fma(v, FloatVector.fromArray(Lanes.FLOATS, sums, to + p))
          .intoArray(sums, to + p);
    }
  }

  /**
   * Adds to the vector sums[s · kT + kt] the Σ over t and p of x[taps[s] + (t + kt) · frame + p] · dy[lead + (t + kT / 2)
   * · frame + p]. Vectors, because the order in which the Vector API adds up the lanes of one is not defined.
   *
   * @param dy the output's gradient, spread into one phase; zero between rows
   */
  static void correlate(DepthwiseWindow w, float[] x, float[] dy, float[] sums) {
    if (w.kernelFrames == 3 && w.kernelArea % 3 == 0) {
      for (int s = 0; s < w.kernelArea; s += 3) {
        correlateNine(w, x, w.taps[s], w.taps[s + 1], w.taps[s + 2], dy, sums, 3 * s * LANES);
      }
    } else {
      for (int s = 0; s < w.kernelArea; s++) {
        for (int k = 0; k < w.kernelFrames; k++) {
          int to = (s * w.kernelFrames + k) * LANES;
          correlateOne(w, x, w.taps[s] + k * w.frame, dy, sums, to);
        }
      }
    }
  }

  private static void correlateNine(
      DepthwiseWindow w,
      float[] x,
      int tap0,
      int tap1,
      int tap2,
      float[] dy,
      float[] sums,
      int to) {
    int frame = w.frame;
    int frames = w.frames;
    int lead = w.lead;
    FloatVector a0 = FloatVector.fromArray(Lanes.FLOATS, sums, to);
    FloatVector a1 = FloatVector.fromArray(Lanes.FLOATS, sums, to + LANES);
    FloatVector a2 = FloatVector.fromArray(Lanes.FLOATS, sums, to + 2 * LANES);
    FloatVector b0 = FloatVector.fromArray(Lanes.FLOATS, sums, to + 3 * LANES);
    FloatVector b1 = FloatVector.fromArray(Lanes.FLOATS, sums, to + 4 * LANES);
    FloatVector b2 = FloatVector.fromArray(Lanes.FLOATS, sums, to + 5 * LANES);
    FloatVector c0 = FloatVector.fromArray(Lanes.FLOATS, sums, to + 6 * LANES);
    FloatVector c1 = FloatVector.fromArray(Lanes.FLOATS, sums, to + 7 * LANES);
    FloatVector c2 = FloatVector.fromArray(Lanes.FLOATS, sums, to + 8 * LANES);
    // In one loop over all frames: between them and between rows dy is zero.
    int end = lead + (frames + 1) * frame;
    for (int q = lead + frame; q < end; q += LANES) {
      int at = q - lead;
      FloatVector before = FloatVector.fromArray(Lanes.FLOATS, dy, q - frame);
      FloatVector same = FloatVector.fromArray(Lanes.FLOATS, dy, q);
      FloatVector after = FloatVector.fromArray(Lanes.FLOATS, dy, q + frame);
      FloatVector v0 = FloatVector.fromArray(Lanes.FLOATS, x, tap0 + at);
      FloatVector v1 = FloatVector.fromArray(Lanes.FLOATS, x, tap1 + at);
      FloatVector v2 = FloatVector.fromArray(Lanes.FLOATS, x, tap2 + at);
      a0 = v0.fma(after, a0);
      b0 = v1.fma(after, b0);
      c0 = v2.fma(after, c0);
      a1 = v0.fma(same, a1);
      b1 = v1.fma(same, b1);
      c1 = v2.fma(same, c1);
      a2 = v0.fma(before, a2);
      b2 = v1.fma(before, b2);
      c2 = v2.fma(before, c2);
    }
    a0.intoArray(sums, to);
    a1.intoArray(sums, to + LANES);
    a2.intoArray(sums, to + 2 * LANES);
    b0.intoArray(sums, to + 3 * LANES);
    b1.intoArray(sums, to + 4 * LANES);
    b2.intoArray(sums, to + 5 * LANES);
    c0.intoArray(sums, to + 6 * LANES);
    c1.intoArray(sums, to + 7 * LANES);
    c2.intoArray(sums, to + 8 * LANES);
  }

  private static void correlateOne(
      DepthwiseWindow w, float[] x, int tap, float[] dy, float[] sums, int to) {
    int from = w.lead + w.kernelFrames / 2 * w.frame;
    int size = w.frames * w.frame;
    FloatVector even = FloatVector.fromArray(Lanes.FLOATS, sums, to);
    FloatVector odd = FloatVector.zero(Lanes.FLOATS);
    for (int p = 0; p < size; p += 2 * LANES) {
      even = FloatVector.fromArray(Lanes.FLOATS, x, tap + p)
          .fma(FloatVector.fromArray(Lanes.FLOATS, dy, from + p), even);
      odd = FloatVector.fromArray(Lanes.FLOATS, x, tap + p + LANES)
          .fma(FloatVector.fromArray(Lanes.FLOATS, dy, from + p + LANES), odd);
    }
    even.add(odd).intoArray(sums, to);
  }
}
