package x3d.tools.cann;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.tools.Json;

/** What CANN's profiler measured. */
@Command(
    name = "cann-profile",
    description = {
      "Rank the operators of CANN's operator summary (msprof: PROF_*/mindstudio_profiler_output/op_summary_*.csv), and list the",
      "input shapes of TransposeD, and of TransData from NCHW to NC1HWC0 and back, that take longer than a threshold: by the",
      "white list of CANN's that each belongs into."
    },
    sortOptions = false)
public final class CannProfileCommand implements Callable<Integer> {
  private static final String COLUMNS = "%-40s %-24s %9s %12s %8s %11s %11s";

  @Parameters(
      paramLabel = "FILE|DIR",
      description = "A summary, or a folder with op_summary_*.csv in it.")
  private Path place;

  @Option(
      names = "--threshold",
      paramLabel = "SECONDS",
      description =
          "Time of all runs of a shape from which it is listed. Default: ${DEFAULT-VALUE}.")
  private double threshold = 10;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Rows of each ranking. Default: ${DEFAULT-VALUE}.")
  private int top = 20;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (!(threshold >= 0 && threshold < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "--threshold is " + threshold + "; it must be 0 seconds or more");
    }
    if (top < 1) {
      throw new IllegalArgumentException("--top is " + top + "; it must be 1 or more");
    }
    OpSummary summary = OpSummary.read(place);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.line(fields(summary)));
    } else {
      print(summary, out);
    }
    out.flush();
    return 0;
  }

  private Map<String, Object> fields(OpSummary summary) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("files", summary.files().stream().map(Path::toString).toList());
    fields.put("tasks", summary.tasks().size());
    fields.put("withoutDuration", summary.withoutDuration());
    fields.put("seconds", seconds(summary));
    fields.put("threshold", threshold);
    fields.put(
        "types",
        Ranked.by(Task::type, summary.tasks()).stream().map(Ranked::fields).toList());
    fields.put(
        "operators",
        Ranked.by(Task::name, summary.tasks()).stream().map(Ranked::fields).toList());
    List<Map<String, Object>> lists = new ArrayList<>();
    for (WhiteList list : WhiteList.values()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("file", list.file());
      one.put("place", list.place());
      one.put(
          "entries",
          list.entries(summary.tasks(), threshold).stream()
              .map(WhiteList.Entry::fields)
              .toList());
      lists.add(one);
    }
    fields.put("whiteLists", lists);
    return fields;
  }

  private static double seconds(OpSummary summary) {
    return summary.tasks().stream().mapToDouble(Task::seconds).sum();
  }

  private void print(OpSummary summary, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%d runs of operators, %.3f s on the device, of %d files%n",
        summary.tasks().size(),
        seconds(summary),
        summary.files().size());
    if (summary.withoutDuration() > 0) {
      out.println(summary.withoutDuration() + " lines without a duration are left out");
    }
    rank(out, "type", Ranked.by(Task::type, summary.tasks()));
    rank(out, "operator", Ranked.by(Task::name, summary.tasks()));
    for (WhiteList list : WhiteList.values()) {
      print(out, list, list.entries(summary.tasks(), threshold));
    }
  }

  private void rank(PrintWriter out, String title, List<Ranked> ranked) {
    out.println();
    line(out, title, "core", "runs", "total ms", "share", "mean us", "longest us");
    ranked.stream()
        .limit(top)
        .forEach(r -> line(
            out,
            r.name().isEmpty() ? "(no name)" : r.name(),
            r.cores(),
            "" + r.count(),
            number("%.3f", 1e3 * r.seconds()),
            number("%.1f %%", 100 * r.share()),
            number("%.2f", r.meanMicros()),
            number("%.2f", 1e6 * r.longestSeconds())));
    if (ranked.size() > top) {
      out.println("(" + (ranked.size() - top) + " more)");
    }
  }

  private static void line(PrintWriter out, String... cells) {
    out.println(String.format(COLUMNS, (Object[]) cells).stripTrailing());
  }

  private void print(PrintWriter out, WhiteList list, List<WhiteList.Entry> entries) {
    out.println();
    out.println(list.file() + ", " + list.place() + ":");
    if (entries.isEmpty()) {
      out.println("  no shape above " + number("%s", threshold) + " s");
      return;
    }
    entries.forEach(e -> out.printf(
        Locale.ROOT,
        "  # %s -> %s: %d runs, %.3f s%n",
        e.input(),
        e.output(),
        e.count(),
        e.seconds()));
    out.println("  " + joined(entries.stream().map(WhiteList.Entry::input).toList()));
    if (list.comparesOutput()) {
      out.println("  # where this list is compared with the shape that results:");
      out.println("  " + joined(entries.stream().map(WhiteList.Entry::output).toList()));
    }
  }

  private static String joined(List<List<Long>> shapes) {
    return shapes.stream().distinct().map(List::toString).collect(Collectors.joining(", "));
  }

  private static String number(String format, Object value) {
    return String.format(Locale.ROOT, format, value);
  }
}
