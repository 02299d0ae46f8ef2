package x3d.tools.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import x3d.cli.Program;
import x3d.serve.ServeCommand;
import x3d.train.TrainCommand;

/** The programs of x3d as picocli sees them. */
final class Programs {
  private Programs() {}

  /**
   * x3d-tools, x3d-train and x3d-serve.
   *
   * @param tools the command that this runs under
   */
  static List<CommandLine> all(CommandLine tools) {
    return List.of(tools, Program.of(new TrainCommand()), Program.of(new ServeCommand()));
  }

  /** A command and all below it, each before its own. */
  static Stream<CommandSpec> tree(CommandSpec top) {
    List<CommandSpec> all = new ArrayList<>(List.of(top));
    top.subcommands().values().stream()
        .distinct()
        .filter(line -> !line.getCommandSpec().usageMessage().hidden())
        .forEach(line -> tree(line.getCommandSpec()).forEach(all::add));
    return all.stream();
  }
}
