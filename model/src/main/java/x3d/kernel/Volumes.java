package x3d.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Loops over one volume in its compact form. Arrays have room for one vector behind the volume; what is there is kept out of sums. */
final class Volumes {
  private static final int LANES = Lanes.COUNT;

  private Volumes() {}

  /** out = max((x - center) scale + shift, 0). */
  static void affineRelu(float[] x, float[] out, int size, float center, float scale, float shift) {
    FloatVector f = FloatVector.broadcast(Lanes.FLOATS, scale);
    FloatVector h = FloatVector.broadcast(Lanes.FLOATS, shift - center * scale);
    for (int i = 0; i < size; i += LANES) {
      Lanes.relu(FloatVector.fromArray(Lanes.FLOATS, x, i).fma(f, h)).intoArray(out, i);
    }
  }

  /** y = max((x - center) scale + shift + (y - center2) scale2 + shift2, 0). */
  static void addAffineRelu(
      float[] x,
      float[] y,
      int size,
      float center,
      float scale,
      float shift,
      float center2,
      float scale2,
      float shift2) {
    FloatVector f = FloatVector.broadcast(Lanes.FLOATS, scale);
    FloatVector h = FloatVector.broadcast(Lanes.FLOATS, shift - center * scale);
    FloatVector f2 = FloatVector.broadcast(Lanes.FLOATS, scale2);
    FloatVector h2 = FloatVector.broadcast(Lanes.FLOATS, shift2 - center2 * scale2);
    for (int i = 0; i < size; i += LANES) {
      FloatVector other = FloatVector.fromArray(Lanes.FLOATS, y, i).fma(f2, h2);
      FloatVector own = FloatVector.fromArray(Lanes.FLOATS, x, i).fma(f, h);
      Lanes.relu(own.add(other)).intoArray(y, i);
    }
  }

  /** y = max((x - center) scale + shift + y, 0). */
  static void addRelu(float[] x, float[] y, int size, float center, float scale, float shift) {
    FloatVector f = FloatVector.broadcast(Lanes.FLOATS, scale);
    FloatVector h = FloatVector.broadcast(Lanes.FLOATS, shift - center * scale);
    for (int i = 0; i < size; i += LANES) {
      FloatVector other = FloatVector.fromArray(Lanes.FLOATS, y, i);
      FloatVector own = FloatVector.fromArray(Lanes.FLOATS, x, i).fma(f, h);
      Lanes.relu(own.add(other)).intoArray(y, i);
    }
  }

  /** dy = 0 where y is not above 0. */
  static void maskByOutput(float[] y, float[] dy, int size) {
    for (int i = 0; i < size; i += LANES) {
      FloatVector d = FloatVector.fromArray(Lanes.FLOATS, dy, i);
      d.blend(0, FloatVector.fromArray(Lanes.FLOATS, y, i).compare(VectorOperators.LE, 0))
          .intoArray(dy, i);
    }
  }

  /**
   * d = d scale where (x - center) scale + shift is above 0, else 0.
   *
   * @param sums of d before the scaling: the vector at {@code to} becomes Σ d, the next Σ d (x - center)
   */
  static void affineReluGradient(
      float[] x,
      float[] d,
      int size,
      float center,
      float scale,
      float shift,
      float[] sums,
      int to) {
    FloatVector c = FloatVector.broadcast(Lanes.FLOATS, center);
    FloatVector f = FloatVector.broadcast(Lanes.FLOATS, scale);
    FloatVector h = FloatVector.broadcast(Lanes.FLOATS, shift - center * scale);
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    FloatVector product = sum;
    int whole = size - size % LANES;
    for (int i = 0; i < whole; i += LANES) {
      FloatVector value = FloatVector.fromArray(Lanes.FLOATS, x, i);
      FloatVector centered = value.sub(c);
      FloatVector g = FloatVector.fromArray(Lanes.FLOATS, d, i)
          .blend(0, value.fma(f, h).compare(VectorOperators.LE, 0));
      sum = sum.add(g);
      product = g.fma(centered, product);
      g.mul(f).intoArray(d, i);
    }
    if (whole < size) {
      FloatVector value = FloatVector.fromArray(Lanes.FLOATS, x, whole);
      FloatVector centered = value.sub(c);
      IntVector keep = Rows.first(size - whole);
      FloatVector g = Rows.kept(FloatVector.fromArray(Lanes.FLOATS, d, whole), keep)
          .blend(0, value.fma(f, h).compare(VectorOperators.LE, 0));
      sum = sum.add(g);
      product = g.fma(Rows.kept(centered, keep), product);
      g.mul(f).intoArray(d, whole);
    }
    sum.intoArray(sums, to);
    product.intoArray(sums, to + LANES);
  }

