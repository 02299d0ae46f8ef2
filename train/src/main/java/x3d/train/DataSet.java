package x3d.train;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * A list of videos and their labels, read from a csv of SlowFast's form: one {@code path label} a
 * line, without a heading. Made for Kinetics: 240,000 lines cost about 30 MB and a third of a second;
 * whether the videos exist is found out when they are read.
 */
public final class DataSet {
  private final Path file;
  private final Path base;
  private final String[] paths;
  private final int[] labels;
  private final String fingerprint;

  private DataSet(Path file, Path base, String[] paths, int[] labels, String fingerprint) {
    this.file = file;
    this.base = base;
    this.paths = paths;
    this.labels = labels;
    this.fingerprint = fingerprint;
  }

  /**
   * Reads a csv.
   *
   * @param csv the list; empty lines are skipped
   * @param separator what stands between path and label; its last occurrence in the line counts, so
   *     that a path may hold it too
   * @param prefix the folder of relative paths; empty for the csv's own
   * @param classes labels are from 0 to below this
   * @throws DataSetException if the file cannot be read, or naming each bad line by file and line
   */
  public static DataSet read(Path csv, String separator, String prefix, int classes) {
    Reading reading = new Reading(csv, separator, classes);
    try (BufferedReader lines = Files.newBufferedReader(csv)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        reading.line(line);
      }
    } catch (CharacterCodingException e) {
      throw new DataSetException(csv + ":" + (reading.number + 1) + ": is not UTF-8 text");
    } catch (IOException e) {
      throw new DataSetException(
          csv + ": " + (Files.exists(csv) ? e.getMessage() : "no such file"));
    }
    Path folder = csv.toAbsolutePath().getParent();
    return reading.finish(prefix.isEmpty() ? folder : folder.resolve(prefix));
  }

  /**
   * Reads a csv whose labels may be any from 0 on.
   *
   * @param csv the list, as for {@link #read(Path, String, String, int)}
   * @throws DataSetException if the file cannot be read, or naming each bad line by file and line
   */
  public static DataSet read(Path csv, String separator, String prefix) {
    return read(csv, separator, prefix, Integer.MAX_VALUE);
  }

  /**
   * A line that is read back as this path and this label.
   *
   * @throws IllegalArgumentException if there is none with this separator
   */
  public static String line(String path, int label, String separator) {
    String line = path + separator + label;
    String read = line.strip();
    int at = read.lastIndexOf(separator);
    if (line.lines().count() != 1
        || at < 0
        || !read.substring(0, at).strip().equals(path)
        || !read.substring(at + separator.length()).equals(Integer.toString(label))) {
      throw new IllegalArgumentException("'" + shown(path) + "' cannot stand in a list with '"
          + shown(separator) + "' between path and label: it would be read back as something else");
    }
    return line;
  }

  private static String shown(String text) {
    return text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
  }

  /**
   * Videos without a list of their own, all of label 0.
   *
   * @param videos 1 or more; taken again from the first on
   * @param size how many to make of them
   */
  public static DataSet of(List<Path> videos, int size) {
    String[] paths = new String[size];
    Arrays.setAll(paths, i -> videos.get(i % videos.size()).toAbsolutePath().toString());
    return new DataSet(videos.get(0), Path.of(""), paths, new int[size], "");
  }

  private static final class Reading {
    private final Path csv;
    private final String separator;
    private final int classes;
    private final List<String> problems = new ArrayList<>();
    private final CRC32 crc = new CRC32();
    private String[] paths = new String[1024];
    private int[] labels = new int[1024];
    private int count;
    private int number;
    private int bad;

    Reading(Path csv, String separator, int classes) {
      this.csv = csv;
      this.separator = separator;
      this.classes = classes;
    }

    void line(String raw) {
      number++;
      String line = raw.strip();
      if (line.isEmpty()) {
        return;
      }
      int at = line.lastIndexOf(separator);
      String path = at < 0 ? "" : line.substring(0, at).strip();
      if (path.isEmpty()) {
        problem("'" + line + "' is not 'path" + separator + "label'");
        return;
      }
      String text = line.substring(at + separator.length()).strip();
      try {
        int label = Integer.parseInt(text);
        if (label < 0 || label >= classes) {
          problem(
              classes == Integer.MAX_VALUE
                  ? "label " + label + " is below 0"
                  : "label " + label + " is outside 0 to " + (classes - 1)
                      + " (MODEL.NUM_CLASSES is " + classes + ")");
          return;
        }
        add(path, label);
      } catch (NumberFormatException e) {
        problem("label '" + text + "' is not a whole number");
      }
    }

    private void add(String path, int label) {
      if (count == labels.length) {
        paths = Arrays.copyOf(paths, count * 2);
        labels = Arrays.copyOf(labels, count * 2);
      }
      paths[count] = path;
      labels[count++] = label;
      crc.update(path.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      crc.update(label & 0xff);
      crc.update(label >> 8);
    }

    private void problem(String what) {
      bad++;
      if (problems.size() < 100) {
        problems.add(csv + ":" + number + ": " + what);
      }
    }

    DataSet finish(Path base) {
      if (bad > 0) {
        throw DataSetException.of(problems, bad);
      }
      if (count == 0) {
        throw new DataSetException(
            csv + ": holds no videos; a line is 'path" + separator + "label'");
      }
      return new DataSet(
          csv,
          base,
          Arrays.copyOf(paths, count),
          Arrays.copyOf(labels, count),
          String.format("%d-%08x", count, crc.getValue()));
    }
  }

  /** How many videos. */
  public int size() {
    return labels.length;
  }

  /** The csv this was read from. */
  public Path file() {
    return file;
  }

  /** Where video {@code index} lies: as written if absolute, else under the prefix. */
  public Path video(int index) {
    return base.resolve(paths[index]).normalize();
  }

  /** The path of video {@code index} as the csv has it. */
  public String path(int index) {
    return paths[index];
  }

  /** The label of video {@code index}. */
  public int label(int index) {
    return labels[index];
  }

  /** A short text that differs between lists that differ in a path, a label or their order. */
  public String fingerprint() {
    return fingerprint;
  }

  /**
   * The names of the classes, from {@code classes.txt} (a name a line, in label order).
   *
   * @param folder where to look
   * @param classes how many there must be
   * @return empty without such a file
   * @throws DataSetException if the file holds another number of names
   */
  public static Optional<List<String>> classNames(Path folder, int classes) {
    Path file = folder.resolve("classes.txt");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      List<String> names = Files.readAllLines(file).stream()
          .map(String::strip)
          .filter(x -> !x.isEmpty())
          .toList();
      if (names.size() != classes) {
        throw new DataSetException(file
            + ": names "
            + names.size()
            + " classes and MODEL.NUM_CLASSES is "
            + classes
            + "; set MODEL.NUM_CLASSES "
            + names.size());
      }
      return Optional.of(names);
    } catch (IOException e) {
      throw new DataSetException(file + ": " + e.getMessage());
    }
  }
}
