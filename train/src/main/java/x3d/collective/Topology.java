package x3d.collective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which ranks are on which host. Hosts are numbered by their lowest rank, the ranks of a host by their rank. */
final class Topology {
  private final int[] hostOf;
  private final int[][] members;

  /** @param keys one a rank, equal for ranks of one host */
  static Topology of(int[] keys) {
    Map<Integer, List<Integer>> byKey = new LinkedHashMap<>();
    for (int rank = 0; rank < keys.length; rank++) {
      byKey.computeIfAbsent(keys[rank], key -> new ArrayList<>()).add(rank);
    }
    return new Topology(keys.length, List.copyOf(byKey.values()));
  }

  /** Consecutive ranks, so many a host; the last host may have fewer. */
  static Topology consecutive(int ranks, int ranksAHost) {
    int[] keys = new int[ranks];
    Arrays.setAll(keys, rank -> rank / ranksAHost);
    return of(keys);
  }

  private Topology(int ranks, List<List<Integer>> hosts) {
    hostOf = new int[ranks];
    members = new int[hosts.size()][];
    for (int host = 0; host < members.length; host++) {
      members[host] = hosts.get(host).stream().mapToInt(Integer::intValue).toArray();
      for (int rank : members[host]) {
        hostOf[rank] = host;
      }
    }
  }

  /**
   * The hosts that sums go by: these where all have as many ranks, else one that has all ranks, for then the ranks of
   * different hosts have no partners of equal number.
   */
  Topology forSums() {
    boolean equal = Arrays.stream(members).allMatch(m -> m.length == members[0].length);
    return equal ? this : consecutive(hostOf.length, hostOf.length);
  }

  int ranks() {
    return hostOf.length;
  }

  int hosts() {
    return members.length;
  }

  int host(int rank) {
    return hostOf[rank];
  }

  /** Ranks of the host of a rank. */
  int localSize(int rank) {
    return members[hostOf[rank]].length;
  }

  /** The number of a rank among those of its host. */
  int localRank(int rank) {
    return Arrays.binarySearch(members[hostOf[rank]], rank);
  }

  int rank(int host, int localRank) {
    return members[host][localRank];
  }
}
