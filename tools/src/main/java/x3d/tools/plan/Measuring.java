package x3d.tools.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import x3d.collective.Collective;
import x3d.collective.InProcess;
import x3d.collective.Partition;
import x3d.runtime.Provider;
import x3d.tools.bench.Machine;
import x3d.tools.bench.Spread;
import x3d.train.Recipe;
import x3d.train.Resume;
import x3d.train.TrainOptions;
import x3d.train.TrainingTrial;

/**
 * Measures a {@link Profile} on this machine. What belongs together is measured in turn, round by round, and ratios are taken within
 * a round, so that a machine whose speed drifts shifts all of it alike.
 */
final class Measuring implements AutoCloseable {
  private static final int BLOCK = 4096;

  /** Exchanges of a round: one alone is too short. */
  private static final int EXCHANGES = 8;

  private final Order order;
  private final int cores = Runtime.getRuntime().availableProcessors();
  private final List<TrainingTrial> alone = new ArrayList<>();
  private final List<TrainingTrial> crowd = new ArrayList<>();
  private final List<Collective> ranks;
  private final ExecutorService threads;

  /**
   * What to measure.
   *
   * @param recipe of the network
   * @param clips of a step, 1 or more different numbers, rising
   * @param threads of a device
   * @param rounds that count; one of warm-up goes before
   */
  record Order(Recipe recipe, List<Integer> clips, int threads, int rounds) {
    Order {
      clips = clips.stream().sorted().distinct().toList();
      if (clips.isEmpty() || clips.get(0) < 1 || threads < 1 || rounds < 1) {
        throw new IllegalArgumentException(
            "a profile is measured with 1 or more clips a step, threads and rounds; got " + clips
                + ", " + threads + " and " + rounds);
      }
    }
  }

  Measuring(Order order) {
    this.order = order;
    this.ranks = InProcess.of(Math.max(2, cores));
    this.threads = Executors.newFixedThreadPool(Math.max(2, cores));
    try {
      order.clips.forEach(n -> alone.add(trial(n)));
      if (cores / order.threads > 1) {
        crowd.add(alone.get(alone.size() - 1));
        while (crowd.size() < cores / order.threads) {
          crowd.add(trial(order.clips.get(order.clips.size() - 1)));
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private TrainingTrial trial(int clips) {
    return new TrainingTrial(
        order
            .recipe
            .with("TRAIN.BATCH_SIZE", clips)
            .with("SOLVER.ACCUMULATION_STEPS", 1)
            .with("NUM_GPUS", 1),
        new TrainOptions(Provider.CPU, order.threads, Resume.of("never"), () -> false));
  }

  /** Measures. */
  Profile profile() throws InterruptedException {
    List<List<Double>> steps = new ArrayList<>();
    alone.forEach(x -> steps.add(new ArrayList<>()));
    List<Double> optimizer = new ArrayList<>();
    List<Double> slowdowns = new ArrayList<>();
    List<Double> small = new ArrayList<>();
    List<Double> large = new ArrayList<>();
    int parameters = alone.get(0).parameters();
    for (int round = -1; round < order.rounds; round++) {
      double last = 0;
      for (int i = 0; i < alone.size(); i++) {
        last = seconds(alone.get(i)::update);
        double updating = alone.get(i).optimizerSeconds();
        if (round >= 0) {
          steps.get(i).add(last - updating);
          optimizer.add(updating);
        }
      }
      double together = crowd.isEmpty() ? 0 : crowdSeconds();
      double few = exchangeSeconds(BLOCK);
      double all = exchangeSeconds(parameters);
      if (round >= 0) {
        slowdowns.add(together / last);
        small.add(few);
        large.add(all);
      }
    }
    List<Profile.Point> points = new ArrayList<>();
    for (int i = 0; i < alone.size(); i++) {
      points.add(new Profile.Point(order.clips.get(i), median(steps.get(i))));
    }
    return new Profile(
        alone.get(0).lowering().id(),
        parameters,
        order.threads,
        cores,
        points,
        median(optimizer),
        crowd.isEmpty()
            ? Optional.empty()
            : Optional.of(new Profile.Crowd(crowd.size(), Math.max(1, median(slowdowns)))),
        Optional.of(exchange(parameters, median(small), median(large))),
        Machine.here().fields());
  }

  private Profile.Exchange exchange(int parameters, double small, double large) {
    int messages = 2 * (ranks.size() - 1);
    double bytes = 4.0 * messages * Math.max(0, parameters - BLOCK);
    double moving =
        Math.max(large - small, large / 10); // a vector of few blocks takes no longer than one
    return new Profile.Exchange(
        ranks.get(0).describe(),
        ranks.size(),
        Math.max(bytes, 4.0 * messages * BLOCK) / moving,
        small / messages);
  }

  private double crowdSeconds() throws InterruptedException {
    List<Callable<Double>> steps = new ArrayList<>();
    crowd.forEach(trial -> steps.add(() -> seconds(trial::update)));
    return slowest(steps);
  }

  /** A reduce-scatter and an all-gather of so many floats. */
  private double exchangeSeconds(int floats) throws InterruptedException {
    Partition partition = Partition.even(floats, BLOCK, ranks.size());
    CyclicBarrier start = new CyclicBarrier(ranks.size());
    List<Callable<Double>> parts = new ArrayList<>();
    for (Collective rank : ranks) {
      FloatBuffer vector = direct(floats);
      FloatBuffer own = direct(partition.length(rank.rank()));
      parts.add(() -> {
        start.await();
        return seconds(() -> {
          for (int i = 0; i < EXCHANGES; i++) {
            rank.reduceScatter(vector, partition, own);
            rank.allGather(vector, partition);
          }
        });
      });
    }
    return slowest(parts) / EXCHANGES;
  }

  private static FloatBuffer direct(int floats) {
    return ByteBuffer.allocateDirect(4 * floats).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  private double slowest(List<Callable<Double>> parts) throws InterruptedException {
    double slowest = 0;
    for (Future<Double> part : threads.invokeAll(parts)) {
      try {
        slowest = Math.max(slowest, part.get());
      } catch (ExecutionException e) {
        throw new IllegalStateException("measuring failed", e.getCause());
      }
    }
    return slowest;
  }

  private static double seconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(List<Double> figures) {
    return Spread.of(figures.stream().mapToDouble(Double::doubleValue).toArray())
        .median();
  }

  @Override
  public void close() {
    threads.shutdownNow();
    crowd.stream().skip(1).forEach(TrainingTrial::close);
    alone.forEach(TrainingTrial::close);
    ranks.forEach(Collective::close);
  }
}
