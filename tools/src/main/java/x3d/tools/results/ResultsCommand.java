package x3d.tools.results;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.tools.Json;

/** Puts runs side by side. */
@Command(
    name = "results",
    description = {
      "A table of runs: device, FPS, top-1 of 10 and of 30 views, batch, epochs, precision.",
      "Top-1 is that of RUN/evaluation/report.json, which 'x3d-tools evaluate --model"
          + " RUN/model.onnx --data CSV --out RUN/evaluation' writes. A run without one has none."
    },
    sortOptions = false)
public final class ResultsCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", arity = "1..*", description = "Folders of x3d-train.")
  private List<Path> runs;

  @Option(
      names = "--report",
      paramLabel = "RUN=FILE",
      description = "The report of an evaluation of that run's model, lying elsewhere.")
  private Map<Path, Path> reports = new LinkedHashMap<>();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Also write results.md, results.csv and index.html there.")
  private Path folder;

  @Option(names = "--csv", description = "Print CSV instead of Markdown.")
  private boolean csv;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    for (Path run : reports.keySet()) {
      if (!runs.contains(run)) {
        throw new ParameterException(
            spec.commandLine(), "--report " + run + "=...: " + run + " is not among the runs");
      }
    }
    List<RunResult> results = new ArrayList<>();
    for (Path run : runs) {
      results.add(RunResult.of(run, reports.get(run)));
    }
    ResultsTable table = new ResultsTable(results);
    if (folder != null) {
      Json.save(folder.resolve("results.md"), table.markdown());
      Json.save(folder.resolve("results.csv"), table.csv());
      Json.save(folder.resolve("index.html"), table.page());
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(csv ? table.csv() : table.markdown());
    out.flush();
    return 0;
  }
}
