package x3d.tools.evaluate;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import x3d.tools.Json;
import x3d.tools.evaluate.EvaluationReport.Point;

/** Writes what an evaluation came to, and sums it up. */
final class Results {
  private Results() {}

  /**
   * Writes a shard for {@code x3d-tools merge}.
   *
   * @return the exit code
   */
  static int keep(EvaluationShard result, Path folder, PrintWriter out) throws IOException {
    Path file = folder.resolve("shard-" + result.shard() + "-of-" + result.shards() + ".json");
    Json.save(file, result.json());
    EvaluationReport report = result.report();
    summarise(report, result.timing(), out);
    out.println("shard  " + file);
    out.flush();
    return report.videos() > 0 || result.outcomes().isEmpty() ? 0 : 1;
  }

  /**
   * Writes the report of a whole list and sums it up.
   *
   * @return the exit code
   */
  static int finish(EvaluationShard all, Path folder, PrintWriter out) throws IOException {
    EvaluationReport report = save(all, folder);
    summarise(report, all.timing(), out);
    out.println("report " + folder.resolve("report.json"));
    out.println("page   " + folder.resolve("index.html"));
    out.flush();
    return report.videos() > 0 ? 0 : 1;
  }

  static EvaluationReport save(EvaluationShard all, Path folder) throws IOException {
    EvaluationReport report = all.report();
    List<String> names = all.subject().classNames();
    Json.save(folder.resolve("report.json"), Json.pretty(report) + "\n");
    Json.save(folder.resolve("timing.json"), Json.pretty(fields(all.timing())) + "\n");
    Json.save(folder.resolve("index.html"), EvaluationPage.of(report, all.timing(), names));
    return report;
  }

  private static Map<String, Object> fields(Timing timing) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("written", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    fields.put("seconds", timing.seconds());
    fields.put("videos", timing.videos());
    fields.put("clips", timing.clips());
    fields.put("resumed", timing.resumed());
    fields.put("videosPerSecond", timing.videosPerSecond());
    fields.put("clipsPerSecond", timing.clipsPerSecond());
    fields.put("costs", timing.costs());
    return fields;
  }

  private static void summarise(EvaluationReport report, Timing timing, PrintWriter out) {
    out.println("top-1  " + accuracy(report.top1(), report.top1Interval()));
    out.println("top-5  " + accuracy(report.top5(), report.top5Interval()));
    out.println("videos " + report.videos());
    out.println("failed " + report.failed().size());
    report.failed().forEach(failed -> out.println("  " + failed.reason()));
    if (!report.failed().isEmpty()) {
      out.println("       " + Words.incomplete(report));
    }
    if (report.curve().size() > 1) {
      for (Point point : report.curve()) {
        out.printf(
            Locale.ROOT,
            "%2d views of %d crops: top-1 %.2f %%, top-5 %.2f %%%s%n",
            point.views(),
            point.crops(),
            point.top1(),
            point.top5(),
            Words.cost(timing, point)
                .map(ms -> String.format(Locale.ROOT, ", %.0f ms a video", ms))
                .orElse(""));
      }
    }
    if (timing.videos() > 0) {
      out.printf(
          Locale.ROOT,
          "speed  %.2f videos/s, %.1f clips/s%n",
          timing.videosPerSecond(),
          timing.clipsPerSecond());
    }
  }

  private static String accuracy(double percent, Interval interval) {
    return String.format(
        Locale.ROOT, "%.2f %% (95 %%: %.2f to %.2f)", percent, interval.low(), interval.high());
  }
}
