package x3d.tools.plan;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * All that is foretold of a training.
 *
 * @param network its name
 * @param clips of a device's step
 * @param mostClips the most clips a device that its memory takes, if a limit was given
 * @param limit of memory in bytes, of a device or where it has none of its own of a host
 * @param updates of an epoch, if it is known how many videos there are
 * @param scalings empty without a profile
 */
record Plan(
    String network,
    Planner planner,
    Cluster cluster,
    int clips,
    OptionalInt mostClips,
    OptionalDouble limit,
    Optional<Run> run,
    List<Scaling> scalings) {
  /**
   * How long it goes on.
   *
   * @param updates of an epoch
   */
  record Run(long updates, int epochs) {}

  long batch() {
    return (long) clips * cluster.allDevices() * planner.microBatches();
  }

  Memory memory() {
    return planner.memory(cluster, clips);
  }

  Traffic traffic() {
    return planner.traffic(cluster, clips);
  }

  Optional<StepTime> time() {
    return planner.time(cluster, clips);
  }

  /** Bytes of momentum of one rank. */
  long momentum() {
    return memory().host().momentum() / cluster.ranks();
  }

  boolean fits() {
    return limit.isEmpty() || memory().limited() <= limit.getAsDouble();
  }

  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("network", network);
    fields.put("lowering", planner.demand().lowering());
    fields.put("parameters", planner.demand().parameters());
    fields.put("hosts", cluster.hosts());
    fields.put("ranks", cluster.allRanks());
    fields.put("devices", cluster.allDevices());
    fields.put("batch", batch());
    fields.put("microBatches", planner.microBatches());
    fields.put("clipsADevice", clips);
    fields.put("links", links());
    fields.put("deviceMemory", memory().device().fields());
    fields.put("hostMemory", memory().host().fields());
    fields.put("fits", fits());
    fields.put("mostClipsADevice", mostClips.isPresent() ? mostClips.getAsInt() : null);
    fields.put("momentumBytesARank", momentum());
    fields.put("traffic", traffic().fields());
    fields.put("stepSeconds", time().map(StepTime::fields).orElse(null));
    fields.put("clipsPerSecond", time().map(t -> batch() / t.total()).orElse(null));
    fields.put("updatesAnEpoch", run.map(Run::updates).orElse(null));
    fields.put("epochSeconds", epochSeconds().orElse(null));
    fields.put("runSeconds", runSeconds().orElse(null));
    fields.put("scaling", scalings.stream().map(Scaling::fields).toList());
    return fields;
  }

  Optional<Double> epochSeconds() {
    return run.flatMap(r -> time().map(t -> r.updates * t.total()));
  }

  Optional<Double> runSeconds() {
    return run.flatMap(r -> epochSeconds().map(s -> r.epochs * s));
  }

  private Map<String, Object> links() {
    Cluster.Links l = cluster.links();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("hostBytesPerSecond", l.host());
    fields.put("hostLatencySeconds", l.hostLatency());
    fields.put("networkBytesPerSecond", l.network());
    fields.put("networkLatencySeconds", l.networkLatency());
    fields.put("deviceBytesPerSecond", l.device().isPresent() ? l.device().getAsDouble() : null);
    return fields;
  }

  /** What people read first: a name and a value a line. */
  Map<String, String> lines() {
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put(
        "network",
        network + " in " + planner.demand().lowering() + ", " + planner.demand().parameters()
            + " parameters");
    lines.put(
        "cluster",
        cluster.hosts() + " hosts of " + cluster.devices() + " devices, " + cluster.ranks()
            + " ranks a host");
    lines.put(
        "batch",
        batch() + " clips an update: " + cluster.allDevices() + " devices x " + clips
            + (planner.microBatches() == 1
                ? ""
                : " x " + planner.microBatches() + " micro-batches"));
    memoryLines(lines);
    Traffic t = traffic();
    lines.put(
        "an update moves",
        Quantity.bytes(t.host()) + " within a host, " + Quantity.bytes(t.network())
            + " out of a host, " + Quantity.bytes(t.toDevice()) + " to and "
            + Quantity.bytes(t.fromDevice()) + " from a device");
    time().ifPresent(time -> timeLines(lines, time));
    return lines;
  }

  private void memoryLines(Map<String, String> lines) {
    Memory.Device d = memory().device();
    Memory.Host h = memory().host();
    lines.put(
        "memory of a device",
        Quantity.bytes(d.total()) + ": parameters "
            + Quantity.bytes(d.parameters()) + ", gradients " + Quantity.bytes(d.gradients())
            + ", clips " + Quantity.bytes(d.clips()) + ", activations "
            + Quantity.bytes(d.activations()) + ", allocator "
            + Quantity.bytes(d.allocator()) + ", others " + Quantity.bytes(d.others()));
    lines.put(
        "memory of a host",
        Quantity.bytes(h.total()) + (memory().apart() ? "" : ", its devices included")
            + ": parameters " + Quantity.bytes(h.parameters()) + ", gradient "
            + Quantity.bytes(h.gradient()) + ", momentum " + Quantity.bytes(h.momentum())
            + ", clips " + Quantity.bytes(h.clips()) + ", replicas "
            + Quantity.bytes(h.replicas()) + ", processes " + Quantity.bytes(h.processes()));
    lines.put(
        "momentum of a rank",
        Quantity.bytes(momentum()) + ", 1/" + cluster.allRanks() + " of the whole");
    limit.ifPresent(bytes -> lines.put(
        "most clips a device",
        mostClips.orElse(0) + " in " + Quantity.bytes(bytes)
            + (memory().apart() ? " of a device" : " of a host")
            + (fits() ? "" : "; this plan does not fit")));
  }

  private void timeLines(Map<String, String> lines, StepTime time) {
    lines.put(
        "an update takes",
        Quantity.time(time.total()) + ": compute " + Quantity.time(time.compute())
            + ", device copies " + Quantity.time(time.copies()) + ", within hosts "
            + Quantity.time(time.host()) + ", between hosts " + Quantity.time(time.network())
            + ", optimizer " + Quantity.time(time.optimizer()) + ", data wait "
            + Quantity.time(time.data()));
    lines.put("clips a second", String.format(Locale.ROOT, "%.2f", batch() / time.total()));
    run.ifPresent(r -> {
      lines.put(
          "an epoch", Quantity.time(epochSeconds().orElseThrow()) + ", " + r.updates + " updates");
      lines.put("the run", Quantity.time(runSeconds().orElseThrow()) + ", " + r.epochs + " epochs");
    });
  }

  void print(PrintWriter out) {
    lines().forEach((name, value) -> out.printf("%-20s %s%n", name, value));
    for (Scaling scaling : scalings) {
      out.println();
      out.printf(
          "%-20s %8s %8s %10s %12s %12s %10s%n",
          scaling.name(), "hosts", "devices", "clips each", "update", "clips/s", "efficiency");
      for (Scaling.Row row : scaling.rows()) {
        out.printf(
            Locale.ROOT,
            "%-20s %8d %8d %10d %12s %12.2f %8.0f %%%n",
            "",
            row.hosts(),
            row.devices(),
            row.clips(),
            Quantity.time(row.time().total()),
            row.rate(),
            100 * row.efficiency());
      }
      out.println(scaling.stop());
    }
  }
}
