package x3d.collective;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Ranks of one JVM, each driven by a thread of its own, or a process that is alone. Adds in the same order as {@link Mpi}, so
 * that it tells what ranks in processes must get, bit for bit.
 */
public final class InProcess implements Collective {
  private final int rank;
  private final Topology topology;
  private final Topology sums;
  private final Meeting meeting;

  private InProcess(int rank, Topology topology, Meeting meeting) {
    this.rank = rank;
    this.topology = topology;
    this.sums = topology.forSums();
    this.meeting = meeting;
  }

  /** A job of one rank. */
  public static Collective alone() {
    return of(1).get(0);
  }

  /** The ranks of a job on one host. */
  public static List<Collective> of(int ranks) {
    return of(ranks, ranks);
  }

  /**
   * The ranks of a job on several hosts, as it were.
   *
   * @param ranksAHost consecutive ranks that share a host; the last host may have fewer
   */
  public static List<Collective> of(int ranks, int ranksAHost) {
    Topology topology = Topology.consecutive(ranks, ranksAHost);
    Meeting meeting = new Meeting(ranks);
    return IntStream.range(0, ranks)
        .<Collective>mapToObj(rank -> new InProcess(rank, topology, meeting))
        .toList();
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return topology.ranks();
  }

  @Override
  public int host() {
    return topology.host(rank);
  }

  @Override
  public int localRank() {
    return topology.localRank(rank);
  }

  @Override
  public int localSize() {
    return topology.localSize(rank);
  }

  @Override
  public String describe() {
    return size() == 1 ? "alone" : "threads of one process";
  }

  @Override
  public void reduceScatter(FloatBuffer vector, Partition partition, FloatBuffer own) {
    partition.check(vector, size());
    partition.checkOwn(own, rank);
    together("reduce-scatter", vector, all -> {
      int from = partition.from(rank);
      int length = partition.length(rank);
      Adder adder = new Adder();
      FloatBuffer[] hostSums = new FloatBuffer[sums.hosts()];
      for (int host = 0; host < hostSums.length; host++) {
        hostSums[host] = host == 0 ? own : FloatBuffer.allocate(length);
        Adder.Part[] parts = new Adder.Part[sums.localSize(sums.rank(host, 0))];
        for (int i = 0; i < parts.length; i++) {
          parts[i] = new Adder.Part((FloatBuffer) all[sums.rank(host, i)], from);
        }
        adder.sum(parts, hostSums[host], 0, length);
      }
      Adder.Part[] parts =
          Arrays.stream(hostSums).map(sum -> new Adder.Part(sum, 0)).toArray(Adder.Part[]::new);
      adder.sum(parts, own, 0, length);
    });
  }

  @Override
  public void allGather(FloatBuffer vector, Partition partition) {
    partition.check(vector, size());
    together("all-gather", vector, all -> {
      for (int other = 0; other < size(); other++) {
        if (other != rank) {
          int from = partition.from(other);
          vector.put(from, (FloatBuffer) all[other], from, partition.length(other));
        }
      }
    });
  }

  @Override
  public void sum(double[] values) {
    together("sum", values.clone(), all -> {
      for (int other = 0; other < size(); other++) {
        double[] theirs = (double[]) all[other];
        for (int i = 0; i < values.length; i++) {
          values[i] = other == 0 ? theirs[i] : values[i] + theirs[i];
        }
      }
    });
  }

  @Override
  public void broadcast(FloatBuffer vector) {
    together("broadcast", vector, all -> {
      if (rank != 0) {
        vector.put(0, (FloatBuffer) all[0], 0, vector.limit());
      }
    });
  }

  @Override
  public byte[] broadcast(byte[] bytes) {
    List<byte[]> received = new ArrayList<>();
    together("broadcast of bytes", bytes, all -> received.add(((byte[]) all[0]).clone()));
    return received.get(0);
  }

  @Override
  public List<byte[]> allGather(byte[] own) {
    List<byte[]> received = new ArrayList<>();
    together("all-gather of bytes", own, all -> {
      for (Object theirs : all) {
        received.add(((byte[]) theirs).clone());
      }
    });
    return List.copyOf(received);
  }

  /** Shows each rank what all brought; returns when all have looked, so that it can be overwritten. */
  private void together(String operation, Object own, Consumer<Object[]> look) {
    Object[] all = meeting.meet(rank, operation, own);
    try {
      look.accept(all);
    } catch (RuntimeException | Error e) {
      meeting.fail("rank " + rank + " failed in " + operation + ": " + e);
      throw e;
    }
    meeting.meet(rank, "the end of " + operation, null);
  }

  @Override
  public void abort() {
    meeting.fail("rank " + rank + " ended the job");
  }

  @Override
  public void close() {
    meeting.leave(rank);
  }
}
