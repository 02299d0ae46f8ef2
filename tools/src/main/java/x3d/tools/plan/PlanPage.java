package x3d.tools.plan;

import java.util.List;
import java.util.Locale;

/** A plan as one HTML page that needs nothing beside it. */
final class PlanPage {
  private static final String STYLE = """
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff; }
      h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
      table { border-collapse: collapse; width: 100%; }
      th, td { text-align: left; padding: .2rem .6rem; border-bottom: 1px solid #ddd; }
      td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
      svg { width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: currentColor; }
      .grid { stroke: #8884; } .ideal { stroke: #888; stroke-dasharray: 5 4; }
      .s0 { stroke: #1769aa; fill: #1769aa; } .s1 { stroke: #c2571a; fill: #c2571a; }
      @media (prefers-color-scheme: dark) {
        body { background: #181818; color: #ddd; } th, td { border-color: #444; }
        .s0 { stroke: #6ab0e8; fill: #6ab0e8; } .s1 { stroke: #f0965a; fill: #f0965a; }
      }
      """;

  private final Plan plan;
  private final StringBuilder html = new StringBuilder();

  private PlanPage(Plan plan) {
    this.plan = plan;
  }

  static String of(Plan plan) {
    return new PlanPage(plan).write();
  }

  private String write() {
    html.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width\">")
        .append("<title>Plan</title>\n<style>\n")
        .append(STYLE)
        .append("</style></head><body>\n<h1>Training plan</h1>\n<table>\n");
    plan.lines()
        .forEach((name, value) -> html.append("<tr><th>")
            .append(name)
            .append("</th><td>")
            .append(value)
            .append("</td></tr>\n"));
    html.append("</table>\n");
    if (!plan.scalings().isEmpty()) {
      html.append("<h2>Clips a second by devices</h2>\n");
      html.append(ScalingChart.of(plan.scalings()));
      plan.scalings().forEach(this::table);
    }
    return html.append("</body></html>\n").toString();
  }

  private void table(Scaling scaling) {
    html.append("<h2>").append(scaling.name()).append("</h2>\n<table><tr>");
    for (String title : List.of(
        "hosts",
        "devices",
        "clips each",
        "batch",
        "update",
        "compute",
        "exchange",
        "clips/s",
        "efficiency")) {
      html.append("<th class=\"n\">").append(title).append("</th>");
    }
    html.append("</tr>\n");
    for (Scaling.Row row : scaling.rows()) {
      StepTime time = row.time();
      html.append("<tr>");
      for (String cell : List.of(
          "" + row.hosts(),
          "" + row.devices(),
          "" + row.clips(),
          "" + row.batch(),
          Quantity.time(time.total()),
          Quantity.time(time.compute()),
          Quantity.time(time.copies() + time.host() + time.network()),
          String.format(Locale.ROOT, "%.1f", row.rate()),
          String.format(Locale.ROOT, "%.0f %%", 100 * row.efficiency()))) {
        html.append("<td class=\"n\">").append(cell).append("</td>");
      }
      html.append("</tr>\n");
    }
    html.append("</table>\n<p>").append(scaling.stop()).append("</p>\n");
  }
}
