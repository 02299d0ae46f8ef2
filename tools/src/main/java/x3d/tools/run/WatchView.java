package x3d.tools.run;

import static x3d.tools.run.RunLogReader.number;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleFunction;
import x3d.tools.run.RunCurves.Quantity;

/** How a run stands, in a few lines of text. */
final class WatchView {
  private static final int LABEL = 12;
  private static final int VALUE = 26;
  private static final int CURVE_ROWS = 6;

  private final RunFacts facts;
  private final RunCurves curves;
  private final int width;
  private final List<String> lines = new ArrayList<>();

  private WatchView(RunFacts facts, RunCurves curves, int width) {
    this.facts = facts;
    this.curves = curves;
    this.width = Math.max(width, LABEL + VALUE + 10);
  }

  /**
   * All that is of interest now.
   *
   * @param width characters of a line, at most
   * @param quiet seconds since the run last said something
   */
  static List<String> of(String name, RunFacts facts, RunCurves curves, int width, long quiet) {
    WatchView view = new WatchView(facts, curves, width);
    view.head(name, quiet);
    view.lossCurve();
    view.quantities();
    view.notes();
    return view.lines.stream()
        .map(line -> line.length() > view.width ? line.substring(0, view.width - 1) + "…" : line)
        .toList();
  }

  private void head(String name, long quiet) {
    String state = switch (facts.state()) {
      case STARTING -> "starting";
      case TRAINING -> "last heard of " + Words.time(quiet) + " ago";
      case STOPPED -> "stopped; the same command goes on";
      case FINISHED -> "finished";
    };
    lines.add(name + "  " + state);
    facts
        .run()
        .ifPresent(run -> row(
            "run",
            run.path("videos").asText() + " videos, batch " + run.path("batch").asText() + ", "
                + run.path("ranks").asText() + " x " + run.path("devices").asText() + " "
                + run.path("provider").asText()
                + (facts.starts() > 1 ? ", started " + facts.starts() + " times" : "")));
    row("progress", progress());
  }

  private String progress() {
    Optional<JsonNode> at = facts.iteration();
    JsonNode run = facts.run().orElse(null);
    if (run == null) {
      return "nothing yet";
    }
    int epochs = run.path("epochs").asInt();
    int iterations = run.path("iterations").asInt();
    double done = at.map(line -> line.path("epoch").asInt()
            - 1
            + (double) line.path("iteration").asInt() / Math.max(1, iterations))
        .orElse((double) run.path("epoch").asInt());
    String eta = facts.state() == RunFacts.State.TRAINING && at.isPresent()
        ? ", " + at.get().path("eta").asText() + " left"
        : "";
    return String.format(
        Locale.ROOT,
        "epoch %s of %d, update %s of %d, %.1f %%, %s so far%s",
        at.map(line -> line.path("epoch").asText()).orElse(run.path("epoch").asText()),
        epochs,
        at.map(line -> line.path("iteration").asText()).orElse("0"),
        iterations,
        100 * done / Math.max(1, epochs),
        Words.time(facts.wallSeconds()),
        eta);
  }

  private void lossCurve() {
    Curve loss = curves.of(Quantity.LOSS);
    double[] points = loss.points();
    if (points.length < 2) {
      return;
    }
    List<String> rows = Plot.dots(points, width - LABEL, CURVE_ROWS);
    double high = Arrays.stream(points).filter(Double::isFinite).max().orElse(Double.NaN);
    double low = Arrays.stream(points).filter(Double::isFinite).min().orElse(Double.NaN);
    for (int i = 0; i < rows.size(); i++) {
      String label = i == 0 ? Words.number(high) : i == rows.size() - 1 ? Words.number(low) : "";
      lines.add(String.format("%" + (LABEL - 1) + "s %s", label, rows.get(i)));
    }
  }

  private void quantities() {
    curve("loss", Quantity.LOSS, Words::number);
    curve("top-1 error", Quantity.TOP1, Words::percent);
    curve("top-5 error", Quantity.TOP5, Words::percent);
    curve("lr", Quantity.RATE, Words::number);
    curve("grad norm", Quantity.GRADIENT, Words::number);
    facts.iteration().ifPresent(line -> {
      double data = number(line, "dt_data");
      double step = number(line, "dt_step");
      row("clips/s", value(Words.number(number(line, "fps"))) + sparkline(Quantity.SPEED));
      row(
          "data wait",
          value(String.format(
                  Locale.ROOT, "%.1f %% of %.3f s", 100 * data / (data + step), data + step))
              + sparkline(Quantity.WAITING));
      if (line.has("heap_bytes")) {
        String resident =
            line.has("resident_bytes") ? Words.bytes(number(line, "resident_bytes")) + ", " : "";
        row(
            "memory",
            value(resident + "heap " + Words.bytes(number(line, "heap_bytes")))
                + sparkline(Quantity.RESIDENT));
      }
    });
  }

