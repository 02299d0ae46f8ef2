package x3d.number;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Float16Test {
  private static final int INFINITY = 0x7c00;

  @Test
  void everyNumberComesBackFromFloat32() {
    for (int bits = 0; bits <= 0xffff; bits++) {
      float value = Float16.toFloat((short) bits);
      if ((bits & 0x7fff) > INFINITY) {
        assertTrue(Float.isNaN(value));
        assertTrue(Float.isNaN(Float16.rounded(value)));
      } else {
        assertEquals((short) bits, Float16.of(value), Integer.toHexString(bits));
      }
    }
  }

  /** The definition, in arithmetic that has nothing in common with shifts of bits. */
  @Test
  void numbersAreWhatTheirFieldsSay() {
    for (int bits = 0; bits < INFINITY; bits++) {
      int exponent = bits / 1024;
      int fraction = bits % 1024;
      double expected = exponent == 0
          ? fraction * Math.pow(2, -24)
          : (1 + fraction / 1024.0) * Math.pow(2, exponent - 15);
      assertEquals(expected, Float16.toFloat((short) bits));
      assertEquals(-expected, Float16.toFloat((short) (bits | 0x8000)));
    }
    assertEquals(Float.POSITIVE_INFINITY, Float16.toFloat((short) INFINITY));
    assertEquals(Float.NEGATIVE_INFINITY, Float16.toFloat((short) 0xfc00));
  }

  /** Between all neighbours: up to the middle the lower, from the middle on the upper, in the middle the even one. */
  @Test
  void everyGapIsRoundedToItsNearerEndAndATieToTheEvenOne() {
    for (int low = 0; low < INFINITY; low++) {
      double from = Float16.toFloat((short) low);
      double to = low + 1 == INFINITY ? 65536 : Float16.toFloat((short) (low + 1));
      double middle = (from + to) / 2;
      int even = low % 2 == 0 ? low : low + 1;
      assertRounded(low, Math.nextUp(from));
      assertRounded(low, Math.nextDown(middle));
      assertRounded(even, middle);
      assertRounded(low + 1, Math.nextUp(middle));
      assertRounded(low + 1, Math.nextDown(to));
      assertRounded(low, Math.nextDown((float) middle)); // of float32, in which the middle is exact
      assertRounded(low + 1, Math.nextUp((float) middle));
    }
  }

  private static void assertRounded(int expected, double value) {
    assertEquals((short) expected, Float16.of(value), Double.toHexString(value));
    assertEquals((short) (expected | 0x8000), Float16.of(-value), Double.toHexString(-value));
  }

  @ParameterizedTest
  @CsvSource({
    "0.0, 0000",
    "-0.0, 8000",
    "1.0, 3c00",
    "-2.0, c000",
    "65504.0, 7bff",
    "65519.99, 7bff",
    "65520.0, 7c00",
    "1e300, 7c00",
    "-1e300, fc00",
    "Infinity, 7c00",
    "-Infinity, fc00",
    "5.9604644775390625e-8, 0001",
    "2.98023223876953125e-8, 0000",
    "2.9802322387695316e-8, 0001",
    "4.9e-324, 0000",
    "6.097555160522461e-5, 03ff",
    "6.103515625e-5, 0400"
  })
  void knownNumbersHaveTheirKnownBits(double value, String hex) {
    assertEquals((short) Integer.parseInt(hex, 16), Float16.of(value));
  }

  @Test
  void nothingElseIsNearer() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 100_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      short rounded = Float16.of(value);
      int magnitude = rounded & 0x7fff;
      if (Math.abs(value) < 65520 && magnitude > 0) {
        double distance = Math.abs(Float16.toFloat(rounded) - (double) value);
        int sign = rounded & 0x8000;
        for (int other : new int[] {magnitude - 1, Math.min(magnitude + 1, 0x7bff)}) {
          double further = Math.abs(Float16.toFloat((short) (sign | other)) - (double) value);
          assertTrue(distance <= further, Float.toString(value));
        }
      }
    }
  }

  @Test
  void theFastWayFromFloatsRoundsAsTheExactOneDoes() {
    java.util.Random random = new java.util.Random(1);
    for (int i = 0; i < 5_000_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      assertEquals(Float16.of((double) value), Float16.of(value), () -> "of " + value);
    }
    for (int half = 0; half < 0x7c00; half++) {
      float below = Float16.toFloat((short) half);
      float above = half == 0x7bff ? 65536 : Float16.toFloat((short) (half + 1));
      float middle = (below + above) / 2;
      for (float value :
          new float[] {below, middle, Math.nextUp(middle), Math.nextDown(middle), -middle}) {
        assertEquals(Float16.of((double) value), Float16.of(value), () -> "of " + value);
      }
    }
  }
}
