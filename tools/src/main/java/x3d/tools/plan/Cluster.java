package x3d.tools.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Which machines train together.
 *
 * @param hosts H
 * @param ranks processes of a host, L
 * @param devices of a host, as many of each rank
 * @param links what joins them
 */
record Cluster(int hosts, int ranks, int devices, Links links) {
  /**
   * How fast data move.
   *
   * @param host bytes a second between the ranks of a host, all of them together
   * @param hostLatency seconds before a message of a rank to another of its host begins to arrive
   * @param network bytes a second of a host into the network, and as many out of it at once
   * @param networkLatency seconds before a message between hosts begins to arrive
   * @param device bytes a second between a device and its host, each way; empty where the devices are the host's own cores
   */
  record Links(
      double host,
      double hostLatency,
      double network,
      double networkLatency,
      OptionalDouble device) {}

  /** Refuses what cannot be laid out. */
  Cluster {
    if (hosts < 1 || ranks < 1 || devices < 1) {
      throw new IllegalArgumentException(
          "a cluster has 1 or more hosts, ranks a host and devices a host; got " + hosts + ", "
              + ranks + " and " + devices);
    }
    if (devices % ranks != 0) {
      throw new IllegalArgumentException(devices + " devices a host cannot be shared evenly by "
          + ranks + " ranks a host; --ranks-a-host must divide --devices");
    }
  }

  /** Ranks in all, R. */
  int allRanks() {
    return hosts * ranks;
  }

  /** Devices in all. */
  int allDevices() {
    return hosts * devices;
  }

  /** Devices of a rank, D. */
  int devicesEach() {
    return devices / ranks;
  }

  /** One device of one host, 2, 4, ... to a whole host, then 2, 4, ... hosts to this cluster; each with the ranks that it would have. */
  List<Cluster> ladder() {
    List<Cluster> steps = new ArrayList<>();
    for (int d : doublings(devices)) {
      int share = Math.min(d, devicesEach());
      if (d % share == 0) {
        steps.add(new Cluster(1, d / share, d, links));
      }
    }
    doublings(hosts).stream().skip(1).forEach(h -> steps.add(withHosts(h)));
    return steps;
  }

  Cluster withHosts(int other) {
    return new Cluster(other, ranks, devices, links);
  }

  private static List<Integer> doublings(int end) {
    List<Integer> numbers = new ArrayList<>();
    for (int n = 1; n < end; n *= 2) {
      numbers.add(n);
    }
    numbers.add(end);
    return numbers;
  }
}
