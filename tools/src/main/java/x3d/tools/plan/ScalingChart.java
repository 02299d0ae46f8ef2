package x3d.tools.plan;

import java.util.List;
import java.util.Locale;

/** Clips a second against devices, both axes by doubling, so that ideal scaling is a straight line. */
final class ScalingChart {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 400;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int TOP = 16;
  private static final int BOTTOM = 46;

  private final List<Scaling> scalings;
  private final double mostDevices;
  private final double low;
  private final double high;
  private final StringBuilder svg = new StringBuilder();

  private ScalingChart(List<Scaling> scalings) {
    this.scalings = scalings;
    List<Scaling.Row> rows = scalings.stream().flatMap(s -> s.rows().stream()).toList();
    this.mostDevices = rows.stream().mapToInt(Scaling.Row::devices).max().orElse(1);
    double least = rows.stream().mapToDouble(Scaling.Row::rate).min().orElse(1);
    double alone = scalings.get(0).rows().get(0).rate();
    double most = rows.stream().mapToDouble(Scaling.Row::rate).max().orElse(1);
    this.low = Math.floor(log2(least));
    this.high = Math.max(Math.ceil(log2(Math.max(most, alone * mostDevices))), low + 1);
  }

  /** An SVG element. */
  static String of(List<Scaling> scalings) {
    return new ScalingChart(scalings).draw();
  }

  private String draw() {
    svg.append(String.format(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"clips a second by devices\">%n",
        WIDTH, HEIGHT));
    axes();
    double alone = scalings.get(0).rows().get(0).rate();
    put(
        "<path class=\"ideal\" fill=\"none\" stroke-width=\"1.5\" d=\"M%.1f %.1fL%.1f %.1f\"/>%n",
        x(1), y(alone), x(mostDevices), y(alone * mostDevices));
    for (int i = 0; i < scalings.size(); i++) {
      line(scalings.get(i), i);
    }
    legend();
    return svg.append("</svg>\n").toString();
  }

  private void axes() {
    for (double d = 1; d <= mostDevices; d *= 2) {
      put("<path class=\"grid\" d=\"M%.1f %dV%d\"/>", x(d), TOP, HEIGHT - BOTTOM);
      put(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f</text>%n",
          x(d), HEIGHT - BOTTOM + 18, d);
    }
    for (double l = low; l <= high; l += Math.max(1, Math.ceil((high - low) / 8))) {
      double rate = Math.pow(2, l);
      put("<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y(rate), WIDTH - RIGHT);
      put(
          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
          LEFT - 8,
          y(rate) + 4,
          rate < 1 ? String.format(Locale.ROOT, "%.3f", rate) : String.format("%.0f", rate));
    }
    put(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">devices</text>%n",
        (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8);
    put(
        "<text transform=\"translate(16 %d) rotate(-90)\" text-anchor=\"middle\">clips a second</text>%n",
        (TOP + HEIGHT - BOTTOM) / 2);
  }

  private void line(Scaling scaling, int series) {
    StringBuilder path = new StringBuilder();
    for (Scaling.Row row : scaling.rows()) {
      path.append(String.format(
          Locale.ROOT, "%s%.1f %.1f", path.isEmpty() ? "M" : "L", x(row.devices()), y(row.rate())));
      put(
          "<circle class=\"s%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"><title>%d devices: %.1f clips/s, %.0f %%</title></circle>%n",
          series,
          x(row.devices()),
          y(row.rate()),
          row.devices(),
          row.rate(),
          100 * row.efficiency());
    }
    put("<path class=\"s%d\" style=\"fill:none\" stroke-width=\"2\" d=\"%s\"/>%n", series, path);
  }

  private void legend() {
    int top = TOP + 16;
    put(
        "<path class=\"ideal\" stroke-width=\"1.5\" d=\"M%d %dh24\"/><text x=\"%d\" y=\"%d\">ideal</text>%n",
        LEFT + 14, top - 4, LEFT + 46, top);
    for (int i = 0; i < scalings.size(); i++) {
      int at = top + 18 * (i + 1);
      put(
          "<path class=\"s%d\" stroke-width=\"2\" d=\"M%d %dh24\"/><text x=\"%d\" y=\"%d\">%s</text>%n",
          i, LEFT + 14, at - 4, LEFT + 46, at, scalings.get(i).name());
    }
  }

  private void put(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }

  private double x(double devices) {
    double whole = Math.max(1, log2(mostDevices));
    return LEFT + (WIDTH - LEFT - RIGHT) * log2(devices) / whole;
  }

  private double y(double rate) {
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (log2(rate) - low) / (high - low);
  }

  private static double log2(double value) {
    return Math.log(value) / Math.log(2);
  }
}
