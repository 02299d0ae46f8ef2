package x3d.tools.evaluate;

import java.util.Locale;
import java.util.Optional;
import x3d.tools.evaluate.EvaluationReport.Point;

/** What terminal and page say alike. */
final class Words {
  private Words() {}

  /** What a list that could not be read whole means for top-1. */
  static String incomplete(EvaluationReport report) {
    int lacking = report.expected() - report.videos();
    int missing = report.expected() - report.found();
    return String.format(
        Locale.ROOT,
        "%d of %d videos count in no figure: %d missing, %d unusable. Over the whole list top-1 would be %.2f %% if all of them were"
            + " answered wrongly and %.2f %% if rightly.",
        lacking,
        report.expected(),
        missing,
        lacking - missing,
        report.bounds().ifWrong(),
        report.bounds().ifRight());
  }

  /** Milliseconds a video that a look was measured to take. */
  static Optional<Double> cost(Timing timing, Point point) {
    return timing.costs().stream()
        .filter(c -> c.views() == point.views() && c.crops() == point.crops())
        .map(Timing.Cost::millisPerVideo)
        .findFirst();
  }

  static String percent(double value) {
    return String.format(Locale.ROOT, "%.1f %%", value);
  }

  static String interval(Interval interval) {
    return String.format(Locale.ROOT, "(%.1f to %.1f)", interval.low(), interval.high());
  }

  /** {@code 1 view}, {@code 10 views}. */
  static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  /** What a comparison comes to, in a sentence or two. */
  static String verdict(Comparison c) {
    String counted = String.format(
        Locale.ROOT,
        "Of %d videos that both could read the second got %d better and %d worse; McNemar's exact p is %s: ",
        c.videos(),
        c.mcNemar().better(),
        c.mcNemar().worse(),
        chance(c.mcNemar().p()));
    String others = c.onlyFirst() + c.onlySecond() == 0
        ? ""
        : String.format(
            Locale.ROOT,
            " Not compared: %d videos of the first report alone, %d of the second alone.",
            c.onlyFirst(),
            c.onlySecond());
    return counted
        + (c.mcNemar().significant()
            ? "more than chance (at 5 %)."
            : "this may be chance (at 5 %).")
        + others;
  }

  static String chance(double p) {
    return p < 0.001
        ? String.format(Locale.ROOT, "%.1e", p)
        : String.format(Locale.ROOT, "%.3f", p);
  }
}
