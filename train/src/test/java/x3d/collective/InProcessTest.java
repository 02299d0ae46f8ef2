package x3d.collective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class InProcessTest {
  /** What each rank's thread returned or threw. */
  private static <T> List<T> onEach(List<Collective> ranks, Function<Collective, T> work)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(ranks.size());
    try {
      List<Future<T>> running = new ArrayList<>();
      for (Collective rank : ranks) {
        running.add(threads.submit(() -> work.apply(rank)));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : running) {
        results.add(future.get(30, TimeUnit.SECONDS));
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private static float[] array(FloatBuffer buffer) {
    float[] values = new float[buffer.limit()];
    buffer.get(0, values);
    return values;
  }

  /** The sum as the contract has it, spelled out. */
  private static float expected(int ranks, int ranksAHost, int length, int i) {
    int aHost = ranks % ranksAHost == 0 ? ranksAHost : ranks;
    float total = 0;
    for (int host = 0; host < ranks / aHost; host++) {
      float hostSum = 0;
      for (int local = 0; local < aHost; local++) {
        float value = Exercise.values(host * aHost + local, length, 3).get(i);
        hostSum = local == 0 ? value : hostSum + value;
      }
      total = host == 0 ? hostSum : total + hostSum;
    }
    return total;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 7",
    "2, 2, 1",
    "2, 1, 13",
    "3, 3, 10000",
    "4, 2, 10001",
    "5, 2, 37",
    "5, 5, 3",
    "6, 3, 41"
  })
  void sumsOverTheRanksOfAHostThenOverTheHosts(int ranks, int ranksAHost, int length)
      throws Exception {
    for (Partition partition :
        List.of(Partition.even(length, 1, ranks), Exercise.uneven(length, ranks))) {
      List<float[]> slices = onEach(InProcess.of(ranks, ranksAHost), rank -> {
        FloatBuffer own = Exercise.direct(partition.length(rank.rank()));
        rank.reduceScatter(Exercise.values(rank.rank(), length, 3), partition, own);
        return array(own);
      });
      for (int rank = 0; rank < ranks; rank++) {
        for (int i = 0; i < partition.length(rank); i += Math.max(1, length / 20)) {
          assertEquals(
              expected(ranks, ranksAHost, length, partition.from(rank) + i),
              slices.get(rank)[i]);
        }
      }
    }
  }

  @Test
  void gathersSlicesOfAllRanksOnAll() throws Exception {
    Partition partition = new Partition(new int[] {0, 3, 3, 8});
    List<float[]> vectors = onEach(InProcess.of(3), rank -> {
      FloatBuffer vector = Exercise.direct(8);
      for (int i = partition.from(rank.rank()); i < partition.to(rank.rank()); i++) {
        vector.put(i, 10 * rank.rank() + i);
      }
      rank.allGather(vector, partition);
      return array(vector);
    });
    for (float[] vector : vectors) {
      assertArrayEquals(new float[] {0, 1, 2, 23, 24, 25, 26, 27}, vector);
    }
  }

  @Test
  void addsDoublesInOrderOfRanks() throws Exception {
    for (double[] sum : onEach(InProcess.of(3), rank -> {
      double[] values = {new double[] {1e16, -1e16, 1}[rank.rank()], rank.rank(), -0.0};
      rank.sum(values);
      return values;
    })) {
      assertArrayEquals(new double[] {1, 3, -0.0}, sum);
    }
  }

  @Test
  void tellsAllWhatRankZeroHasAndWhatEachHas() throws Exception {
    for (String told : onEach(InProcess.of(3), rank -> {
      FloatBuffer vector = Exercise.direct(2);
      vector.put(0, rank.rank() + 5);
      rank.broadcast(vector);
      byte[] bytes = rank.broadcast(rank.rank() == 0 ? new byte[] {42} : null);
      List<byte[]> all = rank.allGather(new byte[rank.rank()]);
      return vector.get(0) + " " + bytes[0] + " " + all.get(0).length + all.get(1).length
          + all.get(2).length;
    })) {
      assertEquals("5.0 42 012", told);
    }
  }

  @Test
  void knowsWhichRanksShareAHost() {
    List<String> places = InProcess.of(5, 2).stream()
        .map(r -> r.rank() + "/" + r.size() + " " + r.localRank() + "/" + r.localSize())
        .toList();
    assertEquals(List.of("0/5 0/2", "1/5 1/2", "2/5 0/2", "3/5 1/2", "4/5 0/1"), places);
  }

  @Test
  void hostsOfUnevenRanksAreNumberedByTheirLowestRank() {
    Topology topology = Topology.of(new int[] {9, 4, 9, 4});
    assertEquals(2, topology.hosts());
    assertEquals(2, topology.rank(0, 1));
    assertEquals(1, topology.localRank(3));
    assertEquals(1, Topology.of(new int[] {9, 4, 9}).forSums().hosts());
  }

  @Test
  void ofOneRankChangesNothing() {
    Collective alone = InProcess.alone();
    FloatBuffer own = Exercise.direct(5);
    FloatBuffer vector = Exercise.values(0, 5, 1);
    float[] before = array(vector);
    alone.reduceScatter(vector, Partition.even(5, 1, 1), own);
    assertArrayEquals(before, array(own));
    assertEquals("alone", alone.describe());
    alone.abort();
  }

  private static String failure(ExecutionException e) {
    assertTrue(e.getCause() instanceof CollectiveException, String.valueOf(e.getCause()));
    return e.getCause().getMessage();
  }

  @Test
  void failsWhereARankEndsTheJob() {
    ExecutionException e = assertThrows(
        ExecutionException.class,
        () -> onEach(InProcess.of(3), rank -> {
          if (rank.rank() == 2) {
            rank.abort();
          } else {
            rank.sum(new double[1]);
          }
          return null;
        }));
    assertEquals("rank 0 in sum: rank 2 ended the job", failure(e));
  }

  @Test
  void failsWhereARankHasLeft() {
    ExecutionException e = assertThrows(
        ExecutionException.class,
        () -> onEach(InProcess.of(2), rank -> {
          if (rank.rank() == 1) {
            rank.close();
          } else {
            rank.broadcast(Exercise.direct(3));
          }
          return null;
        }));
    assertEquals("rank 0 in broadcast: rank 1 has left the job", failure(e));
  }

  @Test
  void failsWhereRanksCallDifferentOperations() {
    ExecutionException e = assertThrows(
        ExecutionException.class,
        () -> onEach(InProcess.of(2), rank -> {
          if (rank.rank() == 1) {
            rank.sum(new double[1]);
          } else {
            rank.broadcast(Exercise.direct(3));
          }
          return null;
        }));
    assertTrue(failure(e).contains(" while others call "), failure(e));
  }

  @Test
  void refusesVectorsOfAnotherLengthThanThePartition() {
    Partition partition = Partition.even(5, 1, 1);
    IllegalArgumentException e = assertThrows(
        IllegalArgumentException.class,
        () -> InProcess.alone().allGather(Exercise.direct(4), partition));
    assertEquals("the vector has 4 values where the partition has 5", e.getMessage());
  }
}
