package x3d.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A profile for a terminal. */
public final class ProfileTable {
  private static final String COLUMNS = "%-36s %7s %10s %9s %10s %10s %10s %8s";

  private final Profile profile;
  private final List<String> lines = new ArrayList<>();

  private ProfileTable(Profile profile) {
    this.profile = profile;
  }

  /**
   * @param most rows of the tables by operator and layer
   * @return its lines
   */
  public static List<String> lines(Profile profile, int most) {
    ProfileTable table = new ProfileTable(profile);
    table.head();
    table.rows("phase", profile.phases(), Integer.MAX_VALUE);
    table.rows("stage", profile.stages(), Integer.MAX_VALUE);
    table.rows("operator", profile.operators(), most);
    table.rows("layer", profile.layers(), most);
    return table.lines;
  }

  private void head() {
    String kind = profile.about().path("kind").asText();
    add(
        "%s of %s, %s: %.1f ms a step, mean of %d after %d that do not count",
        kind,
        profile.about().path("network").asText("?"),
        profile.about().path("lowering").asText("?"),
        profile.stepMillis(),
        profile.about().path("steps").asInt(),
        profile.about().path("warmUp").asInt());
    if (!Double.isNaN(profile.bareMillis())) {
      add("without profiling %.1f ms a step", profile.bareMillis());
    }
    add(
        "of the nodes' time %.2f %% is not attributed to a layer, %.2f %% by the node beside",
        100 * profile.unattributed(), 100 * profile.byNeighbour());
  }

  private void rows(String title, List<Row> rows, int most) {
    add("");
    add(COLUMNS, title, "share", "ms", "calls", "Gop", "MB", "Gop/s", "GB/s");
    rows.stream().limit(most).forEach(this::row);
    if (rows.size() > most) {
      double rest = rows.stream().skip(most).mapToDouble(Row::millis).sum();
      row(new Row(
          "(" + (rows.size() - most) + " more)",
          rows.stream().skip(most).mapToDouble(Row::calls).sum(),
          rest,
          rest / profile.stepMillis(),
          rows.stream().skip(most).mapToDouble(Row::operations).sum(),
          rows.stream().skip(most).mapToDouble(Row::bytes).sum()));
    }
  }

  private void row(Row row) {
    boolean nodes = row.calls() > 0;
    add(
        COLUMNS,
        row.name(),
        number("%.1f %%", 100 * row.share()),
        number("%.2f", row.millis()),
        nodes ? number("%.0f", row.calls()) : "",
        nodes ? number("%.3f", row.operations() / 1e9) : "",
        nodes ? number("%.1f", row.bytes() / 1e6) : "",
        nodes ? number("%.1f", row.operationsPerSecond() / 1e9) : "",
        nodes ? number("%.1f", row.bytesPerSecond() / 1e9) : "");
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  private void add(String format, Object... values) {
    lines.add(String.format(Locale.ROOT, format, values).stripTrailing());
  }
}
