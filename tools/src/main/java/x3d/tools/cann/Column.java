package x3d.tools.cann;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A column of an operator summary under the names that versions give it: {@code msprof}'s {@code op_summary_*.csv} of CANN 5 to
 * 8, and {@code kernel_details.csv}, which PyTorch's and MindSpore's adapters make of it. Case, blanks and underscores do not
 * count, nor does the unit of times.
 */
enum Column {
  NAME("Op Name", "Name", "Kernel Name"),
  TYPE("OP Type", "Type"),
  CORE("Task Type", "Core Type", "Accelerator Core"),
  DURATION("Task Duration(us)", "Duration(us)"),
  INPUT_SHAPES("Input Shapes", "Input Shape"),
  INPUT_FORMATS("Input Formats", "Input Format"),
  OUTPUT_SHAPES("Output Shapes", "Output Shape"),
  OUTPUT_FORMATS("Output Formats", "Output Format");

  private final List<String> names;

  Column(String... names) {
    this.names = List.of(names);
  }

  /** What it is usually called. */
  String usual() {
    return names.get(0);
  }

  List<String> names() {
    return names;
  }

  /** Whether a summary without it is of no use. */
  boolean required() {
    return this != NAME && this != CORE;
  }

  OptionalInt in(List<String> header) {
    return names.stream()
        .map(Column::plain)
        .flatMapToInt(name ->
            IntStream.range(0, header.size()).filter(i -> plain(header.get(i)).equals(name)))
        .findFirst();
  }

  /** Seconds of one of its numbers. */
  static double unit(String title) {
    String name = title.toLowerCase(Locale.ROOT).strip();
    return name.endsWith("(ns)") ? 1e-9 : name.endsWith("(ms)") ? 1e-3 : 1e-6;
  }

  private static String plain(String title) {
    return title
        .toLowerCase(Locale.ROOT)
        .replaceAll("[\\s_\\uFEFF]", "")
        .replaceAll("\\((ns|us|ms)\\)$", "");
  }
}
