package x3d.tools.dataset;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import x3d.tools.Json;
import x3d.train.DataSet;

/** A list of videos that is being written: lines {@code path label}, read by {@link DataSet}. */
final class VideoList {
  private final Path csv;
  private final Path folder;
  private final String separator;
  private final boolean absolute;

  /**
   * @param csv the file to write
   * @param separator what stands between path and label
   * @param absolute whether each path is to be found from anywhere, and not from the list's folder
   */
  VideoList(Path csv, String separator, boolean absolute) {
    this.csv = csv.toAbsolutePath().normalize();
    this.folder = this.csv.getParent();
    this.separator = separator;
    this.absolute = absolute;
  }

  /**
   * A line for a video: its path from the list's folder if it lies in there, so that both can be moved together; else
   * its absolute path.
   *
   * @throws IllegalArgumentException if the line would be read back as something else
   */
  String line(Path video, int label) {
    Path whole = video.toAbsolutePath().normalize();
    Path path = !absolute && whole.startsWith(folder) ? folder.relativize(whole) : whole;
    return DataSet.line(path.toString(), label, separator);
  }

  /** Writes the file, whole or not at all. */
  void save(List<String> lines) throws IOException {
    Json.save(csv, lines.stream().map(line -> line + "\n").collect(Collectors.joining()));
  }

  Path csv() {
    return csv;
  }
}
