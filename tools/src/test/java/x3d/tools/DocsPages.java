package x3d.tools;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** README.md and docs/*.md, as far as they can be checked: code, links and headings. */
final class DocsPages {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Pattern SPAN = Pattern.compile("`([^`]+)`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

  private DocsPages() {}

  /** Where a piece of code stands. */
  enum Form {
    /** A line of a block without a language: a shell's, with its continuations. */
    BLOCK,
    /** Between backticks. */
    SPAN,
    /** Between backticks of a heading, where brackets say what may be left out. */
    HEADING
  }

  /** A piece of code. */
  record Code(Path page, int line, Form form, String text) {
    @Override
    public String toString() {
      return ROOT.relativize(page) + ":" + line + ": " + text;
    }
  }

  /** A link as it is written. */
  record Link(Path page, int line, String target) {}

  static List<Path> all() {
    return Stream.concat(Stream.of(ROOT.resolve("README.md")), docs().stream()).toList();
  }

  static List<Path> docs() {
    try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
      return files.filter(file -> file.toString().endsWith(".md")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Code> code(Path page) {
    List<Code> found = new ArrayList<>();
    List<String> lines = lines(page);
    String language = null;
    for (int i = 0; i < lines.size(); i++) {
      int number = i + 1;
      String line = lines.get(i);
      if (line.startsWith("```")) {
        language = language == null ? line.substring(3) : null;
      } else if (language == null) {
        Form form = line.startsWith("#") ? Form.HEADING : Form.SPAN;
        SPAN.matcher(line)
            .results()
            .map(span -> span.group(1).replace("\\|", "|"))
            .forEach(text -> found.add(new Code(page, number, form, text)));
      } else if (language.isEmpty()) {
        StringBuilder whole = new StringBuilder(uncommented(line));
        while (whole.toString().endsWith("\\")) {
          i++;
          whole.setLength(whole.length() - 1);
          whole.append(uncommented(lines.get(i)).strip());
        }
        found.add(new Code(page, number, Form.BLOCK, whole.toString()));
      }
    }
    return found;
  }

  private static String uncommented(String line) {
    return line.replaceFirst("(^|\\s+)#\\s.*", "");
  }

  static List<Link> links(Path page) {
    List<Link> found = new ArrayList<>();
    List<String> lines = lines(page);
    for (int i = 0; i < lines.size(); i++) {
      int number = i + 1;
      LINK.matcher(lines.get(i))
          .results()
          .map(link -> link.group(1))
          .filter(target -> !target.matches("https?://.*"))
          .forEach(target -> found.add(new Link(page, number, target)));
    }
    return found;
  }

  /** The anchors that GitHub gives to headings. */
  static List<String> anchors(Path page) {
    return lines(page).stream()
        .filter(line -> line.matches("#+ .*"))
        .map(line -> line.replaceFirst("#+ ", "")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^\\p{L}\\p{N}\\s_-]", "")
            .replace(' ', '-'))
        .toList();
  }

  /** Options in code. */
  static List<String> options(Code code) {
    return Pattern.compile("(?<![\\w-])--[a-z][a-z0-9_-]*")
        .matcher(code.text())
        .results()
        .map(MatchResult::group)
        .toList();
  }

  /** What a page sets a shell variable to. */
  static String variable(Path page, String name) {
    return Pattern.compile("`" + name + "=\"([^\"]+)\"`")
        .matcher(lines(page).stream().collect(Collectors.joining("\n")))
        .results()
        .findFirst()
        .orElseThrow(() -> new AssertionError(page + " does not say what $" + name + " is"))
        .group(1);
  }

  private static List<String> lines(Path page) {
    try {
      return Files.readAllLines(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
