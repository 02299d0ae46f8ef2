package x3d.tools.bench;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * All that a bench found.
 *
 * @param bench its name
 * @param settings what was asked for, in words that repeat it
 * @param figures further single numbers by name
 */
record Report(
    String bench,
    Map<String, Object> settings,
    List<Measurement> measurements,
    Map<String, Object> figures,
    Optional<Soak> soak,
    OptionalLong peakBytes,
    Machine machine) {
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("bench", bench);
    fields.put("settings", settings);
    fields.put("measurements", measurements.stream().map(Measurement::fields).toList());
    fields.put("figures", figures);
    fields.put("soak", soak.map(Soak::fields).orElse(null));
    fields.put("peakMemoryBytes", peakBytes.isPresent() ? peakBytes.getAsLong() : null);
    fields.put("machine", machine.fields());
    return fields;
  }

  void print(PrintWriter out) {
    settings.forEach((name, value) -> {
      if (value != null) {
        out.println(name + "  " + value);
      }
    });
    for (Measurement measured : measurements) {
      out.println();
      out.printf("%-32s %10s %10s %10s%n", measured.name(), "median", "min", "max");
      series(out, "x3d", measured.item(), measured.ours());
      measured.peer().ifPresent(peer -> series(out, "peer", measured.item(), peer));
      measured.ratio().ifPresent(ratio -> row(out, "times the peer's speed", ratio));
    }
    out.println();
    figures.forEach((name, value) -> out.println(name + "  " + shown(value)));
    soak.ifPresent(s -> soak(out, s));
    out.println("peak memory  " + mebibytes(peakBytes) + peerPeak());
    out.println("machine  " + machine);
  }

  private static void series(PrintWriter out, String who, String item, Series series) {
    row(out, who + ", " + item + "s/s", series.rates());
    row(out, who + ", ms a " + item, series.millis());
  }

  private static void row(PrintWriter out, String name, Spread spread) {
    out.printf(
        Locale.ROOT,
        "  %-30s %10.4g %10.4g %10.4g%n",
        name,
        spread.median(),
        spread.min(),
        spread.max());
  }

  private static void soak(PrintWriter out, Soak soak) {
    for (Soak.Sample sample : soak.samples()) {
      out.println("after " + sample.done() + "  heap "
          + mebibytes(OptionalLong.of(sample.heapBytes())) + ", resident "
          + mebibytes(sample.residentBytes()));
    }
    out.println("growth  heap " + mebibytes(OptionalLong.of(soak.heapGrowth())) + ", resident "
        + mebibytes(soak.residentGrowth()) + "; at most "
        + mebibytes(OptionalLong.of(soak.bound())) + " each passes");
  }

  private String peerPeak() {
    return measurements.stream()
        .flatMap(measured -> measured.peer().stream())
        .reduce((earlier, later) -> later)
        .map(peer -> ", the peer's " + mebibytes(peer.peakBytes()))
        .orElse("");
  }

  private static String mebibytes(OptionalLong bytes) {
    return bytes.isEmpty()
        ? "unknown"
        : String.format(Locale.ROOT, "%.1f MiB", bytes.getAsLong() / 1048576.0);
  }

  private static String shown(Object value) {
    return value instanceof Double number ? String.format(Locale.ROOT, "%.4g", number) : "" + value;
  }
}
