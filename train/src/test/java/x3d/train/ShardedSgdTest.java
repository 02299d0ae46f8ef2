package x3d.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.collective.Collective;
import x3d.collective.InProcess;
import x3d.collective.Partition;
import x3d.weights.Initialization;
import x3d.weights.ParameterLayout;
import x3d.weights.ParameterSpec;

class ShardedSgdTest {
  private static final int SIZE = 10_000; // three blocks, the last one short
  private static final ShardedSgd.Options PLAIN =
      new ShardedSgd.Options(0.9, 0, true, OptionalDouble.empty(), OptionalDouble.empty());
  private static final ShardedSgd.Options CLIPPING =
      new ShardedSgd.Options(0.9, 0, true, OptionalDouble.of(3), OptionalDouble.empty());
  private static final ParameterGroups DECAY = new ParameterGroups(
      new int[] {3000, 3100, SIZE}, new float[] {5e-5f, 0, 1e-2f}, new double[] {1, 1, 1});

  private final Random random = new Random(1);
  private final float[] parameters = draw();
  private final float[] initial = parameters.clone();
  private final FloatBuffer published = FloatBuffer.wrap(parameters);

  private float[] draw() {
    float[] values = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static void update(
      ShardedSgd sgd, double rate, FloatBuffer published, List<float[]> gradients) {
    List<FloatBuffer> buffers = gradients.stream().map(FloatBuffer::wrap).toList();
    for (int worker = 0; worker < sgd.workers(); worker++) {
      sgd.reduce(worker, buffers, true);
    }
    for (int worker = 0; worker < sgd.workers(); worker++) {
      sgd.settle(worker, 1.0 / gradients.size());
    }
    sgd.measure();
    for (int worker = 0; worker < sgd.workers(); worker++) {
      sgd.update(worker, rate, published);
    }
    sgd.finish(published);
  }

  private ShardedSgd sgd(ShardedSgd.Options options, int workers) {
    return sgd(options, workers, InProcess.alone());
  }

  private ShardedSgd sgd(ShardedSgd.Options options, int workers, Collective ranks) {
    return new ShardedSgd(options, DECAY, parameters, new float[SIZE], 0, workers, ranks);
  }

  @Test
  void stepsAsPyTorchsSgdDoes() {
    double[] p = new double[SIZE];
    double[] m = new double[SIZE];
    Arrays.setAll(p, i -> parameters[i]);
    ShardedSgd sgd = sgd(PLAIN, 2);
    for (int step = 0; step < 4; step++) {
      float[] gradient = draw();
      double rate = 0.1 / (step + 1);
      update(sgd, rate, published, List.of(gradient));
      for (int i = 0; i < SIZE; i++) {
        double decay = i < 3000 ? 5e-5 : i < 3100 ? 0 : 1e-2;
        double direction = gradient[i] + decay * p[i];
        m[i] = 0.9 * m[i] + direction;
        p[i] -= rate * (direction + 0.9 * m[i]);
      }
    }
    for (int i = 0; i < SIZE; i++) {
      assertEquals(p[i], parameters[i], 1e-5);
      assertEquals(m[i], sgd.momentum()[i], 1e-5);
    }
  }

  @Test
  void dampeningSparesTheFirstStepAsInPyTorch() {
    Arrays.fill(parameters, 0);
    ShardedSgd sgd = sgd(
        new ShardedSgd.Options(0.5, 0.25, false, OptionalDouble.empty(), OptionalDouble.empty()),
        1);
    float[] ones = new float[SIZE];
    Arrays.fill(ones, 1);
    update(sgd, 0, published, List.of(ones));
    assertEquals(1, sgd.momentum()[0]);
    update(sgd, 0, published, List.of(ones));
    assertEquals(0.5f * 1 + 0.75f, sgd.momentum()[0]);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7})
  void givesTheSameBitsForAnyNumberOfWorkers(int workers) {
    float[] other = parameters.clone();
    ShardedSgd one = sgd(CLIPPING, 1);
    ShardedSgd many = sgd(CLIPPING, workers);
    for (int step = 0; step < 3; step++) {
      List<float[]> gradients = List.of(draw(), draw(), draw());
      update(one, 0.1, published, gradients);
      update(many, 0.1, FloatBuffer.wrap(other), gradients);
    }
    assertArrayEquals(parameters, other);
    assertArrayEquals(one.momentum(), many.momentum());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5})
  void ranksOfOneReplicaGiveTheSameBitsAsReplicasOfOneRank(int count) throws Exception {
    List<List<float[]>> steps = new ArrayList<>();
    for (int step = 0; step < 3; step++) {
      steps.add(Stream.generate(this::draw).limit(count).toList());
    }
    ShardedSgd alone = sgd(CLIPPING, 2);
    List<ShardedSgd> ranks =
        InProcess.of(count).stream().map(rank -> sgd(CLIPPING, 1, rank)).toList();
    steps.forEach(gradients -> update(alone, 0.1, published, gradients));

    List<float[]> ends = Ranks.each(count, rank -> {
      ShardedSgd sgd = ranks.get(rank);
      Partition partition = sgd.partition();
      FloatBuffer end = direct(initial);
      FloatBuffer own = direct(new float[partition.length(rank)]);
      for (List<float[]> gradients : steps) {
        sgd.reduce(0, wrap(gradients.subList(rank, rank + 1)), true);
        sgd.exchange(direct(gradients.get(rank)), own);
        sgd.settle(0, 1.0 / count);
        sgd.measure();
        sgd.update(0, 0.1, end);
        sgd.finish(end);
      }
      float[] values = new float[SIZE];
      end.get(values);
      return values;
    });

    ends.forEach(end -> assertArrayEquals(parameters, end));
    int kept = 0;
    for (ShardedSgd rank : ranks) {
      float[] momentum = rank.momentum();
      assertArrayEquals(
          Arrays.copyOfRange(alone.momentum(), kept, kept + momentum.length), momentum);
      kept += momentum.length;
    }
    assertEquals(SIZE, kept, "each rank keeps the momentum of its slice only");
  }

  private static FloatBuffer direct(float[] values) {
    FloatBuffer buffer = ByteBuffer.allocateDirect(values.length * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
    return buffer.put(values).rewind();
  }

  @Test
  void sumsReplicasAndMicroBatchesIntoTheirMean() {
    List<float[]> gradients = List.of(draw(), draw(), draw(), draw());
    ShardedSgd sgd = sgd(PLAIN, 2);
    for (int shard = 0; shard < 2; shard++) {
      sgd.reduce(shard, wrap(gradients.subList(0, 2)), true);
      sgd.reduce(shard, wrap(gradients.subList(2, 4)), false);
    }
    for (int shard = 0; shard < 2; shard++) {
      sgd.settle(shard, 1.0 / 4);
    }
    assertEquals(norm(sgd.gradient()), sgd.measure(), 1e-9);
    float[] mean = sgd.gradient();
    for (int i = 0; i < SIZE; i++) {
      double sum = 0;
      for (float[] gradient : gradients) {
        sum += gradient[i];
      }
      assertEquals(sum / 4, mean[i], 1e-6);
    }
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  private static List<FloatBuffer> wrap(List<float[]> arrays) {
    List<FloatBuffer> buffers = new ArrayList<>();
    arrays.forEach(array -> buffers.add(FloatBuffer.wrap(array)));
    return buffers;
  }

  @Test
  void clipsByTheNormOfTheWholeGradient() {
    Arrays.fill(parameters, 0);
    ShardedSgd sgd =
        sgd(new ShardedSgd.Options(0, 0, false, OptionalDouble.of(2), OptionalDouble.empty()), 3);
    float[] gradient = draw();
    update(sgd, 1, published, List.of(gradient));
    double expected = 0;
    for (float g : gradient) {
      expected += (double) g * g;
    }
    double norm = Math.sqrt(expected);
    assertEquals(-gradient[5] * 2 / norm, parameters[5], 1e-6);
    assertEquals(-gradient[9999] * 2 / norm, parameters[9999], 1e-6);
  }

  @Test
  void clipsEachGradientByValue() {
    Arrays.fill(parameters, 0);
    ShardedSgd sgd =
        sgd(new ShardedSgd.Options(0, 0, false, OptionalDouble.empty(), OptionalDouble.of(0.5)), 1);
    float[] gradient = new float[SIZE];
    gradient[0] = 7;
    gradient[1] = -7;
    gradient[2] = 0.25f;
    update(sgd, 1, published, List.of(gradient));
    assertArrayEquals(new float[] {-0.5f, 0.5f, -0.25f}, Arrays.copyOf(parameters, 3));
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void oneBrokenGradientShowsInTheNormEvenWhenValuesAreClipped(float broken) {
    ShardedSgd sgd =
        sgd(new ShardedSgd.Options(0, 0, false, OptionalDouble.empty(), OptionalDouble.of(0.5)), 1);
    float[] gradient = new float[SIZE];
    gradient[4097] = broken;
    sgd.reduce(0, List.of(FloatBuffer.wrap(gradient)), true);
    sgd.settle(0, 1);
    assertFalse(Double.isFinite(sgd.measure()));
  }

  @Test
  void weightDecayGoesByTheGroupsOfSlowFast() {
    ParameterLayout layout = new ParameterLayout(List.of(
        new ParameterSpec("conv.weight", new int[] {2, 3}, Initialization.ZERO, false),
        new ParameterSpec("bn.weight", new int[] {2}, Initialization.ONE, true),
        new ParameterSpec("bn.bias", new int[] {2}, Initialization.ZERO, true),
        new ParameterSpec("fc.bias", new int[] {4}, Initialization.ZERO, false)));
    Recipe recipe = Recipe.defaults()
        .withOverrides(List.of("SOLVER.WEIGHT_DECAY", "0.5", "BN.WEIGHT_DECAY", "0.25"));
    ParameterGroups decay = ParameterGroups.of(layout, recipe);
    assertArrayEquals(new int[] {6, 10, 14}, decay.ends());
    assertArrayEquals(new float[] {0.5f, 0.25f, 0.5f}, decay.decays());
    ParameterGroups sparing = ParameterGroups.of(
        layout, recipe.withOverrides(List.of("SOLVER.ZERO_WD_1D_PARAM", "True")));
    assertArrayEquals(new float[] {0.5f, 0.25f, 0}, sparing.decays());
  }
}
