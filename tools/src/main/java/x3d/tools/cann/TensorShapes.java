package x3d.tools.cann;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Shapes as an operator summary has them: {@code "64,24,13,80;3"}, tensors parted by semicolons, axes by commas; a scalar is
 * empty. Quotes around them are part of the cell in some versions, brackets in others; {@code N/A} is none.
 */
final class TensorShapes {
  private TensorShapes() {}

  /**
   * @return a list a tensor; empty where none were noted
   * @throws IllegalArgumentException if the text is something else
   */
  static List<List<Long>> parse(String cell) {
    String text = cell.replaceAll("[\"\\s]", "");
    if (text.isEmpty() || text.equalsIgnoreCase("N/A")) {
      return List.of();
    }
    return Arrays.stream(text.split(";", -1)).map(one -> shape(one, cell)).toList();
  }

  private static List<Long> shape(String text, String cell) {
    String axes =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    if (axes.isEmpty()) {
      return List.of();
    }
    List<Long> shape = new ArrayList<>();
    for (String axis : axes.split(",", -1)) {
      if (!axis.matches("-?\\d{1,18}")) {
        throw new IllegalArgumentException(
            "'" + cell + "' is no list of shapes such as \"64,24,80,80;3\"");
      }
      shape.add(Long.parseLong(axis));
    }
    return List.copyOf(shape);
  }

  /** Words parted by semicolons, such as formats. */
  static List<String> words(String cell) {
    String text = cell.replaceAll("[\"\\s]", "");
    return text.isEmpty() || text.equalsIgnoreCase("N/A")
        ? List.of()
        : List.of(text.split(";", -1));
  }
}
