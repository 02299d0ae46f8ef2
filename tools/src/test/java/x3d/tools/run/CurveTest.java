package x3d.tools.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import x3d.tools.run.Curve.Reduction;

class CurveTest {
  private static double[] values(int count) {
    SplittableRandom random = new SplittableRandom(count);
    return random.doubles(count, -1, 1).map(v -> v > 0.9 ? Double.NaN : v).toArray();
  }

  private static double reduced(Reduction reduction, double[] values) {
    double[] numbers = Arrays.stream(values).filter(v -> !Double.isNaN(v)).toArray();
    if (numbers.length == 0) {
      return Double.NaN;
    }
    return switch (reduction) {
      case MEAN -> Arrays.stream(numbers).average().orElseThrow();
      case GREATEST -> Arrays.stream(numbers).max().orElseThrow();
      case LAST -> numbers[numbers.length - 1];
    };
  }

  @Test
  void eachPointStandsForAsManyValuesAndTellsOfThemWhatItShould() {
    for (Reduction reduction : Reduction.values()) {
      for (int count : new int[] {0, 1, 7, 8, 9, 16, 17, 100, 1000, 4097}) {
        double[] values = values(count);
        Curve curve = new Curve(8, reduction);
        IntStream.range(0, count).forEach(i -> curve.add(10L * i, values[i]));
        int width = (int) curve.width();
        int points = (count + width - 1) / width;
        assertTrue(points <= 8 && (width == 1 || points > 4), count + " in " + points);
        assertEquals(points, curve.points().length);
        for (int p = 0; p < points; p++) {
          int to = Math.min(count, (p + 1) * width);
          assertEquals(10 * (to - 1), curve.steps()[p]);
          assertEquals(
              reduced(reduction, Arrays.copyOfRange(values, p * width, to)),
              curve.points()[p],
              1e-12);
        }
      }
    }
  }

  @Test
  void clearedItBeginsAnew() {
    Curve curve = new Curve(2, Reduction.LAST);
    IntStream.range(0, 9).forEach(i -> curve.add(i, i));
    curve.clear();
    curve.add(3, 4);
    assertArrayEquals(new double[] {3}, curve.steps());
    assertArrayEquals(new double[] {4}, curve.points());
    assertEquals(1, curve.width());
  }

  @Test
  void aLineOfCharactersGoesFromLeastToGreatest() {
    assertEquals("▁▂▄█", Plot.line(new double[] {0, 1, 3, 7}, 4));
    assertEquals("▁▁██", Plot.line(new double[] {2, 5}, 4));
    assertEquals("▁█", Plot.line(new double[] {1, 3, 4, 6}, 2));
    assertEquals("▁ ", Plot.line(new double[] {1, Double.NaN}, 2));
  }

  @Test
  void dotsRiseFromTheLeastToTheGreatestWithoutHoles() {
    assertEquals(List.of("⠀⡜", "⡰⠁"), Plot.dots(new double[] {0, 2, 5, 7}, 2, 2));
  }
}
