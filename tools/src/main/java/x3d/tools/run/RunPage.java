package x3d.tools.run;

import static j2html.TagCreator.div;
import static j2html.TagCreator.input;
import static j2html.TagCreator.label;
import static j2html.TagCreator.option;
import static j2html.TagCreator.output;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.script;
import static j2html.TagCreator.select;
import static j2html.TagCreator.text;
import static x3d.tools.run.RunLogReader.number;

import com.fasterxml.jackson.databind.JsonNode;
import j2html.tags.DomContent;
import j2html.tags.specialized.FigureTag;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import x3d.tools.Json;
import x3d.tools.page.Chart;
import x3d.tools.page.Chart.Style;
import x3d.tools.page.Figures;
import x3d.tools.page.Page;
import x3d.tools.page.Table;
import x3d.tools.page.Table.Cell;
import x3d.tools.run.RunCurves.Quantity;

/** Runs as one HTML page: curves, how they ended, what their recipes differ in. */
final class RunPage {
  /** Differs between any two runs. */
  private static final String FOLDER_KEY = "OUTPUT_DIR";

  private final List<ReportedRun> runs;

  private RunPage(List<ReportedRun> runs) {
    this.runs = runs;
  }

  static String of(List<ReportedRun> runs) {
    return new RunPage(runs).html();
  }

  private String html() {
    Page page = Page.titled(
            runs.size() == 1
                ? "Training " + runs.get(0).name()
                : runs.size() + " trainings: "
                    + String.join(", ", runs.stream().map(ReportedRun::name).toList()))
        .withStyle(RunPage.class, "report.css")
        .withScript(RunPage.class, "report.js");
    if (runs.size() == 1) {
      page.add(figures(runs.get(0)));
    }
    page.add(controls(), ways(), p(thinned()).withClass("quiet"));
    page.section("Learning", learning().toArray(DomContent[]::new));
    page.section("Running", running().toArray(DomContent[]::new));
    page.section("Runs", endings());
    if (runs.size() > 1) {
      page.section("Recipes", differences());
    }
    replaced().ifPresent(table -> page.section("Videos that were replaced", table));
    return page.html();
  }

  private static DomContent figures(ReportedRun run) {
    Figures figures = new Figures();
    RunFacts facts = run.facts();
    facts.bestValidation().ifPresent(best -> {
      figures.add(
          "best top-1 error, after epoch " + best.path("epoch").asText(),
          Words.percent(number(best, "top1_err")));
    });
    if (!facts.epochs().isEmpty()) {
      JsonNode last = facts.epochs().lastEntry().getValue();
      figures.add(
          "loss of epoch " + last.path("epoch").asText(), Words.number(number(last, "loss")));
      figures.add("clips a second", Words.number(number(last, "fps")));
    }
    figures.add("wall time", Words.time(facts.wallSeconds()));
    return figures.draw();
  }

  private DomContent controls() {
    return div(
            label(
                text("x axis "),
                select(
                        option("updates").withValue("steps"),
                        option("epochs").withValue("epochs"),
                        option("wall time").withValue("seconds"))
                    .withId("axis")),
            label(
                text("smoothing "),
                input()
                    .withType("range")
                    .withId("smoothing")
                    .attr("min", "0")
                    .attr("max", "0.99")
                    .attr("step", "0.01")
                    .withValue("0"),
                output("0").withId("smoothed")),
            label(input().withType("checkbox").withId("log"), text(" loss by powers of 10")))
        .withClass("controls");
  }

  /** Where each run was, in epochs and seconds, at its updates: the script turns one axis into another. */
  private DomContent ways() {
    List<Map<String, Object>> ways = new ArrayList<>();
    for (ReportedRun run : runs) {
      Map<String, Object> way = new LinkedHashMap<>();
      Curve epochs = run.curves().of(Quantity.EPOCH);
      Curve seconds = run.curves().of(Quantity.SECONDS);
      way.put("epochSteps", epochs.steps());
      way.put("epochs", rounded(epochs.points()));
      way.put("secondSteps", seconds.steps());
      way.put("seconds", rounded(seconds.points()));
      ways.add(way);
    }
    return script(rawHtml(Json.line(ways))).withType("application/json").withId("ways");
  }

