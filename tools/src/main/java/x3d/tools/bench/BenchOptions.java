package x3d.tools.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Option;
import x3d.tools.Json;

/** The options of every bench: on how many threads, and where the result goes. */
final class BenchOptions {
  @Option(names = "--threads", paramLabel = "N", description = "Threads. Default: all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the JSON object to a file as well.")
  private Path file;

  /** @throws IllegalArgumentException if there is none */
  int threads() {
    if (threads < 1) {
      throw new IllegalArgumentException("--threads is " + threads + "; it must be 1 or more");
    }
    return threads;
  }

  void publish(Report report, PrintWriter out) throws IOException {
    publish(report.fields(), report::print, out);
  }

  /**
   * @param fields of the JSON object
   * @param table prints the same for people
   */
  void publish(Map<String, Object> fields, Consumer<PrintWriter> table, PrintWriter out)
      throws IOException {
    if (file != null) {
      Json.save(file, Json.pretty(fields));
    }
    if (json) {
      out.println(Json.line(fields));
    } else {
      table.accept(out);
    }
    out.flush();
  }
}
