package x3d.train;

import java.nio.charset.StandardCharsets;
import java.util.List;
import x3d.collective.Collective;

/** What the ranks of a run decide together; every rank must ask the same questions in the same order. */
record Consensus(Collective ranks) {

  /** Whether it holds for any rank. */
  boolean any(boolean holdsHere) {
    if (ranks.size() == 1) {
      return holdsHere;
    }
    double[] votes = {holdsHere ? 1 : 0};
    ranks.sum(votes);
    return votes[0] > 0;
  }

  /**
   * Refuses to go on unless all ranks have the same.
   *
   * @param what it is, for the message
   * @throws TrainingException on every rank, naming one that differs from rank 0
   */
  void requireSame(String what, String here) {
    if (ranks.size() == 1) {
      return;
    }
    List<String> all = ranks.allGather(here.getBytes(StandardCharsets.UTF_8)).stream()
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .toList();
    for (int rank = 1; rank < all.size(); rank++) {
      if (!all.get(rank).equals(all.get(0))) {
        throw new TrainingException("rank " + rank + " has another " + what + " than rank 0: "
            + all.get(rank) + ", not " + all.get(0));
      }
    }
  }
}
