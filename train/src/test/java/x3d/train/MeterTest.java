package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class MeterTest {
  private static FloatBuffer scores(float... values) {
    return FloatBuffer.wrap(values);
  }

  @Test
  void countsWhoseLabelIsHighestAndWhoseIsAmongTheFive() {
    Meter meter = new Meter();
    FloatBuffer rows = scores(
        9, 1, 2, 3, 4, 5, // label 0: right
        5, 9, 4, 3, 2, 1, // label 5: sixth
        5, 9, 4, 3, 2, 1); // label 4: fifth
    meter.clips(2.0, rows, 6, new int[] {0, 5, 4});
    assertEquals(100.0 * 2 / 3, meter.top1Error(), 1e-12);
    assertEquals(100.0 / 3, meter.top5Error(), 1e-12);
    assertEquals(2.0, meter.loss());
  }

  @Test
  void ofEqualScoresTheLowerClassComesFirst() {
    assertEquals(0, Meter.rank(scores(1, 1, 1), 0, 3, 0));
    assertEquals(2, Meter.rank(scores(1, 1, 1), 0, 3, 2));
  }

  @Test
  void aScoreThatIsNoNumberIsNeverRight() {
    assertEquals(2, Meter.rank(scores(0, Float.NaN, 0), 0, 3, 1));
  }

  @Test
  void lossIsTheMeanOverClipsHoweverTheyCame() {
    Meter meter = new Meter();
    meter.clips(1.0, scores(1, 0, 1, 0, 1, 0), 2, new int[] {0, 0, 0});
    meter.clips(5.0, scores(1, 0), 2, new int[] {0});
    Meter all = new Meter();
    all.add(meter);
    assertEquals(2.0, all.loss());
    assertEquals(4, all.clips());
  }

  @Test
  void emptyPlacesAreNotCounted() {
    Meter meter = new Meter();
    meter.scores(scores(1, 0, 1, 0), 2, new int[] {0, Batch.EMPTY});
    assertEquals(1, meter.clips());
    assertEquals(0, meter.top1Error());
  }

  @Test
  void clipsASecondCountWaitingToo() {
    Meter meter = new Meter();
    meter.clips(0, scores(1, 0, 1, 0), 2, new int[] {0, 0});
    meter.iteration(1_500_000_000L, 500_000_000L);
    assertEquals(1.0, meter.clipsPerSecond());
    assertEquals(1.5, meter.dataSeconds());
    assertEquals(0.5, meter.stepSeconds());
  }
}