  private void curve(String label, Quantity quantity, DoubleFunction<String> words) {
    double[] points = curves.of(quantity).points();
    if (points.length > 0) {
      double newest = facts
          .iteration()
          .map(quantity::of)
          .filter(Double::isFinite)
          .orElse(points[points.length - 1]);
      row(label, value(words.apply(newest)) + sparkline(quantity));
    }
  }

  private String sparkline(Quantity quantity) {
    double[] points = curves.of(quantity).points();
    return points.length < 2 ? "" : Plot.line(points, width - LABEL - VALUE);
  }

  private static String value(String words) {
    return String.format("%-" + VALUE + "s", words);
  }

  private void notes() {
    if (!facts.validations().isEmpty()) {
      JsonNode newest = facts.validations().lastEntry().getValue();
      String best = facts
          .bestValidation()
          .map(line -> ", best " + Words.percent(number(line, "top1_err")) + " after epoch "
              + line.path("epoch").asText())
          .orElse("");
      row("validation", validation(newest) + best);
    }
    if (!facts.overflows().isEmpty()) {
      JsonNode newest = facts.overflows().get(facts.overflows().size() - 1);
      row(
          "overflows",
          newest.path("overflows").asText() + ", loss scale "
              + Words.number(number(newest, "next_loss_scale")) + " after the last");
    }
    if (!facts.replaced().isEmpty()) {
      Map.Entry<String, String> newest =
          List.copyOf(facts.replaced().entrySet()).get(facts.replaced().size() - 1);
      row("replaced", facts.replaced().size() + " videos, the last: " + newest.getValue());
    }
  }

  private static String validation(JsonNode line) {
    return String.format(
        Locale.ROOT,
        "top-1 error %s, top-5 error %s after epoch %s",
        Words.percent(number(line, "top1_err")),
        Words.percent(number(line, "top5_err")),
        line.path("epoch").asText());
  }

  private void row(String label, String words) {
    lines.add(String.format("%-" + LABEL + "s%s", label, words).stripTrailing());
  }

  /** A line of a log as a line of text; empty if it is of no interest to one who watches. */
  static Optional<String> words(JsonNode line) {
    return Optional.ofNullable(
        switch (line.get("_type").asText()) {
          case "run" ->
            "training begins at epoch " + line.path("epoch").asText() + " of "
                + line.path("epochs").asText();
          case "resumed" -> "resumed " + line.path("file").asText();
          case "train_iter" -> iteration(line);
          case "val_epoch" -> "validation: " + validation(line);
          case "overflow" ->
            "overflow at update " + line.path("iteration").asText() + " of epoch "
                + line.path("epoch").asText() + ", loss scale now "
                + Words.number(number(line, "next_loss_scale")) + ", "
                + line.path("overflows").asText() + " so far";
          case "video_replaced" -> "replaced: " + line.path("reason").asText();
          case "stopped" ->
            "stopped; the same command goes on from " + line.path("file").asText();
          case "model" -> "finished: " + line.path("file").asText();
          default -> null;
        });
  }

  private static String iteration(JsonNode line) {
    double data = number(line, "dt_data");
    String memory =
        line.has("resident_bytes") ? ", " + Words.bytes(number(line, "resident_bytes")) : "";
    return String.format(
        Locale.ROOT,
        "epoch %s/%s, update %s/%s: loss %s, top-1 error %s, lr %s, %s clips/s, data wait %.1f %%%s, %s left",
        line.path("epoch").asText(),
        line.path("epochs").asText(),
        line.path("iteration").asText(),
        line.path("iterations").asText(),
        Words.number(number(line, "loss")),
        Words.percent(number(line, "top1_err")),
        Words.number(number(line, "lr")),
        Words.number(number(line, "fps")),
        100 * data / (data + number(line, "dt_step")),
        memory,
        line.path("eta").asText());
  }
}
