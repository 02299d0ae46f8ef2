package x3d.tools.reference;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import x3d.cli.Program;

/** One command as a page for man(1), in the macros of man(7). */
final class ManPage {
  private final CommandSpec command;
  private final StringBuilder page = new StringBuilder();

  private ManPage(CommandSpec command) {
    this.command = command;
  }

  /** The page's name without its section: the command's words joined by hyphens. */
  static String name(CommandSpec command) {
    return command.qualifiedName("-");
  }

  static String of(CommandSpec command) {
    return new ManPage(command).write();
  }

  private String write() {
    String description = Entry.description(command);
    page.append(".TH ")
        .append(quoted(name(command).toUpperCase(Locale.ROOT)))
        .append(" 1 \"\" ")
        .append(quoted("x3d " + Program.version()))
        .append("\n");
    section("NAME");
    line(name(command) + " \\- " + text(firstSentence(description)));
    section("SYNOPSIS");
    line(text(command.commandLine().getHelp().synopsis(0).strip().replaceAll("\\s+", " ")));
    section("DESCRIPTION");
    line(text(description));
    List<Entry> entries = Entry.of(command);
    if (!entries.isEmpty()) {
      section("OPTIONS");
      entries.forEach(this::entry);
    }
    String footer = Entry.footer(command);
    if (!footer.isEmpty()) {
      section("NOTES");
      line(text(footer));
    }
    section("EXIT STATUS");
    line("0 for success, 1 for a failure, 2 for a wrong call.");
    String below = command.subcommands().values().stream()
        .distinct()
        .map(line -> "\\fB" + text(name(line.getCommandSpec())) + "\\fR(1)")
        .collect(Collectors.joining(", "));
    if (!below.isEmpty()) {
      section("SEE ALSO");
      line(below);
    }
    return page.toString();
  }

  private void section(String heading) {
    page.append(".SH ").append(heading).append("\n");
  }

  private void entry(Entry entry) {
    page.append(".TP\n\\fB").append(text(entry.names())).append("\\fR\n");
    line(text(entry.text() + (entry.required() ? " Required." : "")));
  }

  /** A line that begins with a dot or a quote would be a macro. */
  private void line(String words) {
    page.append(words.matches("(?s)[.'].*") ? "\\&" + words : words).append("\n");
  }

  private static String firstSentence(String description) {
    int end = description.indexOf(". ");
    String first = end < 0 ? description : description.substring(0, end);
    return first.endsWith(".") ? first.substring(0, first.length() - 1) : first;
  }

  private static String text(String raw) {
    return raw.replace("\\", "\\e").replace("-", "\\-");
  }

  private static String quoted(String raw) {
    return "\"" + text(raw).replace("\"", "\\(dq") + "\"";
  }
}
