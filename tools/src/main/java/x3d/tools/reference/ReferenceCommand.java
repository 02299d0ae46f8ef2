package x3d.tools.reference;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import x3d.tools.Json;

/** Writes what all commands say of themselves. */
@Command(
    name = "reference",
    description = "Write the reference of all commands: commands.md, or a page for man each.",
    sortOptions = false)
public final class ReferenceCommand implements Callable<Integer> {
  /** What is written. */
  enum Format {
    MARKDOWN,
    MAN
  }

  @Option(
      names = "--format",
      defaultValue = "markdown",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Format format;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where to write; for man a folder such as ~/.local/share/man/man1.")
  private Path folder;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    List<CommandLine> programs = Programs.all(spec.root().commandLine());
    if (format == Format.MARKDOWN) {
      Json.save(folder.resolve("commands.md"), MarkdownReference.of(programs));
    } else {
      for (CommandLine program : programs) {
        for (CommandSpec command : Programs.tree(program.getCommandSpec()).toList()) {
          Json.save(folder.resolve(ManPage.name(command) + ".1"), ManPage.of(command));
        }
      }
    }
    return 0;
  }
}
