package x3d.tools.page;

import static j2html.TagCreator.button;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.TagCreator;
import j2html.tags.DomContent;
import j2html.tags.specialized.DivTag;
import j2html.tags.specialized.TdTag;
import j2html.tags.specialized.TrTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A table whose readers may sort it by any column. */
public final class Table {
  /** What stands in a cell. */
  public sealed interface Cell {
    /** Words. */
    static Cell of(String words) {
      return new Content(text(words), words);
    }

    /** A number, sorted by its value and shown as {@code format} has it ({@link String#format}). */
    static Cell of(String format, Number value) {
      return new Quantity(String.format(Locale.ROOT, format, value), value.doubleValue());
    }

    /** Whatever can be drawn, sorted by {@code key}. */
    static Cell of(DomContent content, String key) {
      return new Content(content, key);
    }

    /** Nothing known; sorted last. */
    static Cell unknown() {
      return new Quantity("–", Double.NaN);
    }

    /** A number as it is shown. */
    record Quantity(String shown, double value) implements Cell {}

    /** Anything else. */
    record Content(DomContent shown, String key) implements Cell {}
  }

  private final List<String> titles;
  private final List<TrTag> rows = new ArrayList<>();
  private final boolean[] numeric;

  private Table(String... titles) {
    this.titles = List.of(titles);
    this.numeric = new boolean[titles.length];
  }

  /** A table without rows. */
  public static Table of(String... titles) {
    return new Table(titles);
  }

  /** Adds a row. */
  public Table row(Cell... cells) {
    if (cells.length != titles.size()) {
      throw new IllegalArgumentException(cells.length + " cells under " + titles);
    }
    TrTag row = tr();
    for (int i = 0; i < cells.length; i++) {
      numeric[i] |= cells[i] instanceof Cell.Quantity;
      row.with(cell(cells[i]));
    }
    rows.add(row);
    return this;
  }

  private static TdTag cell(Cell cell) {
    if (cell instanceof Cell.Quantity number) {
      return td(number.shown()).withClass("n").attr("data-key", Double.toString(number.value()));
    }
    Cell.Content content = (Cell.Content) cell;
    TdTag td = td(content.shown());
    return content.key().equals(content.shown().render()) ? td : td.attr("data-key", content.key());
  }

  /** As an element. */
  public DivTag draw() {
    TrTag head = tr();
    for (int i = 0; i < titles.size(); i++) {
      head.with(th(button(titles.get(i)).withType("button"))
          .attr("scope", "col")
          .withClass(numeric[i] ? "n" : null));
    }
    return div(TagCreator.table(thead(head), TagCreator.tbody(each(rows, row -> row)))
            .withClass("sortable"))
        .withClass("scroll");
  }
}
