package x3d.collective;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/** Messages under way, all of which are waited for together. Owns the memory of their requests. */
final class Exchange implements AutoCloseable {
  /** Between ranks of one machine a short answer comes within some microseconds. */
  private static final int SPINS = 200;

  /** Long enough that ranks that share a core leave it to each other, short beside a message of a chunk. */
  private static final long LONGEST_SLEEP_NANOS = 100_000;

  private final MpiLibrary mpi;
  private final int rank;
  private final Duration stallLimit;
  private final Memory requests;
  private final int[] peers;
  private final IntByReference done = new IntByReference();
  private int count;

  /** @param capacity the most messages at once */
  Exchange(MpiLibrary mpi, int rank, Duration stallLimit, int capacity) {
    this.mpi = mpi;
    this.rank = rank;
    this.stallLimit = stallLimit;
    this.requests = new Memory((long) Math.max(1, capacity) * mpi.abi().handleSize());
    this.peers = new int[Math.max(1, capacity)];
  }

  /** Sends floats, which stay as they are until {@link #await} returns. */
  void send(Pointer from, int floats, int to, int tag) {
    mpi.call("MPI_Isend", from, floats, mpi.abi().floats(), to, tag, mpi.abi().world(), next(to));
  }

  void receive(Pointer into, int floats, int from, int tag) {
    mpi.call(
        "MPI_Irecv", into, floats, mpi.abi().floats(), from, tag, mpi.abi().world(), next(from));
  }

  /**
   * Begins an operation of all ranks.
   *
   * @param arguments without the request, the last
   */
  void begin(String function, Object... arguments) {
    Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = next(-1);
    mpi.call(function, all);
  }

  private Pointer next(int peer) {
    peers[count] = peer;
    return requests.share((long) count++ * mpi.abi().handleSize());
  }

  /**
   * Returns when all messages have gone and come. Sleeps meanwhile rather than spins as MPI_Wait does, for ranks may share
   * cores with each other and with the threads that load videos. An interrupt is kept for the caller: the buffers are MPI's
   * until the end.
   *
   * @param operation for the message of a failure
   */
  void await(String operation) {
    long start = System.nanoTime();
    boolean interrupted = false;
    long sleep = 1000;
    for (int polls = 0; !allDone(); polls++) {
      if (polls < SPINS) {
        Thread.onSpinWait();
        continue;
      }
      interrupted |= Thread.interrupted();
      LockSupport.parkNanos(sleep);
      sleep = Math.min(2 * sleep, LONGEST_SLEEP_NANOS);
      if (System.nanoTime() - start > stallLimit.toNanos()) {
        throw new CollectiveException("rank " + rank + " waited " + stallLimit.toSeconds()
            + " s for other ranks in " + operation + "; " + silent());
      }
    }
    count = 0;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean allDone() {
    if (count == 0) {
      return true;
    }
    mpi.call("MPI_Testall", count, requests, done, mpi.abi().ignoreStatuses());
    return done.getValue() != 0;
  }

  /** Which ranks still have a message to send or to take. */
  private String silent() {
    Set<Integer> silent = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      if (peers[i] < 0) {
        return "one of them has not come to it";
      }
      Pointer request = requests.share((long) i * mpi.abi().handleSize());
      mpi.call("MPI_Test", request, done, mpi.abi().ignoreStatuses());
      if (done.getValue() == 0) {
        silent.add(peers[i]);
      }
    }
    return "no answer from " + silent;
  }

  @Override
  public void close() {
    requests.close();
  }
}
