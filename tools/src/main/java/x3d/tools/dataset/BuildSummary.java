package x3d.tools.dataset;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** What {@code dataset build} says for people: all that it found, the first few of each kind by name. */
final class BuildSummary {
  private static final int SHOWN = 10;

  private final DatasetReport report;
  private final Path folder;

  /** @param folder the lists were written to */
  BuildSummary(DatasetReport report, Path folder) {
    this.report = report;
    this.folder = folder;
  }

  void print(PrintWriter out) {
    report
        .videos()
        .forEach((split, videos) ->
            out.println(folder.resolve(split + ".csv") + "  " + videos + " videos"
                + (split.equals("test") && report.testIsVal()
                    ? ", those of val.csv: there is no folder test"
                    : "")));
    out.println(folder.resolve("classes.txt") + "  " + report.classes().size() + " classes");
    print(
        out,
        "leaks (one content in train and held out)",
        report.duplicates().stream()
            .filter(Duplicates.Group::leak)
            .map(BuildSummary::words)
            .toList());
    print(
        out,
        "duplicates (one content)",
        report.duplicates().stream()
            .filter(group -> !group.leak())
            .map(BuildSummary::words)
            .toList());
    print(
        out,
        "missing (annotated, not there)",
        report.missing().stream().map(Selection.Missing::video).toList());
    print(out, "not annotated", words(report.notAnnotated()));
    print(out, "classes without a video", report.emptyClasses());
    print(out, "classes that train has no video of", report.notInTrain());
    print(out, "not on a list", words(report.notVideos()));
    separator(out);
    out.println(folder.resolve("dataset.json") + "  names all of these");
  }

  private void separator(PrintWriter out) {
    if (report.pathsWithSeparator() > 0) {
      out.println("paths that hold the separator '" + report.separator() + "': "
          + report.pathsWithSeparator() + "; x3d reads them, SlowFast does not: for both, another"
          + " --separator, and DATA.PATH_LABEL_SEPARATOR in the recipe");
    }
  }

  private static String words(Duplicates.Group group) {
    return group.videos().stream().map(Duplicates.Member::video).collect(Collectors.joining(" = "));
  }

  private static List<String> words(List<Stray> strays) {
    return strays.stream().map(stray -> stray.path() + ": " + stray.reason()).toList();
  }

  private static void print(PrintWriter out, String what, List<String> lines) {
    if (lines.isEmpty()) {
      return;
    }
    out.println(what + ": " + lines.size());
    lines.stream().limit(SHOWN).forEach(line -> out.println("  " + line));
    if (lines.size() > SHOWN) {
      out.println("  and " + (lines.size() - SHOWN) + " more");
    }
  }
}
