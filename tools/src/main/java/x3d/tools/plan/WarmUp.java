package x3d.tools.plan;

import java.util.ArrayDeque;
import java.util.Deque;
import x3d.collective.Collective;

/**
 * How long ranks work before what they do is timed: until they get no faster, for compilers work on the same cores. Of a small network,
 * four ranks on two cores took three times as long for a step after 10 s as after 40 s.
 */
final class WarmUp {
  private static final long WINDOW = 6_000_000_000L;
  private static final long LONGEST = 20 * WINDOW;
  private static final int LEAST_ROUNDS = 3;
  private static final double SETTLED = 0.95;

  private final Collective ranks;
  private final long start = System.nanoTime();
  /** Ends of rounds, the latest last, of two windows. */
  private final Deque<Long> ends = new ArrayDeque<>();

  WarmUp(Collective ranks) {
    this.ranks = ranks;
  }

  /** Whether it is over, as rank 0 says; every rank asks before every round. */
  boolean over() {
    double[] votes = {ranks.rank() == 0 && settled(System.nanoTime()) ? 1 : 0};
    ranks.sum(votes);
    return votes[0] > 0;
  }

  private boolean settled(long now) {
    ends.addLast(now);
    while (now - ends.peekFirst() > 2 * WINDOW) {
      ends.removeFirst();
    }
    if (now - start < 2 * WINDOW) {
      return false;
    }
    long recent = ends.stream().filter(end -> now - end <= WINDOW).count();
    long before = ends.size() - recent;
    boolean slow = recent <= LEAST_ROUNDS; // steps of seconds, beside which compilers are quick
    return slow || now - start > LONGEST || before >= SETTLED * recent;
  }
}
