package x3d.tools.evaluate;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.tools.Shard;

/** Makes one report of the shards of an evaluation. */
@Command(
    name = "merge",
    description = {
      "Put the shards of an evaluation together: report.json and index.html,",
      "the same as of one 'x3d-tools evaluate' of the whole list, but for times."
    },
    sortOptions = false)
public final class MergeCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "SHARD",
      arity = "1..*",
      description =
          "The files of all shards, in any order, as 'x3d-tools evaluate --shard' writes them.")
  private List<Path> files;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where to write the report.")
  private Path folder;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    ShardMerge merge = new ShardMerge(Shard.ALL);
    for (Path file : files) {
      merge.add(file.toString(), EvaluationShard.read(file.toString(), Files.readAllBytes(file)));
    }
    PrintWriter out = spec.commandLine().getOut();
    return Results.finish(merge.merged(), folder, out);
  }
}