  private static double[] rounded(double[] values) {
    return Arrays.stream(values).map(v -> Math.round(v * 1e4) / 1e4).toArray();
  }

  private String thinned() {
    long width = runs.stream()
        .mapToLong(run -> run.curves().of(Quantity.LOSS).width())
        .max()
        .orElse(1);
    String thinned = width == 1
        ? "Every update is a point. "
        : "A point stands for up to " + width + " updates: for " + Quantity.GRADIENT.label()
            + " and memory it is the greatest of them, for the learning rate the last, else the mean. ";
    return thinned
        + "A drag zooms, a double click shows all again, a click on a name in a legend hides its curve. "
        + "Smoothing is an exponential mean over points; validations are never smoothed.";
  }

  private List<DomContent> learning() {
    List<DomContent> charts = new ArrayList<>();
    chart("Loss", "loss", Plain.ONE, Quantity.LOSS)
        .map(c -> c.withData("smooth", "").withData("loss", ""))
        .ifPresent(charts::add);
    chart("Top-1 error", "%", Plain.ONE, Quantity.TOP1, Quantity.VALIDATION_TOP1)
        .map(c -> c.withData("smooth", ""))
        .ifPresent(charts::add);
    chart("Top-5 error", "%", Plain.ONE, Quantity.TOP5, Quantity.VALIDATION_TOP5)
        .map(c -> c.withData("smooth", ""))
        .ifPresent(charts::add);
    chart("Learning rate", "lr", Plain.ONE, Quantity.RATE).ifPresent(charts::add);
    chart("Norm of the gradient, before clipping", "L2 norm", Plain.LOG, Quantity.GRADIENT)
        .map(c -> c.withData("smooth", ""))
        .ifPresent(charts::add);
    chart("Loss scale", "scale", Plain.LOG, Quantity.LOSS_SCALE).ifPresent(charts::add);
    chart("Updates left out by overflow, so far", "updates", Plain.ONE, Quantity.OVERFLOWS)
        .ifPresent(charts::add);
    return charts;
  }

  private List<DomContent> running() {
    List<DomContent> charts = new ArrayList<>();
    chart("Speed, waiting included", "clips/s", Plain.ONE, Quantity.SPEED)
        .map(c -> c.withData("smooth", ""))
        .ifPresent(charts::add);
    chart("Share of the time that training waited for clips", "%", Plain.ONE, Quantity.WAITING)
        .map(c -> c.withData("smooth", ""))
        .ifPresent(charts::add);
    chart("Memory of the process", "GB", Plain.GIGA, Quantity.RESIDENT, Quantity.HEAP)
        .ifPresent(charts::add);
    return charts;
  }

  /** How a value is drawn. */
  private enum Plain {
    ONE(v -> v),
    LOG(v -> v > 0 ? v : Double.NaN),
    GIGA(v -> v / 1e9);

    private final DoubleUnaryOperator value;

    Plain(DoubleUnaryOperator value) {
      this.value = value;
    }
  }

  /** Empty if no run has a point of it. */
  private Optional<FigureTag> chart(
      String caption, String y, Plain plain, Quantity quantity, Quantity... more) {
    List<Quantity> all = new ArrayList<>(List.of(quantity));
    all.addAll(List.of(more));
    Chart chart = Chart.of(caption, "updates", y);
    boolean any = false;
    for (int i = 0; i < runs.size(); i++) {
      for (Quantity one : all) {
        Curve curve = runs.get(i).curves().of(one);
        if (curve.isEmpty()) {
          continue;
        }
        any = true;
        String name = runs.get(i).name() + (all.size() > 1 ? ", " + one.label() : "");
        double[] points = Arrays.stream(curve.points()).map(plain.value).toArray();
        chart.series(name, curve.steps(), points, style(one)).color(i);
      }
    }
    if (plain == Plain.LOG) {
      chart.logY();
    }
    return any ? Optional.of(chart.draw()) : Optional.empty();
  }

