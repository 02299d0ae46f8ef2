package x3d.tools.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import x3d.collective.Collective;
import x3d.collective.InProcess;
import x3d.collective.Partition;
import x3d.train.ShardedSgd;
import x3d.train.TrainingTrial;

/**
 * Replicas that step at the same time, and ranks that exchange: those of the job that this process belongs to, or of a process that
 * is alone as many threads as it takes to keep all cores busy.
 */
final class Company implements AutoCloseable {
  /** Exchanges that are timed together: one alone is too short. */
  private static final int EXCHANGES = 8;

  private final List<Collective> ranks;
  private final List<TrainingTrial> trials;
  private final ExecutorService threads;

  private Company(List<Collective> ranks, List<TrainingTrial> trials) {
    this.ranks = ranks;
    this.trials = trials;
    this.threads = Executors.newFixedThreadPool(ranks.size());
  }

  /** With the other processes of a job; every rank must do the same. */
  static Company of(Collective rank, TrainingTrial trial) {
    return new Company(List.of(rank), List.of(trial));
  }

  /**
   * With threads of this process, as many as trials but two at least.
   *
   * @param trials each on threads of its own; closed by who made them
   */
  static Company of(List<TrainingTrial> trials) {
    return new Company(InProcess.of(Math.max(2, trials.size())), trials);
  }

  /** Replicas that step together. */
  int replicas() {
    return Math.max(trials.size(), ranks.size() == 1 ? ranks.get(0).size() : 1);
  }

  /** Ranks that exchange. */
  int ranks() {
    return ranks.get(0).size();
  }

  String describe() {
    return ranks.get(0).describe();
  }

  /** The time of a step of all replicas at once. */
  double stepSeconds() throws InterruptedException {
    List<Callable<Double>> steps = new ArrayList<>();
    for (int i = 0; i < trials.size(); i++) {
      TrainingTrial trial = trials.get(i);
      Collective rank = ranks.get(i);
      boolean whole = trials.size() == ranks.size();
      steps.add(() -> together(whole ? rank : InProcess.alone(), trial::update));
    }
    return slowest(steps);
  }

  /** The time of a reduce-scatter and an all-gather of so many floats. */
  double exchangeSeconds(int floats) throws InterruptedException {
    Partition partition = Partition.even(floats, ShardedSgd.BLOCK, ranks());
    List<Callable<Double>> parts = new ArrayList<>();
    for (Collective rank : ranks) {
      FloatBuffer vector = direct(floats);
      FloatBuffer own = direct(partition.length(rank.rank()));
      parts.add(() -> together(rank, () -> {
        for (int i = 0; i < EXCHANGES; i++) {
          rank.reduceScatter(vector, partition, own);
          rank.allGather(vector, partition);
        }
      }));
    }
    return slowest(parts) / EXCHANGES;
  }

  /** Begins when all ranks are there; the time of the slowest of them. */
  private static double together(Collective rank, Runnable work) {
    rank.sum(new double[1]);
    double[] seconds = new double[rank.size()];
    seconds[rank.rank()] = Measuring.seconds(work);
    rank.sum(seconds);
    double slowest = 0;
    for (double each : seconds) {
      slowest = Math.max(slowest, each);
    }
    return slowest;
  }

  private static FloatBuffer direct(int floats) {
    return ByteBuffer.allocateDirect(4 * floats).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /** A rank of a job is driven by the thread that joined, those of one process by one each. */
  private double slowest(List<Callable<Double>> parts) throws InterruptedException {
    try {
      if (parts.size() == 1) {
        return parts.get(0).call();
      }
      double slowest = 0;
      for (Future<Double> part : threads.invokeAll(parts)) {
        slowest = Math.max(slowest, part.get());
      }
      return slowest;
    } catch (ExecutionException e) {
      throw new IllegalStateException("measuring failed", e.getCause());
    } catch (InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("measuring failed", e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    if (ranks.size() > 1) {
      ranks.forEach(Collective::close);
    }
  }
}
