package x3d.tools.dataset;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Which clips a data set should hold and of which class, from Kinetics' own csv files: a heading and {@code
 * label,youtube_id,time_start,time_end,split}, perhaps with more columns. The clip's file is called {@code
 * <youtube_id>_<time_start>_<time_end>}, the times in seconds with six digits.
 */
final class Annotations {
  private static final List<String> COLUMNS =
      List.of("label", "youtube_id", "time_start", "time_end", "split");

  /** @param label the clip's class; {@code where} the line is, for messages */
  private record Clip(String label, String where) {}

  private final Map<Split, Map<String, Clip>> clips = new EnumMap<>(Split.class);

  private Annotations() {
    for (Split split : Split.values()) {
      clips.put(split, new LinkedHashMap<>());
    }
  }

  /**
   * Reads files, the splits of which add up.
   *
   * @throws IllegalArgumentException naming file and line of the first line that is no annotation, or gives a clip another
   *     class than an earlier line
   */
  static Annotations read(List<Path> files) throws IOException {
    Annotations all = new Annotations();
    for (Path file : files) {
      all.add(file);
    }
    return all;
  }

  private void add(Path file) throws IOException {
    try (Reader text = Files.newBufferedReader(file);
        CSVParser lines = parse(file, text)) {
      for (String column : COLUMNS) {
        if (!lines.getHeaderMap().containsKey(column)) {
          throw new IllegalArgumentException(file + ": has no column '" + column
              + "'; Kinetics' annotations begin with " + String.join(",", COLUMNS));
        }
      }
      for (CSVRecord line : lines) {
        add(file + ":" + lines.getCurrentLineNumber(), line);
      }
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(file + ": no such file", e);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + ": is not UTF-8 text", e);
    } catch (UncheckedIOException | IOException e) {
      throw new IllegalArgumentException(file + ": is not a csv file: " + e.getMessage(), e);
    }
  }

  private static CSVParser parse(Path file, Reader text) throws IOException {
    CSVFormat format = CSVFormat.RFC4180
        .builder()
        .setHeader()
        .setSkipHeaderRecord(true)
        .setIgnoreHeaderCase(true)
        .setTrim(true)
        .get();
    try {
      return CSVParser.parse(text, format);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          file + ": its first line is no heading with a name for each"
              + " column; Kinetics' annotations begin with " + String.join(",", COLUMNS),
          e);
    }
  }

  private void add(String where, CSVRecord line) {
    if (!line.isConsistent()) {
      throw new IllegalArgumentException(
          where + ": " + line.size() + " values, and the heading has another number");
    }
    Optional<Split> split = Split.annotated(line.get("split"));
    if (split.isEmpty()) {
      return; // Kinetics-700 holds some clips back
    }
    String label = line.get("label");
    String id = line.get("youtube_id");
    if (label.isEmpty() || id.isEmpty()) {
      throw new IllegalArgumentException(where + ": label or youtube_id is empty");
    }
    String stem = String.format(
        Locale.ROOT,
        "%s_%06d_%06d",
        id,
        seconds(where, line, "time_start"),
        seconds(where, line, "time_end"));
    Clip before = clips.get(split.get()).putIfAbsent(stem, new Clip(label, where));
    if (before != null && !before.label().equals(label)) {
      throw new IllegalArgumentException(where + ": " + stem + " is of class '" + label + "', and "
          + before.where() + " has it as '" + before.label() + "'");
    }
  }

  private static int seconds(String where, CSVRecord line, String column) {
    try {
      int seconds = Integer.parseInt(line.get(column));
      if (seconds >= 0) {
        return seconds;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(where + ": " + column + " is '" + line.get(column)
        + "'; it must be whole seconds, 0 or more");
  }

  /** The class of a clip, by its file's name without the extension. */
  Optional<String> label(Split split, String stem) {
    return Optional.ofNullable(clips.get(split).get(stem)).map(Clip::label);
  }

  /** The names of a split's files without extensions, in the files' order. */
  Set<String> stems(Split split) {
    return clips.get(split).keySet();
  }

  /** All classes. */
  Set<String> labels() {
    Set<String> labels = new TreeSet<>(NameOrder.BY_CODE_POINT);
    clips.values().forEach(split -> split.values().forEach(clip -> labels.add(clip.label())));
    return labels;
  }
}
