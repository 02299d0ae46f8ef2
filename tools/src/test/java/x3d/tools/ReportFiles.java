package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What {@code evaluate} writes. */
final class ReportFiles {
  private ReportFiles() {}

  /** The same bytes, but for what was timed. */
  static void assertSame(Path expected, Path actual) throws IOException {
    assertEquals(
        Files.readString(expected.resolve("report.json")),
        Files.readString(actual.resolve("report.json")));
    assertEquals(untimed(expected), untimed(actual));
  }

  private static String untimed(Path report) throws IOException {
    String page = Files.readString(report.resolve("index.html"));
    int from = page.indexOf("<section id=\"throughput\">");
    return page.substring(0, from) + page.substring(page.indexOf("</section>", from));
  }
}
