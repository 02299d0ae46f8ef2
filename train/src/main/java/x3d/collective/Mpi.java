package x3d.collective;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Ranks that are processes, joined by an MPI library.
 *
 * <p>Vectors are exchanged in two stages, so that a host's sum crosses the network once and not once a rank: in a
 * reduce-scatter the ranks of a host exchange slices and add them, then ranks of equal local number exchange these sums between
 * hosts; an all-gather goes back the same way. MPI only moves: the sums are ours, for MPI's own may add in any order. Large
 * slices go in chunks; the next chunk travels while one is summed. Hosts of unequal numbers of ranks count as one.
 *
 * <p>One thread at a time calls; that which joined also closes.
 */
final class Mpi implements Collective {
  /**
   * What can be set; the same on all ranks.
   *
   * @param ranksAHost how many consecutive ranks count as a host, or 0: those that share memory
   * @param stallLimit the longest wait for other ranks
   * @param chunk the longest message of a vector, in floats; shorter where many ranks answer at once
   */
  record Settings(int ranksAHost, Duration stallLimit, int chunk) {
    static final Settings DEFAULT = new Settings(0, Duration.ofMinutes(10), 1 << 18);
  }

  /**
   * For the launcher to read why this rank aborts: MPICH's ends a job at once, with what its ranks wrote last unread, which on a
   * busy machine was every other reason.
   */
  private static final long READING_MILLIS = 1000;

  private final MpiLibrary mpi;
  private final Settings settings;
  private final int rank;
  private final int size;
  private final Topology topology;
  private final Exchange single;
  private final Hierarchy hierarchy;
  private boolean over;
  private volatile boolean left;

