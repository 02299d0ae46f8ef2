package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import x3d.weights.Initialization;
import x3d.weights.ParameterLayout;
import x3d.weights.ParameterSpec;

class PreciseStatisticsTest {
  private static final ParameterLayout LAYOUT = new ParameterLayout(List.of(
      new ParameterSpec("a.bn.running_mean", new int[] {1}, Initialization.ZERO, true),
      new ParameterSpec("a.bn.running_var", new int[] {1}, Initialization.ONE, true)));

  @Test
  void areThoseOfAllBatchesTakenAsOne() {
    int batches = 20;
    int each = 500;
    Random random = new Random(3);
    PreciseStatistics precise = new PreciseStatistics(LAYOUT);
    double sum = 0;
    double squares = 0;
    for (int b = 0; b < batches; b++) {
      double shift = random.nextGaussian(); // batches differ, as those of video do
      double batchSum = 0;
      double batchSquares = 0;
      for (int i = 0; i < each; i++) {
        double x = shift + 2 * random.nextGaussian();
        batchSum += x;
        batchSquares += x * x;
      }
      double mean = batchSum / each;
      precise.add(FloatBuffer.wrap(
          new float[] {(float) mean, (float) ((batchSquares - each * mean * mean) / (each - 1))}));
      sum += batchSum;
      squares += batchSquares;
    }
    double mean = sum / (batches * each);
    double variance = squares / (batches * each) - mean * mean;
    assertEquals(mean, precise.result()[0], 1e-5);
    assertEquals(variance, precise.result()[1], 0.003 * variance);
    assertEquals(batches, precise.batches());
  }
}
