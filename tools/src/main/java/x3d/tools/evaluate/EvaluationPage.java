package x3d.tools.evaluate;

import static j2html.TagCreator.b;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.img;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.strong;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.table;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.tr;
import static j2html.TagCreator.ul;

import j2html.tags.DomContent;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import x3d.tools.evaluate.Calibration.Bin;
import x3d.tools.evaluate.EvaluationReport.PerClass;
import x3d.tools.evaluate.EvaluationReport.Provenance;
import x3d.tools.evaluate.Outcome.Failed;
import x3d.tools.evaluate.Outcome.Prediction;
import x3d.tools.page.Chart;
import x3d.tools.page.Chart.Style;
import x3d.tools.page.Figures;
import x3d.tools.page.Page;
import x3d.tools.page.Table;
import x3d.tools.page.Table.Cell;

/** An evaluation as one HTML page that needs nothing beside it. */
final class EvaluationPage {
  /** The section that differs from run to run. */
  static final String TIMES = "Throughput";

  private static final int PAIRS = 50;
  private static final int VIDEOS_A_PAIR = 10;
  private static final int HARDEST = 24;
  private static final int FAILURES = 500;

  private final EvaluationReport report;
  private final Timing timing;
  private final List<String> names;

  private EvaluationPage(EvaluationReport report, Timing timing, List<String> classNames) {
    this.report = report;
    this.timing = timing;
    this.names = classNames;
  }

  static String of(EvaluationReport report, Timing timing, List<String> classNames) {
    return new EvaluationPage(report, timing, classNames).write();
  }

  private String write() {
    Page page = Page.titled("Evaluation of " + Path.of(report.model()).getFileName())
        .withStyle(EvaluationPage.class, "evaluate.css")
        .withScript(EvaluationPage.class, "confusion.js")
        .add(
            p(report.data() + ", " + Words.count(report.views(), "view") + " of "
                    + Words.count(report.crops(), "crop") + " a video")
                .withClass("quiet"),
            figures(),
            p("In brackets 95 % confidence intervals (Wilson's score interval).")
                .withClass("quiet"));
    if (report.videos() < report.expected()) {
      page.add(p(strong(Words.incomplete(report))).withClass("warning"));
    }
    if (report.curve().size() > 1) {
      page.section("Accuracy for cost", CostCurve.ofClips(report));
    }
    page.section("Classes", classes());
    if (report.videos() > 0) {
      page.section("Confusion matrix", ConfusionMatrix.of(report, names));
    }
    if (!report.confusions().isEmpty()) {
      page.section("Most confused", confused());
      page.section("Hardest videos", hardest());
    }
    page.section("Calibration", calibration());
    if (!report.failed().isEmpty()) {
      page.section("Videos that could not be read", failures());
    }
    return page.section(TIMES, throughput()).section("Provenance", provenance()).html();
  }

  private DomContent figures() {
    return new Figures()
        .add("top-1 " + Words.interval(report.top1Interval()), Words.percent(report.top1()))
        .add("top-5 " + Words.interval(report.top5Interval()), Words.percent(report.top5()))
        .add("calibration error (ECE)", Words.percent(100 * report.calibration().ece()))
        .add("videos expected", Integer.toString(report.expected()))
        .add("found", Integer.toString(report.found()))
        .add("failed", Integer.toString(report.failed().size()))
        .draw();
  }

  private DomContent classes() {
    Table table = Table.of("class", "videos", "top-1", "95 % from", "to", "top-5");
    report.perClass().stream()
        .sorted(Comparator.comparingDouble(PerClass::top1).thenComparing(PerClass::label))
        .forEach(c -> table.row(
            Cell.of(c.name()),
            Cell.of("%d", c.videos()),
            Cell.of("%.1f %%", c.top1()),
            Cell.of("%.1f", c.top1Interval().low()),
            Cell.of("%.1f", c.top1Interval().high()),
            Cell.of("%.1f %%", c.top5())));
    return div(p("Worst first; a click on a title sorts.").withClass("quiet"), table.draw())
        .withClass("tall");
  }

  private DomContent confused() {
    Map<List<Integer>, List<Prediction>> videos = report.predictions().stream()
        .filter(prediction -> !prediction.right())
        .collect(Collectors.groupingBy(
            prediction -> List.of(prediction.label(), prediction.answer().label())));
    Table table = Table.of("class", "taken for", "videos", "which");
    report.confusions().stream()
        .limit(PAIRS)
        .forEach(c -> table.row(
            Cell.of(names.get(c.label())),
            Cell.of(names.get(c.answer())),
            Cell.of("%d", c.videos()),
            Cell.of(which(videos.get(List.of(c.label(), c.answer()))), "")));
    return div(rest(report.confusions().size(), PAIRS, "pairs"), table.draw());
  }

  private static DomContent which(List<Prediction> videos) {
    return details(
        summary(Path.of(videos.get(0).video()).getFileName() + (videos.size() > 1 ? ", ..." : "")),
        ul(each(videos.stream().limit(VIDEOS_A_PAIR).toList(), v -> li(v.video()))));
  }

