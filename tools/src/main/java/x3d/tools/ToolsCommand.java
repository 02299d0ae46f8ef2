package x3d.tools;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import x3d.cli.Program;
import x3d.tools.bench.BenchCommand;
import x3d.tools.dataset.DatasetCommand;
import x3d.tools.plan.PlanCommand;
import x3d.tools.reference.CompletionCommand;
import x3d.tools.reference.ReferenceCommand;

/** {@code x3d-tools}: the commands around training and serving. */
@Command(
    name = "x3d-tools",
    description = "Make, inspect, convert, compare, use and measure X3D models.",
    subcommands = {
      CompareCommand.class,
      BuildGraphCommand.class,
      CheckGraphCommand.class,
      InspectCommand.class,
      DevicesCommand.class,
      ImportWeightsCommand.class,
      ExportCommand.class,
      ClassifyCommand.class,
      EvaluateCommand.class,
      MergeCommand.class,
      MakeDemoDataCommand.class,
      DemoCommand.class,
      DatasetCommand.class,
      BenchCommand.class,
      PlanCommand.class,
      ReferenceCommand.class,
      CompletionCommand.class
    })
public final class ToolsCommand implements Runnable {
  @Spec
  private CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(Program.of(new ToolsCommand()).execute(arguments));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }
}
