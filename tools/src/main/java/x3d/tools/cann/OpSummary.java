package x3d.tools.cann;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The operator summary of CANN's profiler: a line a run of an operator.
 *
 * @param files that it was read from
 * @param withoutDuration lines that say no time, and so are none of the tasks
 */
record OpSummary(List<Path> files, List<Task> tasks, int withoutDuration) {
  /** How deep in a folder of profiles summaries lie: PROF_.../mindstudio_profiler_output, or PROF_.../device_0/summary. */
  private static final int DEPTH = 5;

  /**
   * @param place a file, or a folder in which all files {@code op_summary*.csv} are meant
   * @throws IllegalArgumentException naming the file, if one is no operator summary
   */
  static OpSummary read(Path place) throws IOException {
    List<Path> files = Files.isDirectory(place) ? within(place) : List.of(place);
    List<Task> tasks = new ArrayList<>();
    int without = 0;
    for (Path file : files) {
      without += new FileReading(file).into(tasks);
    }
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException(place + ": no operator in it");
    }
    return new OpSummary(files, List.copyOf(tasks), without);
  }

  private static List<Path> within(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder, DEPTH)) {
      List<Path> found = all.filter(
              file -> file.getFileName().toString().matches("op_summary.*\\.csv"))
          .sorted()
          .toList();
      if (found.isEmpty()) {
        throw new IllegalArgumentException(folder + ": no op_summary_*.csv in it; msprof writes it"
            + " to PROF_*/mindstudio_profiler_output");
      }
      return found;
    }
  }

  /** One file being read. */
  private static final class FileReading {
    private final Path file;
    private final Map<Column, Integer> places = new EnumMap<>(Column.class);
    private double unit;

    FileReading(Path file) {
      this.file = file;
    }

    /** Adds its tasks; how many lines say no time. */
    int into(List<Task> tasks) throws IOException {
      CSVFormat format = CSVFormat.RFC4180.builder().setIgnoreEmptyLines(true).get();
      try (Reader text = Files.newBufferedReader(file, StandardCharsets.UTF_8);
          CSVParser csv = CSVParser.parse(text, format)) {
        Iterator<CSVRecord> records = csv.iterator();
        if (!records.hasNext()) {
          throw wrong("empty");
        }
        header(Arrays.asList(records.next().values()));
        int without = 0;
        while (records.hasNext()) {
          CSVRecord line = records.next();
          try {
            String time = cell(line, Column.DURATION);
            if (time.isEmpty() || time.equalsIgnoreCase("N/A")) {
              without++;
            } else {
              tasks.add(task(line, time));
            }
          } catch (IllegalArgumentException e) {
            throw wrong("line " + csv.getCurrentLineNumber() + ": " + e.getMessage());
          }
        }
        return without;
      } catch (NoSuchFileException e) {
        throw new IllegalArgumentException("no such file: " + file, e);
      } catch (UncheckedIOException | IOException e) {
        throw wrong("not csv in UTF-8: " + e.getMessage());
      }
    }

    private void header(List<String> titles) {
      for (Column column : Column.values()) {
        OptionalInt place = column.in(titles);
        if (place.isPresent()) {
          places.put(column, place.getAsInt());
        } else if (column.required()) {
          throw wrong("no column " + String.join(" or ", column.names())
              + "; an op_summary_*.csv is wanted, and there are: "
              + shortened(String.join(", ", titles)));
        }
      }
      unit = Column.unit(titles.get(places.get(Column.DURATION)));
    }

    private static String shortened(String text) {
      String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
      return line.length() > 300 ? line.substring(0, 300) + "..." : line;
    }

    private Task task(CSVRecord line, String time) {
      double duration;
      try {
        duration = Double.parseDouble(time);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("the duration '" + time + "' is no number", e);
      }
      if (!(duration >= 0 && duration < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("the duration '" + time + "' is none");
      }
      return new Task(
          cell(line, Column.NAME),
          cell(line, Column.TYPE),
          cell(line, Column.CORE),
          duration * unit,
          TensorShapes.parse(cell(line, Column.INPUT_SHAPES)),
          TensorShapes.words(cell(line, Column.INPUT_FORMATS)),
          TensorShapes.parse(cell(line, Column.OUTPUT_SHAPES)),
          TensorShapes.words(cell(line, Column.OUTPUT_FORMATS)));
    }

    private String cell(CSVRecord line, Column column) {
      Integer place = places.get(column);
      if (place == null) {
        return "";
      }
      if (place >= line.size()) {
        throw new IllegalArgumentException(
            line.size() + " cells, too few for the column " + column.usual());
      }
      return line.get(place).strip();
    }

    private IllegalArgumentException wrong(String what) {
      return new IllegalArgumentException(file + ": " + what);
    }
  }
}