  private static DomContent rest(int all, int shown, String what) {
    return all <= shown
        ? text("")
        : p("The first " + shown + " of " + all + " " + what + "; report.json has all.")
            .withClass("quiet");
  }

  private DomContent hardest() {
    List<Prediction> hardest = report.predictions().stream()
        .filter(prediction -> !prediction.right())
        .sorted(
            Comparator.comparingDouble(Prediction::probability).thenComparing(Prediction::index))
        .limit(HARDEST)
        .toList();
    return div(
        p("Those whose own class was given the least probability. Below each, what its views took it for.")
            .withClass("quiet"),
        div(each(hardest, this::card)).withClass("cards"));
  }

  private DomContent card(Prediction p) {
    DomContent picture = Thumbnail.of(Path.of(p.video()))
        .<DomContent>map(address -> img().withSrc(address).withAlt("the middle of the video"))
        .orElseGet(() -> div("no picture").withClass("none"));
    return div(
            picture,
            div(b(names.get(p.label())), text(" " + Words.percent(100 * p.probability()))),
            div("taken for " + p.answer().name() + " "
                + Words.percent(100 * p.answer().probability())),
            div(each(p.votes(), vote -> vote(vote, p.label())))
                .withClass("votes")
                .attr("role", "img")
                .attr("aria-label", tally(p)),
            div(tally(p)).withClass("quiet"),
            div(Path.of(p.video()).getFileName().toString())
                .withClass("quiet")
                .withTitle(p.video()))
        .withClass("card");
  }

  private DomContent vote(int vote, int label) {
    return span().withTitle(names.get(vote)).withClass(vote == label ? "right" : "wrong");
  }

  /** {@code 7 running, 3 walking}. */
  private String tally(Prediction p) {
    Map<Integer, Long> counts = p.votes().stream()
        .collect(Collectors.groupingBy(vote -> vote, TreeMap::new, Collectors.counting()));
    return counts.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .map(e -> e.getValue() + " " + names.get(e.getKey()))
        .collect(Collectors.joining(", "));
  }

  private DomContent calibration() {
    List<Bin> bins = report.calibration().bins();
    double[] said =
        bins.stream().mapToDouble(bin -> (bin.low() + bin.high()) / 2).toArray();
    double[] right = bins.stream()
        .mapToDouble(bin -> bin.videos() == 0 ? Double.NaN : bin.accuracy())
        .toArray();
    Table table = Table.of("probability", "videos", "mean probability", "right");
    bins.stream()
        .filter(bin -> bin.videos() > 0)
        .forEach(bin -> table.row(
            Cell.of("%.2f", bin.low()),
            Cell.of("%d", bin.videos()),
            Cell.of("%.1f %%", 100 * bin.confidence()),
            Cell.of("%.1f %%", 100 * bin.accuracy())));
    return div(
        p(
            "How often the first answer was right, by the probability that it was given. Bars below the dashes: the model is surer"
                + " than it should be. The expected calibration error is the mean distance, each bar weighed by its videos: "
                + Words.percent(100 * report.calibration().ece()) + "."),
        Chart.of("Reliability", "probability of the first answer", "share of right answers")
            .rangeY(0, 1)
            .series("right", said, right, Style.BARS)
            .series("ideal", said, said, Style.DASHED)
            .draw(),
        details(summary("the same as a table, probability from"), table.draw()));
  }

  private DomContent failures() {
    Table table = Table.of("video", "kind", "reason");
    for (Failed failed : report.failed().stream().limit(FAILURES).toList()) {
      table.row(
          Cell.of(failed.video()),
          Cell.of(failed.missing() ? "missing" : failed.kind().replace('_', ' ')),
          Cell.of(failed.reason()));
    }
    return div(rest(report.failed().size(), FAILURES, "videos"), table.draw());
  }

  private DomContent throughput() {
    DomContent cost = timing.costs().isEmpty() ? text("") : CostCurve.ofTime(report, timing);
    return div(
        table(
            row("wall time", String.format(Locale.ROOT, "%.1f s", timing.seconds())),
            row("videos looked at", Integer.toString(timing.videos())),
            row("taken over from an interrupted run", Integer.toString(timing.resumed())),
            row("videos a second", String.format(Locale.ROOT, "%.2f", timing.videosPerSecond())),
            row("views a second", String.format(Locale.ROOT, "%.1f", timing.clipsPerSecond()))),
        cost);
  }

  private DomContent provenance() {
    Provenance from = report.provenance();
    return table(
        row("x3d", from.version()),
        row("model", report.model()),
        row("its SHA-256", from.modelSha256()),
        row("list", report.data()),
        row("its SHA-256", from.dataSha256()),
        row("separator", "'" + from.separator() + "'"),
        row("execution provider", from.provider()),
        row("views, crops", report.views() + ", " + report.crops()));
  }

  private static DomContent row(String name, String value) {
    return tr(th(name), td(value));
  }
}