  /** Joins the job that this process was started for. */
  Mpi(MpiLibrary mpi, Settings settings) {
    this.mpi = mpi;
    this.settings = settings;
    mpi.initialise();
    Thread owner = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> endedBefore(owner), "x3d-mpi-end"));
    rank = mpi.read("MPI_Comm_rank", mpi.abi().world());
    size = mpi.read("MPI_Comm_size", mpi.abi().world());
    single = new Exchange(mpi, rank, settings.stallLimit(), 1);
    topology = findTopology();
    hierarchy = new Hierarchy(mpi, rank, topology.forSums(), settings);
  }

  /**
   * Turns the end of a process that has not left its job into a failure: MPICH's mpiexec takes exit code 0 for success, whatever
   * ranks are left alone. A signal is none of this: the owner may be about to leave, or the exit code tells.
   */
  private void endedBefore(Thread owner) {
    boolean exits = !owner.isAlive()
        || Arrays.stream(owner.getStackTrace())
            .anyMatch(frame -> frame.getClassName().equals("java.lang.Shutdown"));
    if (exits && !left) {
      System.err.println(
          "x3d: rank " + rank + " ended without having left the job of " + size + " ranks");
      Runtime.getRuntime().halt(1);
    }
  }

  private Topology findTopology() {
    double[] own = {hostKey(), settings.ranksAHost(), settings.chunk()};
    double[] all = gather(own);
    int[] keys = new int[size];
    for (int other = 0; other < size; other++) {
      keys[other] = (int) all[3 * other];
      if (all[3 * other + 1] != own[1] || all[3 * other + 2] != own[2]) {
        over = true;
        throw new CollectiveException("rank " + other + " has other settings than rank " + rank
            + ": " + (int) all[3 * other + 1] + " ranks a host, not " + settings.ranksAHost());
      }
    }
    return Topology.of(keys);
  }

  /** The same for ranks of one host: its lowest rank, or the number of the host that is played. */
  private int hostKey() {
    if (settings.ranksAHost() > 0) {
      return rank / settings.ranksAHost();
    }
    try (Memory host = new Memory(Long.BYTES);
        Memory lowest = new Memory(Double.BYTES)) {
      mpi.call(
          "MPI_Comm_split_type",
          mpi.abi().world(),
          mpi.abi().byHost(),
          rank,
          mpi.abi().noInfo(),
          host);
      lowest.setDouble(0, rank);
      single.begin("MPI_Ibcast", lowest, 1, mpi.abi().doubles(), 0, mpi.abi().handle(host));
      single.await("finding the ranks of its host");
      mpi.call("MPI_Comm_free", host);
      return (int) lowest.getDouble(0);
    }
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
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
    return mpi.describe();
  }

  @Override
  public void reduceScatter(FloatBuffer vector, Partition partition, FloatBuffer own) {
    partition.check(vector, size);
    partition.checkOwn(own, rank);
    Pointer address = address(vector);
    checked("reduce-scatter", () -> hierarchy.reduceScatter(vector, address, partition, own));
  }

  @Override
  public void allGather(FloatBuffer vector, Partition partition) {
    partition.check(vector, size);
    Pointer address = address(vector);
    checked("all-gather", () -> hierarchy.allGather(address, partition));
  }

  @Override
  public void sum(double[] values) {
    double[] all = gather(values);
    for (int i = 0; i < values.length; i++) {
      values[i] = all[i];
      for (int other = 1; other < size; other++) {
        values[i] += all[other * values.length + i];
      }
    }
  }

  /** Every rank's values, in order of ranks. */
  private double[] gather(double[] own) {
    if (own.length == 0) {
      return own;
    }
    double[] all = new double[size * own.length];
    try (Memory send = new Memory((long) own.length * Double.BYTES);
        Memory receive = new Memory((long) all.length * Double.BYTES)) {
      send.write(0, own, 0, own.length);
      checked("sum", () -> {
        Object doubles = mpi.abi().doubles();
        single.begin(
            "MPI_Iallgather",
            send,
            own.length,
            doubles,
            receive,
            own.length,
            doubles,
            mpi.abi().world());
        single.await("sum");
      });
      receive.read(0, all, 0, all.length);
    }
    return all;
  }

  @Override
  public void broadcast(FloatBuffer vector) {
    Pointer address = address(vector);
    checked("broadcast", () -> broadcast(address, vector.limit(), mpi.abi().floats()));
  }

  private void broadcast(Pointer address, int count, Object type) {
    single.begin("MPI_Ibcast", address, count, type, 0, mpi.abi().world());
    single.await("broadcast");
  }

  @Override
  public byte[] broadcast(byte[] bytes) {
    try (Memory length = new Memory(Double.BYTES)) {
      length.setDouble(0, rank == 0 ? bytes.length : 0);
      checked("broadcast", () -> broadcast(length, 1, mpi.abi().doubles()));
      byte[] all = rank == 0 ? bytes.clone() : new byte[(int) length.getDouble(0)];
      try (Memory content = new Memory(Math.max(1, all.length))) {
        content.write(0, all, 0, all.length);
        checked("broadcast", () -> broadcast(content, all.length, mpi.abi().bytes()));
        content.read(0, all, 0, all.length);
      }
      return all;
    }
  }

  @Override
  public List<byte[]> allGather(byte[] own) {
    double[] lengths = gather(new double[] {own.length});
    long total = (long) Arrays.stream(lengths).sum();
    try (Memory send = new Memory(Math.max(1, own.length));
        Memory receive = new Memory(Math.max(1, total));
        Memory counts = new Memory((long) size * Integer.BYTES);
        Memory places = new Memory((long) size * Integer.BYTES)) {
      send.write(0, own, 0, own.length);
      int place = 0;
      for (int other = 0; other < size; other++) {
        counts.setInt((long) other * Integer.BYTES, (int) lengths[other]);
        places.setInt((long) other * Integer.BYTES, place);
        place = Math.addExact(place, (int) lengths[other]);
      }
      checked("all-gather", () -> {
        Object bytes = mpi.abi().bytes();
        single.begin(
            "MPI_Iallgatherv",
            send,
            own.length,
            bytes,
            receive,
            counts,
            places,
            bytes,
            mpi.abi().world());
        single.await("all-gather");
      });
      List<byte[]> all = new ArrayList<>();
      for (int other = 0; other < size; other++) {
        all.add(receive.getByteArray(
            places.getInt((long) other * Integer.BYTES), (int) lengths[other]));
      }
      return List.copyOf(all);
    }
  }

  /** Where a vector is; its owner keeps it while a call runs. */
  private static Pointer address(FloatBuffer vector) {
    if (!vector.isDirect() || vector.order() != ByteOrder.nativeOrder()) {
      throw new IllegalArgumentException("MPI exchanges direct buffers in native byte order only");
    }
    return vector.capacity() == 0 ? Pointer.NULL : Native.getDirectBufferPointer(vector);
  }

  /** After a failure messages may still be under way and nothing more can be done with others. */
  private void checked(String operation, Runnable call) {
    if (over) {
      throw new CollectiveException("rank " + rank + " in " + operation + ": the job is over");
    }
    try {
      call.run();
    } catch (CollectiveException e) {
      over = true;
      throw e.getMessage().startsWith("rank ")
          ? e
          : new CollectiveException("rank " + rank + " in " + operation + ": " + e.getMessage(), e);
    }
  }

  /** MPI_Abort leaves the process by exit, in which a JVM with running threads may hang: it is halted then. */
  @Override
  public void abort() {
    if (size == 1) {
      return;
    }
    over = true;
    left = true;
    Thread halt = new Thread(
        () -> {
          try {
            TimeUnit.MILLISECONDS.sleep(READING_MILLIS + 3000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          Runtime.getRuntime().halt(1);
        },
        "x3d-mpi-abort");
    halt.setDaemon(true);
    halt.start();
    try {
      Thread.sleep(READING_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    mpi.call("MPI_Abort", mpi.abi().world(), 1);
  }

  /**
   * Waits for all ranks, with the stall limit, which MPI_Finalize itself has not. After a failure the memory is left to the
   * end of the process, for messages may still come.
   */
  @Override
  public void close() {
    left = true;
    if (over) {
      return;
    }
    checked("the end of the job", () -> {
      single.begin("MPI_Ibarrier", mpi.abi().world());
      single.await("the end of the job");
      mpi.call("MPI_Finalize");
    });
    over = true;
    single.close();
    hierarchy.close();
  }
}
