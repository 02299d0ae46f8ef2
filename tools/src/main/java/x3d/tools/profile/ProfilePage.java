package x3d.tools.profile;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;

import com.fasterxml.jackson.databind.JsonNode;
import j2html.tags.DomContent;
import java.util.List;
import java.util.Locale;
import x3d.profile.Phase;
import x3d.profile.Profile;
import x3d.profile.Row;
import x3d.tools.page.Figures;
import x3d.tools.page.Page;
import x3d.tools.page.Table;
import x3d.tools.page.Table.Cell;

/** A profile as one HTML page. */
final class ProfilePage {
  /** Narrower parts of a bar have no room for their name. */
  private static final double NAMED = 0.06;

  private final Profile profile;

  private ProfilePage(Profile profile) {
    this.profile = profile;
  }

  static String of(Profile profile) {
    return new ProfilePage(profile).page().html();
  }

  private Page page() {
    JsonNode about = profile.about();
    Page page = Page.titled("Where the time of a step goes")
        .withStyle(ProfilePage.class, "profile.css")
        .add(p(words(
            "%s of %s, lowering %s, on %s with %d threads, ranks: %d; %d clips a step",
            about.path("kind").asText(),
            about.path("network").asText(),
            about.path("lowering").asText(),
            about.path("provider").asText(),
            about.path("threads").asInt(),
            about.path("ranks").asInt(),
            about.path("clips").asInt())))
        .add(figures());
    page.section("Step", bar(profile.phases()), phases());
    page.section(
        "Stages",
        bar(profile.passes()),
        p("The nodes' part of the step, by stage and pass."),
        table("stage", profile.passes()));
    page.section("Operators", table("operator", profile.operators()));
    page.section(
        "Layers",
        p(words(
            "Of the nodes' time %.2f %% could not be attributed to a layer, and %.2f %% counts to"
                + " the layer of the node beside, being changes of layout that ONNX Runtime put in"
                + " between.",
            100 * profile.unattributed(), 100 * profile.byNeighbour())),
        table("layer", profile.layers()));
    return page.section(
        "Reading it",
        p(
            "Times are means over the steps and ranks that were profiled; where several sessions run at"
                + " once, the mean of theirs. Operations are those of the graph as it is spelled, bytes are"
                + " inputs and outputs of each node counted once: caches may make the attained rate larger"
                + " than the memory's. trace.json beside this page opens in Perfetto (ui.perfetto.dev) and"
                + " chrome://tracing."));
  }

  private DomContent figures() {
    Figures figures = new Figures().add("a step", words("%.1f ms", profile.stepMillis()));
    if (!Double.isNaN(profile.bareMillis())) {
      figures.add("without profiling", words("%.1f ms", profile.bareMillis()));
    }
    double operations =
        profile.operators().stream().mapToDouble(Row::operations).sum();
    double bytes = profile.operators().stream().mapToDouble(Row::bytes).sum();
    return figures
        .add("operations", words("%.1f G", operations / 1e9))
        .add("attained", words("%.1f Gop/s", operations / profile.stepMillis() / 1e6))
        .add("moved", words("%.1f GB/s", bytes / profile.stepMillis() / 1e6))
        .add("not attributed", words("%.2f %%", 100 * profile.unattributed()))
        .draw();
  }

  /** Parts side by side, as wide as their share. */
  private static DomContent bar(List<Row> rows) {
    List<Row> shown = rows.stream().filter(row -> row.share() > 0).toList();
    List<String> names = shown.stream().map(ProfilePage::first).distinct().toList();
    return div(each(shown, row -> part(row, names.indexOf(first(row))))).withClass("bar");
  }

  /** What has one color: a stage, forward and backward. */
  private static String first(Row row) {
    return row.name().split(" ")[0];
  }

  private static DomContent part(Row row, int color) {
    String words = words("%s: %.1f %%, %.2f ms", row.name(), 100 * row.share(), row.millis());
    return span(row.share() < NAMED ? "" : row.name())
        .withClass("part c" + color % 8)
        .attr("style", words("flex-grow: %.5f", row.share()))
        .attr("title", words)
        .attr("role", "img")
        .attr("aria-label", words);
  }

  private DomContent phases() {
    Table table = Table.of("phase", "what", "share", "ms");
    for (Row row : profile.phases()) {
      table.row(
          Cell.of(row.name()),
          Cell.of(Phase.valueOf(row.name().toUpperCase(Locale.ROOT)).words()),
          Cell.of("%.1f %%", 100 * row.share()),
          Cell.of("%.2f", row.millis()));
    }
    return table.draw();
  }

  private static DomContent table(String title, List<Row> rows) {
    Table table = Table.of(title, "share", "ms", "calls", "Gop", "MB", "Gop/s", "GB/s");
    for (Row row : rows) {
      table.row(
          Cell.of(row.name()),
          Cell.of("%.1f %%", 100 * row.share()),
          Cell.of("%.2f", row.millis()),
          Cell.of("%.0f", row.calls()),
          Cell.of("%.3f", row.operations() / 1e9),
          Cell.of("%.1f", row.bytes() / 1e6),
          Cell.of("%.1f", row.operationsPerSecond() / 1e9),
          Cell.of("%.1f", row.bytesPerSecond() / 1e9));
    }
    return table.draw();
  }

  private static String words(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
