package x3d.tools.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import x3d.classify.Ranked;
import x3d.tools.evaluate.Outcome.Prediction;

/** The formulas of a report. */
final class FiguresTest {
  static Prediction prediction(int index, int label, int answer, float probability) {
    int rank = label == answer ? 1 : 2;
    return new Prediction(
        index,
        "v" + index,
        label,
        rank,
        rank == 1 ? probability : 0.01f,
        List.of(new Ranked(answer, "c" + answer, probability)),
        List.of(answer));
  }

  /** 81 of 263 is an example of Newcombe (1998); the figures are those of SciPy 1.17, binomtest(81, 263).proportion_ci(method="wilson"). */
  @Test
  void wilsonsIntervalIsThatOfNewcombesExamples() {
    assertEquals(25.53, Interval.of(81, 263).low(), 0.005);
    assertEquals(36.62, Interval.of(81, 263).high(), 0.005);
    assertEquals(new Interval(0, 100), Interval.of(0, 0));
    assertEquals(0, Interval.of(0, 20).low());
    assertEquals(16.11, Interval.of(0, 20).high(), 0.005);
    assertEquals(100, Interval.of(20, 20).high());
  }

  @Test
  void mcNemarsTestIsTheBinomialDistribution() {
    assertEquals(1, McNemar.of(0, 0).p());
    assertEquals(1, McNemar.of(7, 7).p());
    assertEquals(2 * (1 + 10 + 45) / 1024.0, McNemar.of(2, 8).p(), 1e-12);
    assertEquals(McNemar.of(8, 2).p(), McNemar.of(2, 8).p());
    assertEquals(2 / 1024.0, McNemar.of(10, 0).p(), 1e-12);
    assertEquals(0.0455, McNemar.of(5100, 4900).p(), 0.0015); // two standard deviations
  }

  @Test
  void calibrationErrorIsTheMeanDistanceOfProbabilityAndAccuracy() {
    List<Prediction> sure = IntStream.range(0, 10)
        .mapToObj(i -> prediction(i, 0, i < 6 ? 0 : 1, 0.9f))
        .toList();
    Calibration calibration = Calibration.of(sure);
    assertEquals(0.3, calibration.ece(), 1e-6);
    assertEquals(10, calibration.bins().get(13).videos());
    assertEquals(0.6, calibration.bins().get(13).accuracy(), 1e-9);
    assertEquals(0, Calibration.of(List.of(prediction(0, 1, 1, 1f))).ece());
  }

  @Test
  void clustersPutClassesThatAreTakenForEachOtherSideBySide() {
    int[][] counts = new int[6][6];
    for (int i = 0; i < 6; i++) {
      counts[i][i] = 10;
    }
    counts[0][5] = 4;
    counts[5][0] = 3;
    counts[1][4] = 5;
    counts[4][2] = 2;
    List<Integer> order = ClassOrder.of(counts);
    assertEquals(List.of(0, 1, 2, 3, 4, 5), order.stream().sorted().toList());
    assertEquals(1, Math.abs(order.indexOf(0) - order.indexOf(5)));
    assertEquals(1, Math.abs(order.indexOf(1) - order.indexOf(4)));
    assertEquals(1, Math.abs(order.indexOf(2) - order.indexOf(4)));
  }
}