  /** sums: the vector at 0 becomes Σ d, the next Σ d (x - center). */
  static void products(float[] x, float[] d, int size, float center, float[] sums) {
    FloatVector c = FloatVector.broadcast(Lanes.FLOATS, center);
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    FloatVector product = sum;
    int whole = size - size % LANES;
    for (int i = 0; i < whole; i += LANES) {
      FloatVector g = FloatVector.fromArray(Lanes.FLOATS, d, i);
      sum = sum.add(g);
      product = g.fma(FloatVector.fromArray(Lanes.FLOATS, x, i).sub(c), product);
    }
    if (whole < size) {
      IntVector keep = Rows.first(size - whole);
      FloatVector g = Rows.kept(FloatVector.fromArray(Lanes.FLOATS, d, whole), keep);
      sum = sum.add(g);
      product =
          g.fma(Rows.kept(FloatVector.fromArray(Lanes.FLOATS, x, whole).sub(c), keep), product);
    }
    sum.intoArray(sums, 0);
    product.intoArray(sums, LANES);
  }

  /** out = d scale. */
  static void scale(float[] d, float[] out, int size, float scale) {
    for (int i = 0; i < size; i += LANES) {
      FloatVector.fromArray(Lanes.FLOATS, d, i).mul(scale).intoArray(out, i);
    }
  }

  /** d = d + constant + slope (x - center). */
  static void addLine(float[] x, float[] d, int size, float center, float constant, float slope) {
    FloatVector c = FloatVector.broadcast(Lanes.FLOATS, center);
    FloatVector a = FloatVector.broadcast(Lanes.FLOATS, constant);
    FloatVector b = FloatVector.broadcast(Lanes.FLOATS, slope);
    for (int i = 0; i < size; i += LANES) {
      FloatVector line = FloatVector.fromArray(Lanes.FLOATS, x, i).sub(c).fma(b, a);
      FloatVector.fromArray(Lanes.FLOATS, d, i).add(line).intoArray(d, i);
    }
  }

  /** The sum; {@code sums} is overwritten. */
  static double sum(float[] x, int size, float[] sums) {
    FloatVector even = FloatVector.zero(Lanes.FLOATS);
    FloatVector odd = even;
    int i = 0;
    for (; i + 2 * LANES <= size; i += 2 * LANES) {
      even = even.add(FloatVector.fromArray(Lanes.FLOATS, x, i));
      odd = odd.add(FloatVector.fromArray(Lanes.FLOATS, x, i + LANES));
    }
    for (; i < size; i += LANES) {
      int count = Math.min(LANES, size - i);
      even = even.add(Rows.kept(FloatVector.fromArray(Lanes.FLOATS, x, i), Rows.first(count)));
    }
    even.add(odd).intoArray(sums, 0);
    return Lanes.sum(sums, 0);
  }

  /** Σ (x - center)²; {@code sums} is overwritten. */
  static double squares(float[] x, int size, float center, float[] sums) {
    FloatVector c = FloatVector.broadcast(Lanes.FLOATS, center);
    FloatVector even = FloatVector.zero(Lanes.FLOATS);
    FloatVector odd = even;
    int i = 0;
    for (; i + 2 * LANES <= size; i += 2 * LANES) {
      FloatVector e = FloatVector.fromArray(Lanes.FLOATS, x, i).sub(c);
      FloatVector o = FloatVector.fromArray(Lanes.FLOATS, x, i + LANES).sub(c);
      even = e.fma(e, even);
      odd = o.fma(o, odd);
    }
    for (; i < size; i += LANES) {
      int count = Math.min(LANES, size - i);
      FloatVector e =
          Rows.kept(FloatVector.fromArray(Lanes.FLOATS, x, i).sub(c), Rows.first(count));
      even = e.fma(e, even);
    }
    even.add(odd).intoArray(sums, 0);
    return Lanes.sum(sums, 0);
  }

