package x3d.tools.remote;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** How outcomes stand in a file. Every line that ends is whole: only what follows the last may be torn. */
interface AnswerFormat {
  /** What every file begins with; the columns of a table, with their line's end, are all of its first line. */
  String beginning();

  /** What is written into an empty file before the first outcome. */
  String head();

  /** With its end. */
  String line(Outcome outcome);

  /** How many bytes belong to lines that end. */
  int whole(byte[] bytes);

  /**
   * The lines of a file, the head left out.
   *
   * @throws IllegalArgumentException saying what is wrong where, if they are of another kind
   */
  List<Line> read(String text);

  /**
   * A line that was read.
   *
   * @param error null if the video was answered
   * @param asked null if it was not
   */
  record Line(String video, String error, Asked asked) {}

  /** @throws IllegalArgumentException if the name has neither of the endings */
  static void requireKnown(Path file) {
    if (!isCsv(file) && !name(file).endsWith(".jsonl")) {
      throw new IllegalArgumentException(
          "--out is " + file + "; its name must end in .jsonl or .csv");
    }
  }

  static AnswerFormat of(Path file, int top) {
    return isCsv(file) ? new CsvLines(top) : new JsonLines();
  }

  private static boolean isCsv(Path file) {
    return name(file).endsWith(".csv");
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
  }
}
