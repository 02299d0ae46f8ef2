package x3d.tools.dataset;

import static j2html.TagCreator.p;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import x3d.tools.page.Chart;
import x3d.tools.page.Chart.Style;
import x3d.tools.page.Figures;
import x3d.tools.page.Page;
import x3d.tools.page.Table;
import x3d.tools.page.Table.Cell;

/** {@link DatasetStats} as a page. It grows with the classes, not with the videos. */
final class StatsPage {
  /** Rows of tables of what may be many; all of it is in {@code stats.json}. */
  private static final int SHOWN = 200;

  private StatsPage() {}

  static String of(DatasetStats stats) {
    Page page = Page.titled("Videos")
        .add(p(stats.lists().entrySet().stream()
            .map(list -> list.getKey() + ": " + list.getValue())
            .collect(Collectors.joining(", "))))
        .add(figures(stats));
    page.section("Classes", balance(stats), classChart(stats), classes(stats));
    page.section(
        "Lengths and rates",
        histogram("Lengths", "seconds", stats.seconds()),
        histogram("Frame rates", "frames a second", stats.fps()),
        histogram("Bit rates", "kbit/s", stats.kilobitsPerSecond()));
    page.section(
        "Sizes",
        histogram("Shorter sides", "pixels", stats.shortSides()),
        counts("size", stats.resolutions()),
        counts("codec", stats.codecs()));
    videos(
        page,
        String.format(Locale.ROOT, "Shorter than a clip of %.2f s", stats.clipSeconds()),
        stats.shorterThanClip());
    videos(page, "Stored turned", stats.rotated());
    videos(page, "Higher than wide", stats.portrait());
    unusable(page, stats.unusable());
    return page.html();
  }

  private static DomContent figures(DatasetStats stats) {
    return new Figures()
        .add("videos", Integer.toString(stats.videos()))
        .add("unusable", Integer.toString(stats.unusable().size()))
        .add("hours", String.format(Locale.ROOT, "%.1f", stats.hours()))
        .add("classes", Integer.toString(stats.classes().size()))
        .add("shorter than a clip", Integer.toString(stats.shorterThanClip().size()))
        .add("higher than wide", Integer.toString(stats.portrait().size()))
        .add("stored turned", Integer.toString(stats.rotated().size()))
        .draw();
  }

  private static DomContent balance(DatasetStats stats) {
    Table table = Table.of(
        "list",
        "smallest class",
        "largest class",
        "ratio",
        "classes of fewer than " + stats.few() + " videos");
    for (DatasetStats.Balance one : stats.balance()) {
      table.row(
          Cell.of(one.list()),
          Cell.of("%d", one.smallest()),
          Cell.of("%d", one.largest()),
          Cell.of("%.1f", one.ratio()),
          Cell.of("%d", one.fewVideos().size()));
    }
    return table.draw();
  }

  /** Classes from the largest in the first list to the smallest, so that 400 of them are a curve. */
  private static DomContent classChart(DatasetStats stats) {
    List<DatasetStats.ClassSize> sorted = stats.classes().stream()
        .sorted(
            Comparator.comparingInt((DatasetStats.ClassSize one) -> one.lines().get(0))
                .reversed())
        .toList();
    Chart chart = Chart.of("Videos of each class, the largest first", "class", "videos")
        .names(sorted.stream().map(DatasetStats.ClassSize::name).toList());
    double[] places = IntStream.range(0, sorted.size()).asDoubleStream().toArray();
    List<String> lists = new ArrayList<>(stats.lists().keySet());
    for (int i = 0; i < lists.size(); i++) {
      int list = i;
      chart.series(
          lists.get(i),
          places,
          sorted.stream().mapToDouble(one -> one.lines().get(list)).toArray(),
          i == 0 ? Style.BARS : Style.LINE);
    }
    return chart.draw();
  }

  private static DomContent classes(DatasetStats stats) {
    List<String> titles = new ArrayList<>(List.of("label", "class"));
    titles.addAll(stats.lists().keySet());
    Table table = Table.of(titles.toArray(String[]::new));
    for (DatasetStats.ClassSize one : stats.classes()) {
      List<Cell> cells = new ArrayList<>();
      cells.add(Cell.of("%d", one.label()));
      cells.add(Cell.of(one.name()));
      one.lines().forEach(lines -> cells.add(Cell.of("%d", lines)));
      table.row(cells.toArray(Cell[]::new));
    }
    return table.draw();
  }

  private static DomContent histogram(String caption, String unit, Spread spread) {
    String words = String.format(
        Locale.ROOT,
        "%s: median %.4g, 90 %% from %.4g to %.4g, all from %.4g to %.4g",
        caption,
        spread.median(),
        spread.p5(),
        spread.p95(),
        spread.min(),
        spread.max());
    Histogram histogram = spread.histogram();
    double[] counts = IntStream.of(histogram.counts()).asDoubleStream().toArray();
    return Chart.of(words, unit, "videos")
        .series("videos", histogram.middles(), counts, Style.BARS)
        .draw();
  }

  private static DomContent counts(String what, Map<String, Long> counts) {
    Table table = Table.of(what, "videos");
    counts.entrySet().stream()
        .limit(SHOWN)
        .forEach(one -> table.row(Cell.of(one.getKey()), Cell.of("%d", one.getValue())));
    return table.draw();
  }

  private static void videos(Page page, String heading, List<String> videos) {
    if (videos.isEmpty()) {
      return;
    }
    Table table = Table.of("video");
    videos.stream().limit(SHOWN).forEach(video -> table.row(Cell.of(video)));
    page.section(heading, note(videos.size()), table.draw());
  }

  private static void unusable(Page page, List<DatasetStats.Unusable> videos) {
    if (videos.isEmpty()) {
      return;
    }
    Table table = Table.of("video", "reason");
    videos.stream()
        .limit(SHOWN)
        .forEach(one -> table.row(Cell.of(one.video()), Cell.of(one.reason())));
    page.section("Unusable", note(videos.size()), table.draw());
  }

  private static DomContent note(int videos) {
    return p(
        videos > SHOWN
            ? "The first " + SHOWN + " of " + videos + "; stats.json has all."
            : "Videos: " + videos + ".");
  }
}
