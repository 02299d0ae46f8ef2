package x3d.tools.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Rounds, medians and memory. */
final class MeasurementTest {
  private static Round round(double seconds) {
    return new Round(seconds, 6, OptionalLong.of(100));
  }

  @Test
  void roundsTakeTurnsAndThoseOfTheWarmUpDoNotCount() throws Exception {
    StringBuilder order = new StringBuilder();
    List<Double> ours = new ArrayList<>(List.of(9.0, 1.0, 2.0, 3.0));
    List<Double> theirs = new ArrayList<>(List.of(9.0, 4.0, 2.0, 30.0));
    Measurement measured = Measurement.of(
        "work",
        "item",
        new Measurement.Plan(1, 3),
        () -> {
          order.append('A');
          return round(ours.remove(0));
        },
        Optional.<Contender>of(() -> {
          order.append('B');
          return round(theirs.remove(0));
        }));
    assertEquals("ABABABAB", order.toString());
    assertEquals(new Spread(3, 2, 6), measured.ours().rates());
    assertEquals(new Spread(4, 1, 10), measured.ratio().orElseThrow());
  }

  @Test
  void theMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
    assertEquals(new Spread(2.5, 1, 10), Spread.of(10, 1, 3, 2));
  }

  @Test
  void aPercentileIsTheSmallestThatSoManyDoNotExceed() {
    double[] sorted = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    assertArrayEquals(new double[] {5, 10, 10}, new double[] {
      BenchServeCommand.rank(sorted, 50),
      BenchServeCommand.rank(sorted, 95),
      BenchServeCommand.rank(sorted, 99)
    });
  }

  @Test
  void noRoundsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Measurement.Plan(0, 0));
  }

  @Test
  void aSoakSeesWhatLeaks() throws IOException, InterruptedException {
    List<byte[]> kept = new ArrayList<>();
    Soak leaking = Soak.of(8, 4 << 20, () -> kept.add(new byte[1 << 20]));
    assertEquals(8, kept.size());
    assertFalse(leaking.flat());
    assertTrue(leaking.heapGrowth() >= 8 << 20, "growth " + leaking.heapGrowth());
  }

  @Test
  void aSoakOfWorkThatKeepsNothingIsFlat() throws IOException, InterruptedException {
    int[] done = {0};
    Soak flat = Soak.of(10, 64 << 20, () -> done[0] += new byte[1 << 20].length >> 20);
    assertEquals(10, done[0]);
    assertTrue(flat.flat(), flat.toString());
    assertEquals(
        List.of(0L, 2L, 5L, 7L, 10L),
        flat.samples().stream().map(Soak.Sample::done).toList());
  }
}
