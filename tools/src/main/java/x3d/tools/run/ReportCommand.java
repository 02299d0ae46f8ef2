package x3d.tools.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.tools.Json;

/** Makes a page of runs. */
@Command(
    name = "report",
    description = {
      "Make a page of one or several trainings: their curves over each other, what their recipes differ in,",
      "and how they ended. Runs that still go on are shown as far as they are."
    },
    sortOptions = false)
public final class ReportCommand implements Callable<Integer> {
  /** Points of a curve over all runs: a page of 16 curves a run stays below 5 MB. */
  private static final int POINTS = 9_000;

  /** More points than that no screen shows. */
  private static final int MOST_POINTS = 2_000;

  @Parameters(
      paramLabel = "RUN",
      arity = "1..*",
      description = "OUT of an x3d-train; the first gives the title.")
  private List<Path> folders;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE.html",
      description = "The page to write.")
  private Path file;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    List<Path> distinct = List.copyOf(new LinkedHashSet<>(
        folders.stream().map(f -> f.toAbsolutePath().normalize()).toList()));
    List<String> names = Names.of(distinct);
    int points = Math.max(100, Math.min(MOST_POINTS, POINTS / distinct.size())) / 2 * 2;
    List<ReportedRun> runs = new ArrayList<>();
    for (int i = 0; i < distinct.size(); i++) {
      runs.add(ReportedRun.read(names.get(i), distinct.get(i), points));
    }
    Json.save(file, RunPage.of(runs));
    PrintWriter out = spec.commandLine().getOut();
    out.println(file);
    out.flush();
    return 0;
  }
}
