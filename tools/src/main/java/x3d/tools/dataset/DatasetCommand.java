package x3d.tools.dataset;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code x3d-tools dataset}: from folders of videos to lists that can be trained on. */
@Command(
    name = "dataset",
    description = "Make lists of folders of videos, and find and leave out what is broken.",
    subcommands = {
      BuildCommand.class,
      CheckCommand.class,
      CleanCommand.class,
      StatsCommand.class,
      PrepareCommand.class
    })
public final class DatasetCommand implements Runnable {
  @Spec
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "which? " + String.join(", ", spec.commandLine().getSubcommands().keySet()));
  }
}
