package x3d.tools.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class ScalingTest {
  private static final Demand DEMAND = new Demand(
      "conv3d",
      1000,
      100,
      1000,
      new Demand.Linear(0, 0),
      new Demand.Activations(new long[] {5000}, new long[] {20000}));

  private static Planner planner(double fixed) {
    Profile profile = ProfileTest.profile(
        1, 2, 1, new Profile.Point(1, fixed + 0.1), new Profile.Point(2, fixed + 0.2));
    return new Planner(DEMAND, 1, Optional.of(profile), Optional.empty());
  }

  private static Cluster cluster(double network) {
    return new Cluster(16, 1, 8, new Cluster.Links(1e18, 0, network, 0, OptionalDouble.of(1e18)));
  }

  private static List<Integer> devices(Scaling scaling) {
    return scaling.rows().stream().map(Scaling.Row::devices).toList();
  }

  @Test
  void rowsDoubleOverDevicesThenHosts() {
    Scaling weak = Scaling.weak(planner(0), cluster(1e18), 4, 0.8);
    assertEquals(List.of(1, 2, 4, 8, 16, 32, 64, 128), devices(weak));
    assertEquals(
        List.of(1, 1, 1, 1, 2, 4, 8, 16),
        weak.rows().stream().map(Scaling.Row::hosts).toList());
  }

  @Test
  void nothingToExchangeScalesWhollyButForTheSharedOptimizer() {
    Scaling weak = Scaling.weak(planner(0.01), cluster(1e18), 4, 0.8);
    weak.rows().forEach(row -> assertTrue(row.efficiency() >= 1 - 1e-6, row.toString()));
    assertEquals("80 % or more to 4096 hosts", weak.stop());
  }

  @Test
  void aSlowerNetworkIsNeverFaster() {
    List<Scaling.Row> fast = Scaling.weak(planner(0.01), cluster(1e6), 4, 0.5).rows();
    List<Scaling.Row> slow = Scaling.weak(planner(0.01), cluster(1e4), 4, 0.5).rows();
    for (int i = 0; i < fast.size(); i++) {
      assertTrue(slow.get(i).rate() <= fast.get(i).rate());
      if (fast.get(i).hosts() > 1) {
        assertTrue(slow.get(i).rate() < fast.get(i).rate());
      }
    }
  }

  @Test
  void theFirstRowBelowTheThresholdIsTheEnd() {
    Scaling weak = Scaling.weak(planner(0), cluster(1e4), 1, 0.8); // 100 ms; 0.4 s at two hosts
    assertTrue(weak.stop().endsWith("at 16 devices, less than 80 %"), weak.stop());
    assertEquals(128, devices(weak).get(7));
  }

  @Test
  void aFixedBatchEndsAtAClipADevice() {
    Scaling strong = Scaling.strong(planner(0), cluster(1e18), 32, 0.1);
    assertEquals(List.of(1, 2, 4, 8, 16, 32), devices(strong));
    assertEquals("ends before 64 devices: less than a clip a device", strong.stop());
    strong.rows().forEach(row -> assertEquals(32, row.batch()));
  }

  @Test
  void whatAStepAlwaysCostsIsLostOnSmallShares() {
    List<Scaling.Row> rows =
        Scaling.strong(planner(0.1), cluster(1e18), 8, 0.01).rows();
    // 0.9 s on one device; 0.1 + 0.1 s on eight
    assertEquals(0.9 / 8 / 0.2, rows.get(3).efficiency(), 0.01);
  }

  @Test
  void momentumIsSharedByRanks() {
    Planner planner = planner(0);
    Cluster ranks = new Cluster(4, 2, 8, cluster(1).links());
    Memory.Host host = planner.memory(ranks, 4).host();
    assertEquals(DEMAND.vector() / 8, host.momentum() / 2);
  }

  @Test
  void oneClipMoreThanTheMostDoesNotFit() {
    Planner planner = planner(0);
    int most = planner.mostClips(cluster(1), 1e6);
    assertTrue(most > 0);
    assertTrue(planner.memory(cluster(1), most).limited() <= 1e6);
    assertTrue(planner.memory(cluster(1), most + 1).limited() > 1e6);
    assertEquals(0, planner.mostClips(cluster(1), 1));
  }

  @Test
  void readersBesideDevicesAreWaitedForOnlyWhenTheyAreSlower() {
    Planner slow =
        new Planner(DEMAND, 1, planner(0).profile(), Optional.of(new Planner.Loading(10, 8)));
    StepTime time = slow.time(cluster(1e18), 4).orElseThrow(); // 32 clips a host, 80 a second
    assertEquals(0.4, time.compute(), 1e-9);
    assertEquals(0, time.data(), 1e-9);
    Planner slower =
        new Planner(DEMAND, 1, planner(0).profile(), Optional.of(new Planner.Loading(5, 8)));
    assertEquals(0.8, slower.time(cluster(1e18), 4).orElseThrow().total(), 1e-9);
  }
}
