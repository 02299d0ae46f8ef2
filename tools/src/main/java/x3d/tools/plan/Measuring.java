package x3d.tools.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import x3d.collective.Collective;
import x3d.collective.Cores;
import x3d.tools.bench.Machine;
import x3d.tools.bench.Spread;
import x3d.train.Recipe;
import x3d.train.Resume;
import x3d.train.ShardedSgd;
import x3d.train.TrainOptions;
import x3d.train.TrainingTrial;

/**
 * Measures a {@link Profile} on this machine. What belongs together is measured in turn, round by round, and ratios are taken within
 * a round, so that a machine whose speed drifts shifts all of it alike. Started as a job of several ranks on one host, rank 0 steps
 * alone, and all together tell how they slow each other and how fast they exchange; a lone process does that with threads.
 */
final class Measuring implements AutoCloseable {
  /** Of the time that rank 0 is expected to step alone; who wakes up late is waited for, who wakes up early disturbs. */
  private static final double ASLEEP = 1.1;

  private final Order order;
  private final Collective ranks;
  private final boolean steps;
  private final int cores;
  private final List<TrainingTrial> alone = new ArrayList<>();
  private final List<TrainingTrial> others = new ArrayList<>();
  private final Company company;
  private final List<List<Double>> stepSeconds = new ArrayList<>();
  private final List<Double> optimizer = new ArrayList<>();
  private final List<Double> slowdowns = new ArrayList<>();
  private final List<Double> small = new ArrayList<>();
  private final List<Double> large = new ArrayList<>();
  private double aloneSeconds;

  /**
   * What to measure.
   *
   * @param recipe of the network
   * @param clips of a step, 1 or more different numbers, rising
   * @param threads of a device
   */
  record Order(Recipe recipe, List<Integer> clips, int threads) {
    Order {
      clips = clips.stream().sorted().distinct().toList();
      if (clips.isEmpty() || clips.get(0) < 1 || threads < 1) {
        throw new IllegalArgumentException(
            "a profile is measured with 1 or more clips a step, and threads; got " + clips + " and "
                + threads);
      }
    }
  }

  Measuring(Order order, Collective ranks) {
    this.order = order;
    this.ranks = ranks;
    this.steps = ranks.rank() == 0;
    this.cores = Cores.together(ranks);
    try {
      for (int clips : order.clips) {
        alone.add(trial(clips));
        stepSeconds.add(new ArrayList<>());
      }
      TrainingTrial largest = alone.get(alone.size() - 1);
      if (ranks.size() > 1) {
        company = Company.of(ranks, largest);
        return;
      }
      List<TrainingTrial> crowd = new ArrayList<>(List.of(largest));
      while (crowd.size() < cores / order.threads) {
        others.add(trial(order.clips.get(order.clips.size() - 1)));
        crowd.add(others.get(others.size() - 1));
      }
      company = Company.of(crowd);
    } catch (RuntimeException e) {
      closeTrials();
      throw e;
    }
  }

  private TrainingTrial trial(int clips) {
    return new TrainingTrial(
        order
            .recipe
            .with("TRAIN.BATCH_SIZE", clips)
            .with("SOLVER.ACCUMULATION_STEPS", 1)
            .with("NUM_GPUS", 1)
            .with("NUM_SHARDS", 1),
        new TrainOptions(order.threads, Resume.of("never"), () -> false));
  }

  /** Works until compilers are done; every rank must. */
  void warmUp() throws InterruptedException {
    for (WarmUp warmUp = new WarmUp(ranks); !warmUp.over(); ) {
      round(false);
    }
  }

  /** Measures everything once; every rank must, as often as the others. */
  void round() throws InterruptedException {
    round(true);
  }

  /** What the rounds so far tell, 1 or more; what ranks other than 0 return is of no use. */
  Profile profile() {
    int parameters = alone.get(0).parameters();
    List<Profile.Point> points = new ArrayList<>();
    for (int i = 0; i < alone.size(); i++) {
      points.add(new Profile.Point(order.clips.get(i), steps ? median(stepSeconds.get(i)) : 1));
    }
    return new Profile(
        alone.get(0).lowering().id(),
        parameters,
        order.threads,
        cores,
        points,
        steps ? median(optimizer) : 0,
        crowd(),
        Optional.of(exchange(parameters)),
        Machine.here().fields());
  }

  private void round(boolean counts) throws InterruptedException {
    double last = aloneInTurn(counts);
    company.stepSeconds(); // after steps of another size, or none, caches are cold
    double together = company.stepSeconds();
    double few = company.exchangeSeconds(ShardedSgd.BLOCK);
    double all = company.exchangeSeconds(alone.get(0).parameters());
    if (counts) {
      slowdowns.add(together / last);
      small.add(few);
      large.add(all);
    }
  }

  /**
   * Steps rank 0; the others sleep for as long as that took last time, since who waits within MPI keeps a core busy.
   *
   * @return the time of the largest step, of use on rank 0
   */
  private double aloneInTurn(boolean counts) throws InterruptedException {
    double[] usual = {steps ? aloneSeconds : 0};
    ranks.sum(usual);
    if (!steps) {
      Thread.sleep(Math.round(1e3 * ASLEEP * usual[0]));
      return 1;
    }
    double[] largest = new double[1];
    aloneSeconds = seconds(() -> largest[0] = stepAlone(counts));
    return largest[0];
  }

  private double stepAlone(boolean counts) {
    double last = 0;
    for (int i = 0; i < alone.size(); i++) {
      TrainingTrial trial = alone.get(i);
      trial.update(); // after steps of another size caches are cold
      last = seconds(trial::update);
      double updating = trial.optimizerSeconds();
      if (counts) {
        stepSeconds.get(i).add(last - updating);
        optimizer.add(updating);
      }
    }
    return last;
  }

  /** That of replicas which take turns is divided by the turns. */
  private Optional<Profile.Crowd> crowd() {
    int busy = company.replicas() * order.threads;
    return company.replicas() == 1
        ? Optional.empty()
        : Optional.of(new Profile.Crowd(
            Math.min(busy, cores),
            Math.max(1, median(slowdowns) / Math.max(1, (double) busy / cores))));
  }

  private Profile.Exchange exchange(int parameters) {
    double latency = median(small) / 2; // a reduce-scatter and an all-gather
    int more = parameters - ShardedSgd.BLOCK;
    double bytes = 2 * (company.ranks() - 1) * 4.0 * Math.max(more, ShardedSgd.BLOCK);
    // a short vector takes no longer than one block: then all of its time is taken for the bytes
    double moving = Math.max(median(large) - median(small), median(large) / 10);
    return new Profile.Exchange(company.describe(), company.ranks(), bytes / moving, latency);
  }

  static double seconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(List<Double> figures) {
    return Spread.of(figures.stream().mapToDouble(Double::doubleValue).toArray())
        .median();
  }

  private void closeTrials() {
    alone.forEach(TrainingTrial::close);
    others.forEach(TrainingTrial::close);
  }

  @Override
  public void close() {
    company.close();
    closeTrials();
  }
}
