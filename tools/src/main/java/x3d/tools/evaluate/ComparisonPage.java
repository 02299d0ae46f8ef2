package x3d.tools.evaluate;

import static j2html.TagCreator.div;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.text;

import j2html.tags.DomContent;
import java.util.List;
import java.util.Locale;
import x3d.tools.evaluate.Comparison.Change;
import x3d.tools.evaluate.Comparison.ClassChange;
import x3d.tools.page.Figures;
import x3d.tools.page.Page;
import x3d.tools.page.Table;
import x3d.tools.page.Table.Cell;

/** A comparison as one HTML page that needs nothing beside it. */
final class ComparisonPage {
  private static final int LISTED = 200;

  private ComparisonPage() {}

  static String of(Comparison comparison) {
    return Page.titled("Two reports compared")
        .withStyle(ComparisonPage.class, "evaluate.css")
        .add(
            p("first: " + comparison.first() + " (" + comparison.firstModel() + ")")
                .withClass("quiet"),
            p("second: " + comparison.second() + " (" + comparison.secondModel() + ")")
                .withClass("quiet"),
            figures(comparison),
            p(Words.verdict(comparison)))
        .section("Classes", classes(comparison))
        .section("Videos that got worse", videos(comparison.worse()))
        .section("Videos that got better", videos(comparison.better()))
        .html();
  }

  private static DomContent figures(Comparison c) {
    return new Figures()
        .add("top-1 of the first", Words.percent(c.firstTop1()))
        .add("top-1 of the second", Words.percent(c.secondTop1()))
        .add("points", String.format(Locale.ROOT, "%+.1f", c.secondTop1() - c.firstTop1()))
        .add("better", Integer.toString(c.mcNemar().better()))
        .add("worse", Integer.toString(c.mcNemar().worse()))
        .add("both right", Integer.toString(c.bothRight()))
        .add("both wrong", Integer.toString(c.bothWrong()))
        .add("McNemar's p", Words.chance(c.mcNemar().p()))
        .draw();
  }

  private static DomContent classes(Comparison comparison) {
    Table table =
        Table.of("class", "videos", "first, top-1", "second", "points", "better", "worse");
    for (ClassChange c : comparison.perClass()) {
      table.row(
          Cell.of(c.name()),
          Cell.of("%d", c.videos()),
          Cell.of("%.1f %%", c.firstTop1()),
          Cell.of("%.1f %%", c.secondTop1()),
          Cell.of("%+.1f", c.change()),
          Cell.of("%d", c.better()),
          Cell.of("%d", c.worse()));
    }
    return div(table.draw()).withClass("tall");
  }

  private static DomContent videos(List<Change> changes) {
    if (changes.isEmpty()) {
      return p("None.");
    }
    Table table = Table.of("video", "class", "first", "second");
    changes.stream()
        .limit(LISTED)
        .forEach(c -> table.row(
            Cell.of(c.video()),
            Cell.of(c.name()),
            answer(c.firstAnswer(), c.name()),
            answer(c.secondAnswer(), c.name())));
    DomContent rest = changes.size() <= LISTED
        ? text("")
        : p("The first " + LISTED + " of " + changes.size() + "; comparison.json has all.")
            .withClass("quiet");
    return div(rest, table.draw());
  }

  private static Cell answer(String answer, String own) {
    return Cell.of(span(answer).withClass(answer.equals(own) ? "good" : "bad"), answer);
  }
}
