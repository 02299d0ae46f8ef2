package x3d.number;

/**
 * IEEE 754 binary16 in the bits of a short: a sign, 5 bits of exponent, 10 of fraction. ({@code Float.floatToFloat16}
 * and its reverse came with JDK 20.)
 */
public final class Float16 {
  /** The greatest finite number. */
  public static final float MAX_VALUE = 65504;

  private static final int INFINITY = 0x7c00;
  private static final int NAN = 0x7e00;
  private static final double LEAST_INFINITE =
      65520; // halfway between the greatest finite number and 65536
  private static final double LEAST_NORMAL = 0x1p-14;
  private static final int FRACTION_BITS = 10;
  private static final int LOST_BITS = 13;
  private static final int REBIAS = 112 << 23;
  private static final int FLOAT_INFINITY = 0x7f800000;
  private static final int TOO_LARGE = 143 << 23; // 65536
  private static final int SMALLEST_NORMAL = 113 << 23;
  private static final int HALF = 126 << 23;

  private Float16() {}

  /**
   * The number nearest to {@code value}, the even one of two that are as near; infinite from 65520 on. Exact in one
   * rounding from float32 and float64 alike. A NaN gives one NaN, whatever its bits.
   */
  public static short of(double value) {
    double magnitude = Math.abs(value);
    int bits;
    if (!(magnitude < LEAST_INFINITE)) {
      bits = Double.isNaN(magnitude) ? NAN : INFINITY;
    } else if (magnitude < LEAST_NORMAL) {
      bits = (int) Math.rint(magnitude * 0x1p24);
    } else {
      int exponent = Math.getExponent(magnitude);
      int significand = (int) Math.rint(Math.scalb(magnitude, FRACTION_BITS - exponent));
      // The leading one of the significand adds 1 to the exponent, and a carry out of it one more.
      bits = (exponent + 14 << FRACTION_BITS) + significand;
    }
    int sign = (int) (Double.doubleToRawLongBits(value) >>> 48) & 0x8000;
    return (short) (sign | bits);
  }

  /** As {@link #of(double)}, in a few instructions: for whole clips. */
  public static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude >= TOO_LARGE) {
      return (short) (sign | (magnitude > FLOAT_INFINITY ? NAN : INFINITY));
    }
    if (magnitude < SMALLEST_NORMAL) {
      // Next to 1/2 a float's last bit counts 2^-24, as a subnormal's does: the addition rounds.
      float shifted = Float.intBitsToFloat(magnitude) + 0.5f;
      return (short) (sign | Float.floatToRawIntBits(shifted) - HALF);
    }
    int even = magnitude >>> LOST_BITS & 1;
    return (short) (sign | (magnitude - REBIAS + 0xfff + even) >>> LOST_BITS);
  }

  /** The number in {@code bits}; exact. */
  public static float toFloat(short bits) {
    int exponent = bits >>> FRACTION_BITS & 0x1f;
    int fraction = bits & 0x3ff;
    float magnitude = switch (exponent) {
      case 0 -> fraction * 0x1p-24f;
      case 0x1f -> Float.intBitsToFloat(0x7f800000 | fraction << 13);
      default -> Float.intBitsToFloat(exponent + 112 << 23 | fraction << 13);
    };
    return bits < 0 ? -magnitude : magnitude;
  }

  /** {@code value} rounded as {@link #of} does. */
  public static float rounded(double value) {
    return toFloat(of(value));
  }
}