  /** x = u sigmoid(u) with u = (x - center) scale + shift. */
  static void affineSwish(float[] x, int size, float center, float scale, float shift) {
    FloatVector f = FloatVector.broadcast(Lanes.FLOATS, scale);
    FloatVector h = FloatVector.broadcast(Lanes.FLOATS, shift - center * scale);
    FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1);
    for (int i = 0; i < size; i += LANES) {
      FloatVector u = FloatVector.fromArray(Lanes.FLOATS, x, i).fma(f, h);
      u.div(one.add(exp(u.neg()))).intoArray(x, i);
    }
  }

  /**
   * d = g scale with g = d swish'(u), u = (x - center) scale + shift.
   *
   * @param sums the vector at 0 becomes Σ g, the next Σ g (x - center)
   */
  static void affineSwishGradient(
      float[] x, float[] d, int size, float center, float scale, float shift, float[] sums) {
    FloatVector c = FloatVector.broadcast(Lanes.FLOATS, center);
    FloatVector f = FloatVector.broadcast(Lanes.FLOATS, scale);
    FloatVector h = FloatVector.broadcast(Lanes.FLOATS, shift - center * scale);
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    FloatVector product = sum;
    int whole = size - size % LANES;
    for (int i = 0; i < whole; i += LANES) {
      FloatVector value = FloatVector.fromArray(Lanes.FLOATS, x, i);
      FloatVector centered = value.sub(c);
      FloatVector g = FloatVector.fromArray(Lanes.FLOATS, d, i).mul(swishSlope(value.fma(f, h)));
      sum = sum.add(g);
      product = g.fma(centered, product);
      g.mul(f).intoArray(d, i);
    }
    if (whole < size) {
      IntVector keep = Rows.first(size - whole);
      FloatVector value = Rows.kept(FloatVector.fromArray(Lanes.FLOATS, x, whole), keep);
      FloatVector centered = Rows.kept(value.sub(c), keep);
      FloatVector g = Rows.kept(FloatVector.fromArray(Lanes.FLOATS, d, whole), keep)
          .mul(swishSlope(value.fma(f, h)));
      sum = sum.add(g);
      product = g.fma(centered, product);
      g.mul(f).intoArray(d, whole);
    }
    sum.intoArray(sums, 0);
    product.intoArray(sums, LANES);
  }

  /** s (1 + u (1 - s)) with s = sigmoid(u). */
  private static FloatVector swishSlope(FloatVector u) {
    FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1);
    FloatVector s = one.div(one.add(exp(u.neg())));
    return one.sub(s).fma(u, one).mul(s);
  }

  private static final float ROUND = 0x1.8p23f;
  private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

  /**
   * e^x within 2 units in the last place for x from -87 to 88, and within e^-87 to e^89 beyond. By the power of 2 next to
   * it and a Taylor polynomial of the rest, |r| ≤ ln 2 / 2, so that the JDK's version and the processor do not matter.
   */
  static FloatVector exp(FloatVector x) {
    FloatVector rounded = x.fma(
        FloatVector.broadcast(Lanes.FLOATS, 1.4426950408889634f),
        FloatVector.broadcast(Lanes.FLOATS, ROUND));
    FloatVector n = rounded.sub(ROUND);
    FloatVector r = n.fma(FloatVector.broadcast(Lanes.FLOATS, -0.693145752f), x);
    r = n.fma(FloatVector.broadcast(Lanes.FLOATS, -1.42860677e-6f), r);
    FloatVector p = FloatVector.broadcast(Lanes.FLOATS, 1f / 5040)
        .fma(r, FloatVector.broadcast(Lanes.FLOATS, 1f / 720))
        .fma(r, FloatVector.broadcast(Lanes.FLOATS, 1f / 120))
        .fma(r, FloatVector.broadcast(Lanes.FLOATS, 1f / 24))
        .fma(r, FloatVector.broadcast(Lanes.FLOATS, 1f / 6))
        .fma(r, FloatVector.broadcast(Lanes.FLOATS, 0.5f))
        .fma(r, FloatVector.broadcast(Lanes.FLOATS, 1))
        .fma(r, FloatVector.broadcast(Lanes.FLOATS, 1));
    // Bounded as integers, which takes one instruction where floats take several.
    FloatVector power = rounded
        .reinterpretAsInts()
        .sub(ROUND_BITS - 127)
        .max(1)
        .min(254)
        .lanewise(VectorOperators.LSHL, 23)
        .reinterpretAsFloats();
    return p.mul(power);
  }
}
