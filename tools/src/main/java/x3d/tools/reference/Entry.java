package x3d.tools.reference;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * An option or a parameter of a command.
 *
 * @param names as they are typed, with what follows them
 * @param required whether a call without it is wrong
 */
record Entry(String names, String text, boolean required) {
  /** A command's parameters and then its options, but for those that every command has. */
  static List<Entry> of(CommandSpec command) {
    return Stream.concat(command.positionalParameters().stream(), command.options().stream())
        .filter(argument -> !argument.hidden() && !isCommon(argument))
        .map(Entry::of)
        .toList();
  }

  private static boolean isCommon(ArgSpec argument) {
    return argument instanceof OptionSpec option
        && Stream.of("--help", "--version", "--debug").anyMatch(List.of(option.names())::contains);
  }

  private static Entry of(ArgSpec argument) {
    String label = argument.paramLabel();
    String names = argument instanceof OptionSpec option
        ? Stream.of(option.names())
            .map(name -> option.arity().max() == 0 ? name : name + " " + label)
            .collect(Collectors.joining(", "))
        : label + (((PositionalParamSpec) argument).arity().max() > 1 ? "..." : "");
    return new Entry(names, paragraph(argument.description()), argument.required());
  }

  /** A command's description in one paragraph. */
  static String description(CommandSpec command) {
    return paragraph(command.usageMessage().description());
  }

  /** What is said of a command after its options. */
  static String footer(CommandSpec command) {
    return paragraph(command.usageMessage().footer());
  }

  private static String paragraph(String[] lines) {
    return Stream.of(lines)
        .map(line -> line.replace("%%", "%").replace("%n", " ").strip())
        .filter(line -> !line.isEmpty())
        .collect(Collectors.joining(" "));
  }
}
