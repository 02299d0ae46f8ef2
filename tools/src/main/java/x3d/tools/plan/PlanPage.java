package x3d.tools.plan;

import static j2html.TagCreator.each;
import static j2html.TagCreator.p;
import static j2html.TagCreator.table;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import x3d.tools.page.Chart;
import x3d.tools.page.Chart.Style;
import x3d.tools.page.Page;
import x3d.tools.page.Table;
import x3d.tools.page.Table.Cell;

/** A plan as one HTML page that needs nothing beside it. */
final class PlanPage {
  private PlanPage() {}

  static String of(Plan plan) {
    Page page = Page.titled("Training plan")
        .add(table(
            each(plan.lines().entrySet(), line -> tr(th(line.getKey()), td(line.getValue())))));
    if (!plan.scalings().isEmpty()) {
      page.section("Clips a second by devices", chart(plan.scalings()));
      plan.scalings()
          .forEach(scaling -> page.section(scaling.name(), rows(scaling), p(scaling.stop())));
    }
    return page.html();
  }

  /** Both axes by powers of 2, so that ideal scaling is a straight line. */
  private static DomContent chart(List<Scaling> scalings) {
    Chart chart =
        Chart.of("A straight line is ideal", "devices", "clips/s").logX(2).logY();
    for (Scaling scaling : scalings) {
      List<Scaling.Row> rows = scaling.rows();
      chart.series(
          scaling.name(),
          rows.stream().mapToDouble(Scaling.Row::devices).toArray(),
          rows.stream().mapToDouble(Scaling.Row::rate).toArray(),
          Style.LINE_AND_POINTS);
    }
    double alone = scalings.get(0).rows().get(0).rate();
    long most = scalings.stream()
        .flatMap(s -> s.rows().stream())
        .mapToLong(Scaling.Row::devices)
        .max()
        .orElse(1);
    double[] devices =
        LongStream.iterate(1, d -> d <= most, d -> 2 * d).asDoubleStream().toArray();
    double[] ideal = DoubleStream.of(devices).map(d -> d * alone).toArray();
    return chart.series("ideal", devices, ideal, Style.DASHED).draw();
  }

  private static DomContent rows(Scaling scaling) {
    Table table = Table.of(
        "hosts",
        "devices",
        "clips each",
        "batch",
        "update, ms",
        "compute, ms",
        "exchange, ms",
        "clips/s",
        "efficiency");
    for (Scaling.Row row : scaling.rows()) {
      StepTime time = row.time();
      table.row(
          Cell.of("%d", row.hosts()),
          Cell.of("%d", row.devices()),
          Cell.of("%d", row.clips()),
          Cell.of("%d", row.batch()),
          Cell.of("%.1f", 1e3 * time.total()),
          Cell.of("%.1f", 1e3 * time.compute()),
          Cell.of("%.1f", 1e3 * (time.copies() + time.host() + time.network())),
          Cell.of("%.1f", row.rate()),
          Cell.of("%.0f %%", 100 * row.efficiency()));
    }
    return table.draw();
  }
}
