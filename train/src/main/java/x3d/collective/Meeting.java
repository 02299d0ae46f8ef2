package x3d.collective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Where the threads of the ranks of one process wait for each other. */
final class Meeting {
  private static final long STALL_SECONDS = TimeUnit.MINUTES.toSeconds(10);

  private final Object[] brought;
  private final boolean[] present;
  private final boolean[] left;
  private Object[] last;
  private String operation;
  private int arrived;
  private long round;
  private String failure;

  Meeting(int ranks) {
    brought = new Object[ranks];
    present = new boolean[ranks];
    left = new boolean[ranks];
  }

  /**
   * Waits for all ranks. An interrupt does not end the wait, for others read what this rank brought; it is kept for the caller.
   *
   * @return what each rank brought, in order of ranks
   */
  synchronized Object[] meet(int rank, String called, Object own) {
    for (int other = 0; other < left.length && failure == null; other++) {
      if (left[other]) {
        failure = "rank " + other + " has left the job";
      }
    }
    if (failure == null && arrived > 0 && !called.equals(operation)) {
      fail("rank " + rank + " calls " + called + " while others call " + operation);
    }
    throwFailure(rank, called);
    operation = called;
    brought[rank] = own;
    present[rank] = true;
    if (++arrived == brought.length) {
      last = brought.clone();
      arrived = 0;
      Arrays.fill(present, false);
      round++;
      notifyAll();
      return last;
    }
    waitForOthers(rank);
    return last; // of this round still: the next one ends with this rank only
  }

  private void waitForOthers(int rank) {
    long mine = round;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(STALL_SECONDS);
    boolean interrupted = false;
    while (round == mine && failure == null) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        fail("waited " + STALL_SECONDS + " s for ranks " + absent());
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, left));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (round == mine) {
      throwFailure(rank, operation);
    }
  }

  private List<Integer> absent() {
    List<Integer> absent = new ArrayList<>();
    for (int rank = 0; rank < present.length; rank++) {
      if (!present[rank]) {
        absent.add(rank);
      }
    }
    return absent;
  }

  private void throwFailure(int rank, String called) {
    if (failure != null) {
      throw new CollectiveException("rank " + rank + " in " + called + ": " + failure);
    }
  }

  /** Lets all who wait, and all who come, fail. */
  synchronized void fail(String reason) {
    if (failure == null) {
      failure = reason;
    }
    notifyAll();
  }

  /** For good; ranks that wait for this one fail. */
  synchronized void leave(int rank) {
    left[rank] = true;
    if (arrived > 0) {
      fail("rank " + rank + " has left the job");
    }
  }
}
