package x3d.tools.page;

import static j2html.TagCreator.div;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.script;

import j2html.tags.specialized.FigureTag;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import x3d.tools.Json;

/**
 * Curves, points or bars over a number, drawn by uPlot in the reader's browser: a drag zooms, a double click shows all again, a
 * click on a name in the legend hides its curve.
 */
public final class Chart {
  /** How a series is drawn. */
  public enum Style {
    LINE,
    DASHED,
    POINTS,
    LINE_AND_POINTS,
    BARS
  }

  private static final MathContext DIGITS = new MathContext(7);

  private final String caption;
  private final Map<String, Object> spec = new LinkedHashMap<>();
  private final List<Map<String, Object>> series = new ArrayList<>();

  private Chart(String caption) {
    this.caption = caption;
    spec.put("series", series);
  }

  /** A chart without series. */
  public static Chart of(String caption, String x, String y) {
    Chart chart = new Chart(caption);
    chart.spec.put("x", x);
    chart.spec.put("y", y);
    return chart;
  }

  /**
   * Adds a series. Its color follows from its place, so that the same series of several charts are alike.
   *
   * @param xs ascending; NaN has no place here
   * @param ys as many; NaN is a gap
   */
  public Chart series(String name, double[] xs, double[] ys, Style style) {
    if (xs.length != ys.length) {
      throw new IllegalArgumentException(name + " has " + xs.length + " x and " + ys.length + " y");
    }
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("name", name);
    one.put("style", style.name());
    one.put("xs", numbers(xs));
    one.put("ys", numbers(ys));
    series.add(one);
    return this;
  }

  /** Draws the last series in the color of the {@code color}-th, from 0: a validation beside its training. */
  public Chart color(int color) {
    series.get(series.size() - 1).put("color", color);
    return this;
  }

  /** Names for x = 0, 1, 2, ... in place of numbers. */
  public Chart names(List<String> names) {
    spec.put("names", names);
    return this;
  }

  /** The y axis by powers of 10. */
  public Chart logY() {
    spec.put("logY", true);
    return this;
  }

  /** The x axis by powers of 2 or 10. */
  public Chart logX(int base) {
    spec.put("logX", base);
    return this;
  }

  /** The y axis from {@code low} to {@code high}, whatever there is to see. */
  public Chart rangeY(double low, double high) {
    spec.put("rangeY", List.of(low, high));
    return this;
  }

  /** JSON has neither NaN nor infinities: null is a gap. Seven digits are more than a screen shows. */
  private static List<Double> numbers(double[] values) {
    List<Double> numbers = new ArrayList<>(values.length);
    for (double value : values) {
      numbers.add(
          Double.isFinite(value) ? new BigDecimal(value).round(DIGITS).doubleValue() : null);
    }
    return numbers;
  }

  /** As an element. */
  public FigureTag draw() {
    String json = Json.line(spec).replace("<", "\\u003c");
    return figure(
            figcaption(caption),
            div().attr("data-chart").attr("role", "img").attr("aria-label", caption),
            script(rawHtml(json)).withType("application/json"))
        .withClass("chart");
  }
}
