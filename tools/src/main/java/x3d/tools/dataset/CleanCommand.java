package x3d.tools.dataset;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import x3d.tools.Json;
import x3d.train.DataSet;

/** Writes lists without the videos that a check found corrupted. */
@Command(
    name = "clean",
    description = {
      "Write lists without the videos that 'dataset check' found corrupted, and say which and what classes they",
      "leave empty: clean.json. The videos themselves are left as they are."
    },
    sortOptions = false)
final class CleanCommand implements Callable<Integer> {
  private static final int SHOWN = 10;

  @Mixin
  private ListOptions lists;

  @Option(
      names = "--check",
      required = true,
      paramLabel = "TABLE",
      description = "The check.json of these lists, as they are now.")
  private Path table;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where to write the lists; classes.txt comes along.")
  private Path folder;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Checked checked = new Checked(table, CheckReport.read(table));
    List<Cleaned> results = new ArrayList<>();
    Set<Path> outputs = new HashSet<>();
    for (Path csv : lists.files()) {
      Path output = folder.resolve(csv.getFileName());
      if (!outputs.add(output)) {
        throw new IllegalArgumentException(
            "two lists are called " + csv.getFileName() + "; clean them into different folders");
      }
      if (Files.exists(output) && Files.isSameFile(csv, output)) {
        throw new IllegalArgumentException(
            csv + " is read, and would be written over; choose another --out DIR");
      }
      results.add(clean(csv, output, checked));
    }
    for (Cleaned result : results) {
      result.list().save(result.lines());
    }
    Optional<Path> names = classNames();
    if (names.isPresent()) {
      Json.save(folder.resolve("classes.txt"), Files.readAllBytes(names.get()));
    }
    CleanReport report = CleanReport.of(table, results, names);
    Json.save(folder.resolve("clean.json"), Json.pretty(report) + "\n");
    summarise(report);
    return 0;
  }

  /**
   * What becomes of a list.
   *
   * @param from the list that was read
   * @param list the list to write, and its {@code lines}
   * @param leftOut what is not on it any more
   */
  record Cleaned(DataSet from, VideoList list, List<String> lines, List<LeftOut> leftOut) {}

  /** A video that is left out. */
  record LeftOut(int label, CheckedVideo video) {}

  private Cleaned clean(Path csv, Path output, Checked checked) throws IOException {
    checked.requireList(csv);
    DataSet from = lists.read(csv);
    VideoList list = new VideoList(output, lists.separator(), false);
    List<String> lines = new ArrayList<>();
    List<LeftOut> leftOut = new ArrayList<>();
    for (int i = 0; i < from.size(); i++) {
      CheckedVideo video = checked.video(csv, from.video(i));
      if (video.sound()) {
        lines.add(line(from, i, list));
      } else {
        leftOut.add(new LeftOut(from.label(i), video));
      }
    }
    if (lines.isEmpty()) {
      throw new IllegalArgumentException(csv + ": all of its " + from.size()
          + " videos are corrupted, and a list cannot be empty");
    }
    return new Cleaned(from, list, lines, leftOut);
  }

  /** A path from the list's folder is another one from another list's folder; all others stay. */
  private String line(DataSet from, int index, VideoList list) {
    boolean stays = lists.prefixed() || Path.of(from.path(index)).isAbsolute();
    return stays
        ? DataSet.line(from.path(index), from.label(index), lists.separator())
        : list.line(from.video(index), from.label(index));
  }

  private Optional<Path> classNames() {
    Path file = lists.folder().resolve("classes.txt");
    return Files.exists(file) ? Optional.of(file) : Optional.empty();
  }

  private void summarise(CleanReport report) {
    PrintWriter out = spec.commandLine().getOut();
    for (CleanReport.Kept list : report.lists()) {
      out.println(list.file() + "  " + list.videos() + " videos, " + list.leftOut() + " left out");
    }
    List<CleanReport.Left> left = report.leftOut();
    left.stream()
        .limit(SHOWN)
        .forEach(one -> out.println("  " + one.video() + ": " + one.detail()));
    if (left.size() > SHOWN) {
      out.println("  and " + (left.size() - SHOWN) + " more");
    }
    report
        .emptied()
        .forEach(one -> out.println(one.file() + " has no video any more of class " + one.label()
            + (one.name() == null ? "" : " (" + one.name() + ")")));
    out.println(folder.resolve("clean.json") + "  names all of these");
    out.flush();
  }
}
