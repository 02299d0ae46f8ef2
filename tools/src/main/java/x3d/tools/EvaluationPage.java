package x3d.tools;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import x3d.tools.EvaluationReport.Confusion;
import x3d.tools.EvaluationReport.Failed;
import x3d.tools.EvaluationReport.PerClass;
import x3d.tools.EvaluationReport.Prediction;

/** An evaluation as one HTML page that needs nothing beside it. */
final class EvaluationPage {
  private static final String STYLE = """
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
      h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
      .figures { display: flex; gap: 2rem; flex-wrap: wrap; }
      .figures div { font-size: 2rem; } .figures span { display: block; font-size: .85rem; color: #666; }
      table { border-collapse: collapse; width: 100%; }
      th, td { text-align: left; padding: .2rem .6rem; border-bottom: 1px solid #ddd; overflow-wrap: anywhere; }
      td.n, th.n { text-align: right; white-space: nowrap; }
      .bar { background: #4a7; height: .7rem; } .rail { background: #eee; width: 10rem; }
      @media (prefers-color-scheme: dark) {
        body { background: #181818; color: #ddd; } th, td { border-color: #444; } .rail { background: #333; }
      }
      """;

  private final EvaluationReport report;
  private final List<String> names;
  private final StringBuilder html = new StringBuilder();

  private EvaluationPage(EvaluationReport report, List<String> classNames) {
    this.report = report;
    this.names = classNames;
  }

  static String of(EvaluationReport report, List<String> classNames) {
    return new EvaluationPage(report, classNames).write();
  }

  private String write() {
    html.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width\">")
        .append("<title>Evaluation</title>\n<style>\n")
        .append(STYLE)
        .append("</style></head><body>\n");
    html.append("<h1>")
        .append(text(report.model()))
        .append("</h1>\n<p>")
        .append(text(report.data()));
    html.append(", ")
        .append(report.views())
        .append(" views of ")
        .append(report.crops())
        .append(" crop(s) a video</p>\n");
    figures();
    failures();
    classes();
    confusions();
    mistakes();
    return html.append("</body></html>\n").toString();
  }

  private void figures() {
    html.append("<div class=\"figures\">");
    figure(percent(report.top1()), "top-1");
    figure(percent(report.top5()), "top-5");
    figure(Integer.toString(report.videos()), "videos");
    figure(Integer.toString(report.failed().size()), "failed");
    html.append("</div>\n");
  }

  private void figure(String value, String name) {
    html.append("<div>").append(value).append("<span>").append(name).append("</span></div>");
  }

  private void failures() {
    if (report.failed().isEmpty()) {
      return;
    }
    heading("Videos that could not be read; no figure counts them");
    head("video", "reason");
    for (Failed failed : report.failed()) {
      row(text(failed.video()), text(failed.reason()));
    }
    html.append("</table>\n");
  }

  private void classes() {
    heading("Classes, worst first");
    head("class", "videos", "top-1", "", "top-5");
    report.perClass().stream()
        .sorted(Comparator.comparingDouble(PerClass::top1).thenComparing(PerClass::label))
        .forEach(c -> row(
            text(c.name()),
            Integer.toString(c.videos()),
            percent(c.top1()),
            "<div class=\"rail\"><div class=\"bar\" style=\"width:"
                + percent(c.top1()).replace(" ", "") + "\"></div></div>",
            percent(c.top5())));
    html.append("</table>\n");
  }

  private void confusions() {
    List<Map.Entry<Confusion, Integer>> confusions = report.confusions();
    if (confusions.isEmpty()) {
      return;
    }
    heading("Most frequent mistakes");
    head("class", "taken for", "videos");
    confusions.stream()
        .limit(20)
        .forEach(entry -> row(
            text(names.get(entry.getKey().label())),
            text(names.get(entry.getKey().answer())),
            Integer.toString(entry.getValue())));
    html.append("</table>\n");
  }

  private void mistakes() {
    List<Prediction> wrong =
        report.predictions().stream().filter(p -> p.rank() > 1).toList();
    if (wrong.isEmpty()) {
      return;
    }
    heading("Wrong answers" + (wrong.size() > 500 ? ", the first 500 of " + wrong.size() : ""));
    head("video", "class", "its rank", "answer", "probability");
    for (Prediction p : wrong.subList(0, Math.min(500, wrong.size()))) {
      row(
          text(p.video()),
          text(names.get(p.label())),
          Integer.toString(p.rank()),
          text(p.top().get(0).name()),
          percent(100 * p.top().get(0).probability()));
    }
    html.append("</table>\n");
  }

  private void heading(String words) {
    html.append("<h2>").append(words).append("</h2>\n");
  }

  private void head(String... titles) {
    html.append("<table><tr>");
    for (String title : titles) {
      html.append("<th>").append(title).append("</th>");
    }
    html.append("</tr>\n");
  }

  private void row(String... cells) {
    html.append("<tr>");
    for (String cell : cells) {
      html.append("<td>").append(cell).append("</td>");
    }
    html.append("</tr>\n");
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.1f %%", value);
  }

  private static String text(String raw) {
    return raw.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
