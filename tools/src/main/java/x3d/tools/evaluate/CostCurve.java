package x3d.tools.evaluate;

import static j2html.TagCreator.div;
import static j2html.TagCreator.p;

import j2html.tags.DomContent;
import j2html.tags.specialized.DivTag;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import x3d.tools.evaluate.EvaluationReport.Point;
import x3d.tools.page.Chart;
import x3d.tools.page.Chart.Style;
import x3d.tools.page.Table;
import x3d.tools.page.Table.Cell;

/** Accuracy by what it costs: clips of each video, and measured time. */
final class CostCurve {
  private CostCurve() {}

  /** By clips, as the report has it. */
  static DivTag ofClips(EvaluationReport report) {
    return div(
        p(
            "The same number of clips comes of more views or of more crops; on the dashes lie the looks that no cheaper one equals."),
        chart("Top-1 by clips", "clips a video", report.curve(), Point::clips),
        table(report.curve()));
  }

  /** By what each look took alone. */
  static DivTag ofTime(EvaluationReport report, Timing timing) {
    Table table = Table.of("views", "crops", "ms a video", "top-1");
    for (Point point : report.curve()) {
      table.row(
          Cell.of("%d", point.views()),
          Cell.of("%d", point.crops()),
          Words.cost(timing, point).map(millis -> Cell.of("%.1f", millis)).orElseGet(Cell::unknown),
          Cell.of("%.2f %%", point.top1()));
    }
    return div(
        p("Each look alone, one video after the other, on "
            + timing.costs().get(0).videos() + " of the videos."),
        chart(
            "Top-1 by time",
            "ms a video, measured",
            report.curve(),
            point -> Words.cost(timing, point).orElseThrow()),
        table.draw());
  }

  private static DomContent chart(
      String caption, String x, List<Point> points, ToDoubleFunction<Point> cost) {
    Chart chart = Chart.of(caption, x, "top-1, %");
    Map<Integer, List<Point>> byCrops = points.stream()
        .collect(Collectors.groupingBy(Point::crops, TreeMap::new, Collectors.toList()));
    byCrops.forEach((crops, own) ->
        series(chart, Words.count(crops, "crop"), own, cost, Style.LINE_AND_POINTS));
    List<Point> front = points.stream()
        .filter(p -> points.stream().noneMatch(q -> beats(q, p, cost)))
        .toList();
    series(chart, "no cheaper equal (Pareto)", front, cost, Style.DASHED);
    return chart.draw();
  }

  private static boolean beats(Point q, Point p, ToDoubleFunction<Point> cost) {
    double less = cost.applyAsDouble(p) - cost.applyAsDouble(q);
    double better = q.top1() - p.top1();
    return less >= 0 && better >= 0 && (less > 0 || better > 0);
  }

  private static void series(
      Chart chart, String name, List<Point> points, ToDoubleFunction<Point> cost, Style style) {
    List<Point> ascending =
        points.stream().sorted(Comparator.comparingDouble(cost)).toList();
    chart.series(
        name,
        ascending.stream().mapToDouble(cost).toArray(),
        ascending.stream().mapToDouble(Point::top1).toArray(),
        style);
  }

  private static DivTag table(List<Point> points) {
    Table table =
        Table.of("views", "crops", "clips", "top-1", "95 % from", "to", "top-5", "videos");
    for (Point point : points) {
      table.row(
          Cell.of("%d", point.views()),
          Cell.of("%d", point.crops()),
          Cell.of("%d", point.clips()),
          Cell.of("%.2f %%", point.top1()),
          Cell.of("%.2f", point.top1Interval().low()),
          Cell.of("%.2f", point.top1Interval().high()),
          Cell.of("%.2f %%", point.top5()),
          Cell.of("%d", point.videos()));
    }
    return table.draw();
  }
}
