package x3d.tools.reference;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** All commands as one Markdown text. */
final class MarkdownReference {
  private final StringBuilder text = new StringBuilder();

  private MarkdownReference() {}

  static String of(List<CommandLine> programs) {
    MarkdownReference reference = new MarkdownReference();
    reference.text.append("""
        # Commands

        Written by `x3d-tools reference` from the options themselves. Every command also has `--help`, `--version` and `--debug`,
        which prints the stack trace of a failure. Exit codes: 0 for success, 1 for a failure, 2 for a wrong call.
        """);
    for (CommandLine program : programs) {
      Programs.tree(program.getCommandSpec()).forEach(reference::command);
    }
    return reference.text.toString();
  }

  private void command(CommandSpec command) {
    text.append("\n## ").append(command.qualifiedName()).append("\n");
    text.append(Entry.description(command)).append("\n");
    List<Entry> entries = Entry.of(command);
    if (!entries.isEmpty()) {
      text.append("\n| | |\n|---|---|\n");
      for (Entry entry : entries) {
        text.append("| `")
            .append(cell(entry.names()))
            .append("` | ")
            .append(cell(entry.text()))
            .append(entry.required() ? " Required." : "")
            .append(" |\n");
      }
    }
    String footer = Entry.footer(command);
    if (!footer.isEmpty()) {
      text.append("\n").append(footer).append("\n");
    }
  }

  private static String cell(String words) {
    return words.replace("|", "\\|");
  }
}
