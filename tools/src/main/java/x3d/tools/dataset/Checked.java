package x3d.tools.dataset;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import x3d.tools.Sha256;

/** A check that is asked about lists and videos, and answers only for those that are as they were when it was made. */
final class Checked {
  private static final String AGAIN =
      "; run 'x3d-tools dataset check' again: it decodes only what has changed";

  private final Path table;
  private final Set<String> lists;
  private final Map<String, CheckedVideo> videos;

  /** @param table the file that the report was read from, for messages */
  Checked(Path table, CheckReport report) {
    this.table = table;
    lists =
        report.lists().stream().map(CheckReport.CheckedList::sha256).collect(Collectors.toSet());
    videos = report.videos().stream()
        .collect(Collectors.toMap(CheckedVideo::video, Function.identity()));
  }

  /** @throws IllegalArgumentException if the list has changed since, or was not checked */
  void requireList(Path csv) throws IOException {
    if (!lists.contains(Sha256.of(csv))) {
      throw new IllegalArgumentException(
          csv + ": " + table + " is not a check of this list as it is now" + AGAIN);
    }
  }

  /**
   * What was found of a video.
   *
   * @throws IllegalArgumentException if its file has changed since, or it was not checked
   */
  CheckedVideo video(Path csv, Path video) {
    CheckedVideo found = videos.get(video.toString());
    if (found == null) {
      throw new IllegalArgumentException(csv + ": " + table + " says nothing of " + video + AGAIN);
    }
    if (!found.state().equals(FileState.of(video))) {
      throw new IllegalArgumentException(
          csv + ": " + video + " is not as it was when " + table + " was made" + AGAIN);
    }
    return found;
  }
}
