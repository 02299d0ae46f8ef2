package x3d.tools;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * A command of ours that the docs show.
 *
 * @param launcher what starts it, such as mpirun and its options; empty as a rule
 * @param program x3d-tools, x3d-train, x3d-serve or curl
 * @param words after the program's name
 */
record ShownCommand(
    DocsPages.Code code, List<String> launcher, String program, List<String> words) {
  private static final Pattern PROGRAM = Pattern.compile(
      "(?<launcher>.*?)(?:^|\\s)(?:\\.\\./)?(?:bin/)?(?<program>x3d-(?:tools|train|serve)|curl)"
          + "(?<words>\\s.*|$)");

  /** Options of those who start processes of ours, which their own manuals know. */
  private static final Map<String, Set<String>> LAUNCHERS = Map.of(
      "mpirun", Set.of("-n", "--hostfile", "--map-by", "--bind-to", "-x"),
      "mpiexec", Set.of("-n", "-f", "-ppn"),
      "srun", Set.of("--mpi=pmix", "--kill-on-bad-exit=1"),
      "msprof", Set.of("--output=prof"));

  /**
   * Empty if the code is none: a name, an option, a message, another's command. A span is one if it begins with a
   * program's name, or with that of a command of {@code tools} and goes on.
   */
  static Optional<ShownCommand> of(DocsPages.Code code, CommandLine tools) {
    String text = code.text().replaceFirst("^source <\\((.*)\\)$", "$1");
    if (code.form() != DocsPages.Form.BLOCK && inTools(text, tools)) {
      text = "x3d-tools " + text;
    }
    Matcher match = PROGRAM.matcher(text);
    if (!match.matches()) {
      return Optional.empty();
    }
    List<String> launcher = split(match.group("launcher"));
    List<String> words = split(match.group("words"));
    boolean message = !words.isEmpty() && words.get(0).endsWith(":");
    boolean onlyNamed = words.isEmpty() && !text.startsWith("bin/") || isGroup(words, tools);
    if (!launcher.isEmpty() && !LAUNCHERS.containsKey(launcher.get(0)) || message || onlyNamed) {
      return Optional.empty();
    }
    return Optional.of(new ShownCommand(code, launcher, match.group("program"), words));
  }

  /** Of a heading, where {@code a|b} among the names of commands stands for two. */
  static List<ShownCommand> ofHeading(DocsPages.Code code, CommandLine tools) {
    Matcher either = Pattern.compile("(.* )([a-z]+(?:\\|[a-z]+)+)( --.*)").matcher(code.text());
    Stream<String> texts = either.matches()
        ? Stream.of(either.group(2).split("\\|"))
            .map(name -> either.group(1) + name + either.group(3))
        : Stream.of(code.text());
    return texts
        .flatMap(text ->
            of(new DocsPages.Code(code.page(), code.line(), code.form(), text), tools).stream())
        .toList();
  }

  /** Whether the words name only what other commands are under. */
  private static boolean isGroup(List<String> words, CommandLine tools) {
    return words.size() == 1
        && tools.getSubcommands().containsKey(words.get(0))
        && !tools.getSubcommands().get(words.get(0)).getSubcommands().isEmpty();
  }

  private static boolean inTools(String text, CommandLine tools) {
    List<String> words = split(text);
    return words.size() > 1 && tools.getSubcommands().containsKey(words.get(0));
  }

  /** As a shell would, of quotes and spaces. */
  private static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    Pattern.compile("(?:'[^']*'|\"[^\"]*\"|[^\\s'\"])+")
        .matcher(text)
        .results()
        .forEach(word -> words.add(word.group().replaceAll("['\"]", "")));
    return words;
  }

  /** Options of the launcher that it is not known to have. */
  List<String> unknownToLauncher() {
    return launcher.stream()
        .filter(word -> word.startsWith("-"))
        .filter(word -> !LAUNCHERS.get(launcher.get(0)).contains(word))
        .toList();
  }

  boolean has(String word) {
    return words.contains(word);
  }

  boolean begins(String... first) {
    return words.size() >= first.length
        && words.subList(0, first.length).equals(Arrays.asList(first));
  }

  @Override
  public String toString() {
    return program + " " + String.join(" ", words);
  }
}
