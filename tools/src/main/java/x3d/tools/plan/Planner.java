package x3d.tools.plan;

import java.util.Optional;
import x3d.train.ShardedSgd;
import x3d.train.Trainer;

/**
 * What an update takes, by the formulas of {@code docs/scaling.md}; their letters are used here: P parameters, S statistics,
 * H hosts, L ranks a host, D devices a rank, R = H L ranks, A micro-batches.
 *
 * @param demand of the network
 * @param microBatches of an update, A
 * @param profile of a device, if there is one; without it there are no times
 * @param loading of a host, if it is known
 */
record Planner(
    Demand demand, int microBatches, Optional<Profile> profile, Optional<Loading> loading) {
  /** Small sums over all ranks an update: the norm; the meter with whether to stop. */
  private static final int SUMS = 2;

  /**
   * What a runtime's allocator holds beyond the tensors: a step of 8 clips of X3D-S in kernels, of 1,676 MiB by the graph, held
   * 2,658 MiB resident with the rest of its process (docs/performance.md).
   */
  private static final double ALLOCATOR = 0.3;

  /** What a JVM with the native libraries keeps resident: docs/performance.md, soak of a small network. */
  private static final long PROCESS = 256L << 20;

  /**
   * How fast a host reads clips.
   *
   * @param clipsPerSecond of one thread
   * @param threads of a host
   */
  record Loading(double clipsPerSecond, int threads) {}

  /** Refuses a profile of another network. */
  Planner {
    profile.ifPresent(p -> {
      if (p.parameters() != demand.parameters() || !p.lowering().equals(demand.lowering())) {
        throw new IllegalArgumentException("the profile is of " + p.parameters()
            + " parameters in " + p.lowering() + ", the recipe's network has "
            + demand.parameters() + " in " + demand.lowering()
            + "; measure that one, or give its KEY VALUE here too");
      }
    });
  }

  /** All that is moved by one update. */
  Traffic traffic(Cluster c, int clips) {
    boolean measures = demand.statistics() > 0;
    int exchanges =
        2 * (1 + (measures ? microBatches : 0)); // a reduce-scatter and an all-gather each
    long vectors = demand.vector() + (measures ? 4L * demand.statistics() * microBatches : 0);
    // the norm's partial sums go round a ring of all ranks, of which a host has so many links
    long sums =
        8L * ((demand.parameters() + ShardedSgd.BLOCK - 1) / ShardedSgd.BLOCK) * (c.allRanks() - 1);
    boolean alone = c.hosts() == 1;
    int links = alone && c.ranks() == 1 ? 0 : alone ? c.ranks() : c.ranks() - 1;
    int rounds = exchanges + SUMS * (int) Math.ceil(Math.log(c.allRanks()) / Math.log(2));
    boolean attached = c.links().device().isPresent();
    return new Traffic(
        2 * (c.ranks() - 1) * vectors + links * sums,
        c.ranks() == 1 ? 0 : alone ? rounds : exchanges,
        2 * vectors * (c.hosts() - 1) / c.hosts() + (alone ? 0 : sums),
        alone ? 0 : rounds,
        attached ? demand.vector() + microBatches * (clips * demand.clips()) : 0,
        attached ? microBatches * demand.vector() : 0);
  }

  /** Where an update's time goes; null without a profile. */
  Optional<StepTime> time(Cluster c, int clips) {
    return profile.map(p -> time(p, c, clips));
  }

  private StepTime time(Profile p, Cluster c, int clips) {
    Cluster.Links links = c.links();
    boolean ownCores = links.device().isEmpty();
    double slowdown = ownCores ? p.slowdown(c.devices() * p.threads()) : 1;
    Traffic t = traffic(c, clips);
    double copies =
        ownCores ? 0 : (t.toDevice() + t.fromDevice()) / links.device().getAsDouble();
    double inProcess = (double) microBatches * c.ranks() * (c.devicesEach() - 1) * demand.vector();
    StepTime busy = new StepTime(
        slowdown * microBatches * p.line().at(clips),
        copies,
        (t.host() + inProcess) / links.host() + t.hostRounds() * links.hostLatency(),
        t.network() / links.network() + t.networkRounds() * links.networkLatency(),
        slowdown * p.optimizerSeconds() / c.allRanks(),
        0);
    return busy.waiting(dataWait(c, clips, busy.total(), ownCores, p));
  }

  /** Threads that read clips beside devices have the whole step for it; those that take the devices' own cores add to it. */
  private double dataWait(Cluster c, int clips, double step, boolean ownCores, Profile p) {
    if (loading.isEmpty()) {
      return 0;
    }
    double perThread =
        (double) c.devices() * microBatches * clips / loading.get().clipsPerSecond();
    return ownCores
        ? perThread / p.cores()
        : Math.max(0, perThread / loading.get().threads() - step);
  }

  /** What a device and a host must hold. */
  Memory memory(Cluster c, int clips) {
    long vector = demand.vector();
    Memory.Device device = new Memory.Device(
        vector,
        vector,
        clips * demand.clips(),
        demand.others().at(clips),
        demand.activations().peak(clips),
        (long) (ALLOCATOR * demand.activations().peak(clips)));
    long share = vector / c.allRanks();
    long waiting = Trainer.BATCHES_AHEAD * c.devices() * (clips * demand.clips());
    boolean ownMemory = c.links().device().isPresent();
    // a host's copy of each device's gradients and small results; where it is itself the device,
    // all of that but the
    // clips, which are among the waiting, and the parameters, which the devices of a rank share
    long each = vector
        + demand.others().at(clips)
        + (ownMemory ? 0 : device.activations() + device.allocator());
    return new Memory(
        device,
        new Memory.Host(
            2 * c.ranks() * vector,
            c.ranks() * share,
            c.ranks() * share,
            waiting,
            c.devices() * each,
            c.ranks() * PROCESS),
        ownMemory);
  }

  /** The most clips a device for which its memory, or that of its host, is not more than this; 0 if there is none. */
  int mostClips(Cluster c, double bytes) {
    int most = 0;
    for (int step = 1 << 20; step > 0; step /= 2) {
      if (memory(c, most + step).limited() <= bytes) {
        most += step;
      }
    }
    return most;
  }
}