  private static Style style(Quantity quantity) {
    return switch (quantity) {
      case VALIDATION_TOP1, VALIDATION_TOP5, OVERFLOWS -> Style.LINE_AND_POINTS;
      case HEAP -> Style.DASHED;
      default -> Style.LINE;
    };
  }

  private DomContent endings() {
    Table table = Table.of(
        "run",
        "state",
        "epochs",
        "loss",
        "top-1 error",
        "validation top-1",
        "top-5",
        "best top-1",
        "after epoch",
        "clips/s",
        "data wait",
        "most memory",
        "overflows",
        "replaced",
        "wall time");
    for (ReportedRun run : runs) {
      RunFacts facts = run.facts();
      Optional<JsonNode> epoch =
          Optional.ofNullable(facts.epochs().lastEntry()).map(Map.Entry::getValue);
      Optional<JsonNode> validation =
          Optional.ofNullable(facts.validations().lastEntry()).map(Map.Entry::getValue);
      Optional<JsonNode> best = facts.bestValidation();
      table.row(
          Cell.of(run.name()),
          Cell.of(state(facts)),
          Cell.of("%d", facts.epochs().isEmpty() ? 0 : facts.epochs().lastKey()),
          cell("%.4g", epoch, "loss"),
          cell("%.2f %%", epoch, "top1_err"),
          cell("%.2f %%", validation, "top1_err"),
          cell("%.2f %%", validation, "top5_err"),
          cell("%.2f %%", best, "top1_err"),
          cell("%.0f", best, "epoch"),
          cell("%.1f", epoch, "fps"),
          epoch.map(line -> Cell.of("%.1f %%", Quantity.WAITING.of(line))).orElse(Cell.unknown()),
          facts.mostResidentBytes().isPresent()
              ? Cell.of("%.2f GB", facts.mostResidentBytes().getAsDouble() / 1e9)
              : Cell.unknown(),
          Cell.of("%d", facts.overflows().size()),
          Cell.of("%d", facts.replaced().size()),
          Cell.of(text(Words.time(facts.wallSeconds())), Double.toString(facts.wallSeconds())));
    }
    return table.draw();
  }

  private static Cell cell(String format, Optional<JsonNode> line, String field) {
    return line.map(l -> number(l, field))
        .filter(Double::isFinite)
        .map(value -> Cell.of(format, value))
        .orElse(Cell.unknown());
  }

  private static String state(RunFacts facts) {
    return switch (facts.state()) {
      case STARTING -> "starting";
      case TRAINING -> "not finished";
      case STOPPED -> "stopped";
      case FINISHED -> "finished";
    };
  }

  private DomContent differences() {
    Set<String> keys = new LinkedHashSet<>();
    runs.forEach(run -> run.recipe().ifPresent(recipe -> keys.addAll(recipe.keySet())));
    keys.remove(FOLDER_KEY);
    List<String> titles = new ArrayList<>(List.of("key"));
    runs.forEach(run -> titles.add(run.name()));
    Table table = Table.of(titles.toArray(String[]::new));
    int rows = 0;
    for (String key : keys) {
      List<String> values = runs.stream()
          .map(run -> run.recipe().map(recipe -> recipe.get(key)).orElse(null))
          .toList();
      if (values.stream().distinct().count() > 1) {
        rows++;
        List<Cell> cells = new ArrayList<>(List.of(Cell.of(key)));
        values.forEach(value -> cells.add(Cell.of(Objects.requireNonNullElse(value, "–"))));
        table.row(cells.toArray(Cell[]::new));
      }
    }
    return rows == 0 ? p("The recipes are the same.") : table.draw();
  }

  private Optional<DomContent> replaced() {
    Table table = Table.of("run", "video", "reason");
    boolean any = false;
    for (ReportedRun run : runs) {
      for (Map.Entry<String, String> video : run.facts().replaced().entrySet()) {
        any = true;
        table.row(Cell.of(run.name()), Cell.of(video.getKey()), Cell.of(video.getValue()));
      }
    }
    return any ? Optional.of(table.draw()) : Optional.empty();
  }
}
