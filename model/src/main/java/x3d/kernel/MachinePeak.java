package x3d.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jdk.incubator.vector.FloatVector;

/**
 * What a machine can do at most, measured: kernels are judged by how near they come.
 *
 * @param flopsPerSecond float32 operations of fused multiply-adds (two each) on registers
 * @param bytesPerSecond read and written by copying arrays that no cache holds
 */
public record MachinePeak(double flopsPerSecond, double bytesPerSecond) {
  private static final int ROUNDS = 10;
  private static final int STEPS = 20_000_000;
  private static final int COPIED_FLOATS = 1 << 24;

  /** A little below 1, so that sums neither overflow nor vanish. */
  private static final float FACTOR = 0.999f;

  /** The best of some rounds on as many threads. Takes about a second. */
  public static MachinePeak measure(int threads) throws InterruptedException {
    double flops = 0;
    double bytes = 0;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      float[][] arrays = new float[2 * threads][COPIED_FLOATS];
      for (int round = 0; round < ROUNDS; round++) {
        double multiplying = seconds(pool, threads, thread -> multiply());
        flops = Math.max(flops, threads * (double) STEPS * 2 * CHAINS * Lanes.COUNT / multiplying);
        double copying = seconds(pool, threads, thread -> copy(arrays, thread));
        bytes = Math.max(bytes, threads * 2.0 * Float.BYTES * COPIED_FLOATS / copying);
      }
    } finally {
      pool.shutdownNow();
    }
    return new MachinePeak(flops, bytes);
  }

  private interface Work {
    float run(int thread);
  }

  private static double seconds(ExecutorService pool, int threads, Work work)
      throws InterruptedException {
    List<Callable<Float>> tasks = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int thread = i;
      tasks.add(() -> work.run(thread));
    }
    long start = System.nanoTime();
    for (Future<Float> task : pool.invokeAll(tasks)) {
      try {
        task.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static float copy(float[][] arrays, int thread) {
    float[] from = arrays[2 * thread];
    float[] to = arrays[2 * thread + 1];
    System.arraycopy(from, 0, to, 0, COPIED_FLOATS);
    return to[0];
  }

  /** Sums that do not wait for each other: two units of four cycles' latency are kept busy by eight. */
  private static final int CHAINS = 10;

  private static float multiply() {
    FloatVector x = FloatVector.broadcast(Lanes.FLOATS, FACTOR);
    FloatVector a = x;
    FloatVector b = x;
    FloatVector c = x;
    FloatVector d = x;
    FloatVector e = x;
    FloatVector f = x;
    FloatVector g = x;
    FloatVector h = x;
    FloatVector i = x;
    FloatVector j = x;
    for (int step = 0; step < STEPS; step++) {
      a = a.fma(x, x);
      b = b.fma(x, x);
      c = c.fma(x, x);
      d = d.fma(x, x);
      e = e.fma(x, x);
      f = f.fma(x, x);
      g = g.fma(x, x);
      h = h.fma(x, x);
      i = i.fma(x, x);
      j = j.fma(x, x);
    }
    return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).lane(0);
  }
}
