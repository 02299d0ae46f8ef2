package x3d.tools.evaluate;

import static j2html.TagCreator.button;
import static j2html.TagCreator.canvas;
import static j2html.TagCreator.div;
import static j2html.TagCreator.label;
import static j2html.TagCreator.option;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.script;
import static j2html.TagCreator.select;
import static j2html.TagCreator.text;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import x3d.tools.Json;
import x3d.tools.evaluate.Outcome.Prediction;

/** What was taken for what, as a picture that readers may order, enlarge and ask. */
final class ConfusionMatrix {
  private ConfusionMatrix() {}

  static DomContent of(EvaluationReport report, List<String> names) {
    return div(
            div(
                    label(
                        text("order "),
                        select(
                                option("by cluster").withValue("cluster"),
                                option("by name").withValue("name"),
                                option("by accuracy").withValue("accuracy"),
                                option("by number").withValue("number"))
                            .withClass("order")),
                    button("+").withType("button").withClass("in").attr("aria-label", "zoom in"),
                    button("−").withType("button").withClass("out").attr("aria-label", "zoom out"),
                    button("all").withType("button").withClass("all"))
                .withClass("tools"),
            canvas()
                .attr("tabindex", "0")
                .attr("role", "application")
                .attr("aria-label", "Confusion matrix: arrows move, plus and minus zoom"),
            p("Point at a cell, or use the arrows.").withClass("said").attr("aria-live", "polite"),
            script(rawHtml(Json.line(data(report, names)).replace("<", "\\u003c")))
                .withType("application/json"))
        .withClass("confusion");
  }

  /** Of the classes that have videos or were answered. */
  private static Map<String, Object> data(EvaluationReport report, List<String> names) {
    TreeSet<Integer> labels = new TreeSet<>();
    for (Prediction p : report.predictions()) {
      labels.add(p.label());
      labels.add(p.answer().label());
    }
    List<Integer> shown = List.copyOf(labels);
    Map<Integer, Integer> place = new HashMap<>();
    IntStream.range(0, shown.size()).forEach(i -> place.put(shown.get(i), i));
    int[][] counts = new int[shown.size()][shown.size()];
    for (Prediction p : report.predictions()) {
      counts[place.get(p.label())][place.get(p.answer().label())]++;
    }
    List<int[]> cells = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      for (int j = 0; j < counts.length; j++) {
        if (counts[i][j] > 0) {
          cells.add(new int[] {i, j, counts[i][j]});
        }
      }
    }
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("names", shown.stream().map(names::get).toList());
    data.put("cluster", ClassOrder.of(counts));
    data.put("cells", cells);
    return data;
  }
}
