package x3d.tools.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import x3d.collective.Collective;
import x3d.collective.InProcess;
import x3d.collective.Partition;
import x3d.train.ShardedSgd;

/** The formulas of bytes against bytes that ranks are seen to hand over. */
final class TrafficTest {
  private static final int BLOCK = ShardedSgd.BLOCK;
  private static final int PARAMETERS = 24 * BLOCK; // so that slices are even
  private static final Demand DEMAND = new Demand(
      "conv3d",
      PARAMETERS,
      0,
      100,
      new Demand.Linear(0, 0),
      new Demand.Activations(new long[] {0}, new long[] {0}));
  private static final Planner PLANNER = new Planner(DEMAND, 1, Optional.empty(), Optional.empty());

  private static Cluster cluster(int hosts, int ranks, int devices, OptionalDouble device) {
    return new Cluster(hosts, ranks, devices, new Cluster.Links(1, 0, 1, 0, device));
  }

  /** A rank whose bytes are counted: all that it hands to others or they to it, once. */
  private record Counted(Collective rank, AtomicLong bytes) {
    void reduceScatter(FloatBuffer vector, Partition partition, FloatBuffer own) {
      bytes.addAndGet(4L * (partition.length() - partition.length(rank.rank())));
      rank.reduceScatter(vector, partition, own);
    }

    void allGather(FloatBuffer vector, Partition partition) {
      bytes.addAndGet(4L * partition.length(rank.rank()) * (rank.size() - 1));
      rank.allGather(vector, partition);
    }

    void sum(double[] values) {
      bytes.addAndGet(8L * values.length * (rank.size() - 1));
      rank.sum(values);
    }
  }

  private static FloatBuffer floats(int count) {
    return ByteBuffer.allocateDirect(4 * count).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  private interface Work {
    void of(int host, int local);
  }

  private static void onEachRank(int hosts, int ranks, Work work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(hosts * ranks);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < hosts * ranks; i++) {
        int rank = i;
        running.add(threads.submit(() -> work.of(rank / ranks, rank % ranks)));
      }
      for (Future<?> each : running) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void ranksOfAHostHandOverWhatTheFormulaSays() throws Exception {
    int ranks = 4;
    AtomicLong bytes = new AtomicLong();
    List<Collective> all = InProcess.of(ranks);
    Partition partition = Partition.even(PARAMETERS, BLOCK, ranks);
    onEachRank(1, ranks, (host, local) -> {
      Counted rank = new Counted(all.get(local), bytes);
      FloatBuffer vector = floats(PARAMETERS);
      rank.reduceScatter(vector, partition, floats(partition.length(local)));
      rank.sum(new double[PARAMETERS / BLOCK]);
      rank.allGather(vector, partition);
    });
    assertEquals(
        PLANNER.traffic(cluster(1, ranks, ranks, OptionalDouble.empty()), 1).host(), bytes.get());
  }

  @Test
  void hostsHandOverWhatTheFormulaSays() throws Exception {
    int hosts = 3;
    int ranks = 2;
    AtomicLong within = new AtomicLong();
    AtomicLong between = new AtomicLong();
    List<List<Collective>> local = new ArrayList<>();
    List<List<Collective>> across = new ArrayList<>();
    for (int h = 0; h < hosts; h++) {
      local.add(InProcess.of(ranks));
    }
    for (int l = 0; l < ranks; l++) {
      across.add(InProcess.of(hosts));
    }
    Partition outer = Partition.even(PARAMETERS, BLOCK, ranks);
    Partition inner = Partition.even(PARAMETERS / ranks, BLOCK, hosts);
    onEachRank(hosts, ranks, (h, l) -> {
      Counted inHost = new Counted(local.get(h).get(l), within);
      Counted outOfHost = new Counted(across.get(l).get(h), between);
      FloatBuffer vector = floats(PARAMETERS);
      FloatBuffer share = floats(PARAMETERS / ranks);
      inHost.reduceScatter(vector, outer, share);
      outOfHost.reduceScatter(share, inner, floats(inner.length(h)));
      outOfHost.allGather(share, inner);
      inHost.allGather(vector, outer);
    });
    Traffic traffic = PLANNER.traffic(cluster(hosts, ranks, ranks, OptionalDouble.empty()), 1);
    long sums = 8 * (PARAMETERS / BLOCK) * (hosts * ranks - 1); // over each link of the ring
    assertEquals(within.get(), hosts * (traffic.host() - sums));
    assertEquals(between.get(), hosts * (traffic.network() - sums));
  }

  @Test
  void aDeviceGetsParametersAndClipsAndGivesGradients() {
    Planner planner = new Planner(DEMAND, 3, Optional.empty(), Optional.empty());
    Traffic traffic = planner.traffic(cluster(1, 1, 2, OptionalDouble.of(1)), 5);
    assertEquals(4 * PARAMETERS + 3 * 5 * 100, traffic.toDevice());
    assertEquals(3 * 4 * PARAMETERS, traffic.fromDevice());
    assertEquals(0, traffic.host());
  }

  @Test
  void aLoneRankExchangesNothing() {
    Traffic traffic = PLANNER.traffic(cluster(1, 1, 1, OptionalDouble.empty()), 5);
    assertEquals(new Traffic(0, 0, 0, 0, 0, 0), traffic);
  }
}
