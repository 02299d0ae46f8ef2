package x3d.tools.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import x3d.tools.Json;

/** The names of the classes in the order of their labels. */
final class ClassNames {
  private static final int SHOWN = 10;

  private final List<String> names;
  private final Map<String, Integer> labels;

  private ClassNames(List<String> names) {
    this.names = names;
    labels = IntStream.range(0, names.size())
        .boxed()
        .collect(Collectors.toMap(names::get, label -> label));
  }

  /**
   * Labels in the order of the names' code points.
   *
   * @throws IllegalArgumentException if {@code classes.txt} could not hold a name
   */
  static ClassNames sorted(Collection<String> names) {
    List<String> sorted = names.stream().sorted(NameOrder.BY_CODE_POINT).toList();
    for (String name : sorted) {
      if (!name.equals(name.strip()) || name.isEmpty() || name.lines().count() != 1) {
        throw new IllegalArgumentException("class '" + name.replace("\n", "\\n")
            + "': classes.txt has a name a line, without spaces around it; rename the class");
      }
    }
    return new ClassNames(sorted);
  }

  /**
   * Reads {@code kinetics_classnames.json}, an object of labels by name, the names perhaps in quotes of their own as SlowFast
   * has them; or {@code classes.txt}, a name a line.
   *
   * @throws IllegalArgumentException naming the file if it is neither, a name occurs twice, or a label from 0 to the last is
   *     missing
   */
  static ClassNames read(Path file) throws IOException {
    String text;
    try {
      text = Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + ": is not UTF-8 text", e);
    }
    List<String> names = text.stripLeading().startsWith("{")
        ? ofJson(file)
        : text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new IllegalArgumentException(file + ": names class '" + name + "' twice");
      }
    }
    if (names.isEmpty()) {
      throw new IllegalArgumentException(file + ": names no classes");
    }
    return new ClassNames(names);
  }

  private static List<String> ofJson(Path file) throws IOException {
    JsonNode tree = Json.read(file);
    String[] names = new String[tree.size()];
    for (Map.Entry<String, JsonNode> one : tree.properties()) {
      String name = unquoted(one.getKey());
      JsonNode label = one.getValue();
      if (!label.isInt() || label.intValue() < 0 || label.intValue() >= names.length) {
        throw new IllegalArgumentException(file + ": the label of '" + name + "' is " + label
            + "; those of " + names.length + " classes are 0 to " + (names.length - 1));
      }
      if (names[label.intValue()] != null) {
        throw new IllegalArgumentException(file + ": '" + names[label.intValue()] + "' and '" + name
            + "' both have label " + label);
      }
      names[label.intValue()] = name;
    }
    return Arrays.asList(names);
  }

  private static String unquoted(String name) {
    boolean quoted = name.length() > 2 && name.startsWith("\"") && name.endsWith("\"");
    return (quoted ? name.substring(1, name.length() - 1) : name).strip();
  }

  /**
   * Refuses classes that are not among these.
   *
   * @param where they were found, for the message
   */
  void require(Collection<String> others, String where) {
    List<String> unknown =
        others.stream().filter(name -> !labels.containsKey(name)).sorted().toList();
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(where + ": " + unknown.size()
          + " classes have no label in --classnames: "
          + String.join(", ", unknown.subList(0, Math.min(SHOWN, unknown.size())))
          + (unknown.size() > SHOWN ? ", ..." : ""));
    }
  }

  List<String> names() {
    return names;
  }

  int label(String name) {
    return labels.get(name);
  }

  /** As {@code classes.txt}. */
  String text() {
    return names.stream().map(name -> name + "\n").collect(Collectors.joining());
  }
}
