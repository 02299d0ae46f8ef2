package x3d.tools.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Clips a second on more and more devices.
 *
 * @param name what is held fixed
 * @param rows from one device up
 * @param stop why it ends, in words
 */
record Scaling(String name, List<Row> rows, String stop) {
  /** Beyond this nobody asks. */
  private static final int MOST_HOSTS = 4096;

  /**
   * One cluster.
   *
   * @param clips of a device's step
   * @param batch clips of an update
   * @param efficiency clips a second and device over those of one device alone
   */
  record Row(
      int hosts,
      int devices,
      int clips,
      long batch,
      StepTime time,
      double rate,
      double efficiency) {
    Map<String, Object> fields() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("hosts", hosts);
      fields.put("devices", devices);
      fields.put("clipsADevice", clips);
      fields.put("batch", batch);
      fields.put("stepSeconds", time.fields());
      fields.put("clipsPerSecond", rate);
      fields.put("efficiency", efficiency);
      return fields;
    }
  }

  /** The same clips on every device, so that the batch grows. */
  static Scaling weak(Planner planner, Cluster cluster, int clips, double threshold) {
    return of("fixed clips a device", planner, cluster, threshold, devices -> Optional.of(clips));
  }

  /** The same batch over all devices, so that each has less. */
  static Scaling strong(Planner planner, Cluster cluster, int batch, double threshold) {
    int microBatch = batch / planner.microBatches();
    return of(
        "fixed batch",
        planner,
        cluster,
        threshold,
        devices -> microBatch % devices == 0
            ? Optional.of(microBatch / devices)
            : microBatch < devices ? Optional.of(0) : Optional.empty());
  }

  /** Clips of a device's step for so many devices: 0 if it would be less than one, empty if the batch cannot be shared. */
  private interface Share {
    Optional<Integer> clips(int devices);
  }

  private static Scaling of(
      String name, Planner planner, Cluster cluster, double threshold, Share share) {
    List<Cluster> ladder = new ArrayList<>(cluster.ladder());
    int asked = ladder.size();
    for (int h = 2 * cluster.hosts(); h <= MOST_HOSTS; h *= 2) {
      ladder.add(cluster.withHosts(h));
    }
    List<Row> rows = new ArrayList<>();
    double alone = rate(planner, ladder.get(0), share.clips(1).orElseThrow());
    String stop = null;
    for (int i = 0; i < (stop == null ? ladder.size() : asked); i++) {
      Cluster c = ladder.get(i);
      Optional<Integer> clips = share.clips(c.allDevices());
      if (clips.isPresent() && clips.get() == 0) {
        stop = stop == null
            ? "ends before " + c.allDevices() + " devices: less than a clip a device"
            : stop;
        break;
      }
      if (clips.isPresent()) {
        Row row = row(planner, c, clips.get(), alone);
        if (i < asked) {
          rows.add(row);
        }
        if (stop == null && row.efficiency < threshold) {
          stop = percent(row.efficiency) + " at " + row.devices + " devices, less than "
              + percent(threshold);
        }
      }
    }
    return new Scaling(
        name,
        rows,
        stop == null ? percent(threshold) + " or more to " + MOST_HOSTS + " hosts" : stop);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * share);
  }

  private static double rate(Planner planner, Cluster c, int clips) {
    return (double) clips
        * c.allDevices()
        * planner.microBatches()
        / planner.time(c, clips).orElseThrow().total();
  }

  private static Row row(Planner planner, Cluster c, int clips, double alone) {
    double rate = rate(planner, c, clips);
    return new Row(
        c.hosts(),
        c.allDevices(),
        clips,
        (long) clips * c.allDevices() * planner.microBatches(),
        planner.time(c, clips).orElseThrow(),
        rate,
        rate / c.allDevices() / alone);
  }

  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", name);
    fields.put("rows", rows.stream().map(Row::fields).toList());
    fields.put("stop", stop);
    return fields;
  }
}
