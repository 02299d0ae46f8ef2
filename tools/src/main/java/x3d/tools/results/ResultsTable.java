package x3d.tools.results;

import static j2html.TagCreator.p;

import java.util.List;
import java.util.Locale;
import org.apache.commons.csv.CSVFormat;
import x3d.tools.page.Page;
import x3d.tools.page.Table;
import x3d.tools.page.Table.Cell;

/**
 * Runs as rows: as Markdown, as CSV, as a page.
 *
 * @param runs in the order of the rows
 */
record ResultsTable(List<RunResult> runs) {
  private static final List<String> TITLES = List.of(
      "Run",
      "Kind",
      "Device",
      "FPS",
      "Top-1, 10 views",
      "Top-1, 30 views",
      "Batch",
      "Epochs",
      "Precision",
      "Loss scale");
  private static final String UNKNOWN = "–";

  ResultsTable {
    runs = List.copyOf(runs);
  }

  String markdown() {
    StringBuilder out = new StringBuilder();
    row(out, TITLES);
    row(out, TITLES.stream().map(title -> "---").toList());
    for (RunResult run : runs) {
      row(out, words(run));
    }
    return out.toString();
  }

  private static void row(StringBuilder out, List<String> cells) {
    out.append("| ")
        .append(String.join(
            " | ", cells.stream().map(cell -> cell.replace("|", "\\|")).toList()))
        .append(" |\n");
  }

  private static List<String> words(RunResult run) {
    return List.of(
        run.run(),
        run.kind(),
        run.device(),
        run.clipsPerSecond().isPresent()
            ? String.format(Locale.ROOT, "%.1f", run.clipsPerSecond().getAsDouble())
            : UNKNOWN,
        percent(run, 10),
        percent(run, 30),
        Long.toString(run.batch()),
        epochs(run),
        run.precision(),
        run.lossScale());
  }

  private static boolean has(RunResult run, int views) {
    return run.top1() != null && run.top1().views() == views;
  }

  private static String percent(RunResult run, int views) {
    return has(run, views) ? String.format(Locale.ROOT, "%.2f %%", run.top1().percent()) : UNKNOWN;
  }

  private static String epochs(RunResult run) {
    return run.epochs() == run.planned()
        ? Integer.toString(run.epochs())
        : run.epochs() + " of " + run.planned();
  }

  /** For programs: RFC 4180, unrounded, an unknown value is empty. */
  String csv() {
    StringBuilder out = new StringBuilder();
    record(
        out,
        "run",
        "kind",
        "device",
        "fps",
        "top1_10_views",
        "top1_30_views",
        "batch",
        "epochs",
        "planned_epochs",
        "precision",
        "loss_scale");
    for (RunResult run : runs) {
      record(
          out,
          run.run(),
          run.kind(),
          run.device(),
          run.clipsPerSecond().isPresent() ? run.clipsPerSecond().getAsDouble() : null,
          has(run, 10) ? run.top1().percent() : null,
          has(run, 30) ? run.top1().percent() : null,
          run.batch(),
          run.epochs(),
          run.planned(),
          run.precision(),
          run.lossScale());
    }
    return out.toString();
  }

  private static void record(StringBuilder out, Object... values) {
    out.append(CSVFormat.RFC4180.format(values)).append("\r\n");
  }

  String page() {
    Table table = Table.of(TITLES.toArray(String[]::new));
    for (RunResult run : runs) {
      table.row(
          Cell.of(run.run()),
          Cell.of(run.kind()),
          Cell.of(run.device()),
          run.clipsPerSecond().isPresent()
              ? Cell.of("%.1f", run.clipsPerSecond().getAsDouble())
              : Cell.unknown(),
          has(run, 10) ? Cell.of("%.2f %%", run.top1().percent()) : Cell.unknown(),
          has(run, 30) ? Cell.of("%.2f %%", run.top1().percent()) : Cell.unknown(),
          Cell.of("%d", run.batch()),
          Cell.of(epochs(run)),
          Cell.of(run.precision()),
          Cell.of(run.lossScale()));
    }
    return Page.titled("Results")
        .withStyle(ResultsTable.class, "results.css")
        .add(table.draw())
        .add(p("FPS: clips a second over all devices, waiting for clips included;"
            + " of a training the median of its epochs, the first left out. Top-1: of an"
            + " evaluation of the run's model with 10 views, or with 10 in 3 crops each."))
        .html();
  }
}
