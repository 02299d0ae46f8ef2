package x3d.tools.reference;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints how a shell completes what is typed. */
@Command(
    name = "completion",
    description =
        "Print a script by which bash and zsh complete x3d-tools, x3d-train and x3d-serve.",
    footer = {"", "source <(x3d-tools completion)"})
public final class CompletionCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    for (CommandLine program : Programs.all(spec.root().commandLine())) {
      out.println(AutoComplete.bash(program.getCommandName(), program));
    }
    out.flush();
    return 0;
  }
}
