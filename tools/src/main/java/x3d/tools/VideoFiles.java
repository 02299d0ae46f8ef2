package x3d.tools;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Which files are videos, by their names. */
public final class VideoFiles {
  /** Those of the containers that {@link x3d.video.Video} reads. */
  private static final Set<String> EXTENSIONS = Set.of(
      "3gp", "asf", "avi", "dv", "flv", "gif", "ivf", "m2ts", "m4v", "mjpeg", "mjpg", "mkv", "mov",
      "mp4", "mpeg", "mpg", "mts", "mxf", "nut", "ogg", "ogv", "rm", "ts", "vob", "webm", "wmv",
      "wtv", "y4m");

  private VideoFiles() {}

  /** Whether a file's name has the extension of a video. */
  public static boolean isVideo(String name) {
    return EXTENSIONS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }

  /**
   * Each file as it is named, and for a folder the videos in it and below, in the order of their paths; what is hidden does not
   * count. Links are followed.
   *
   * @throws IllegalArgumentException if there are none in a folder
   */
  static List<Path> in(List<Path> named) throws IOException {
    List<Path> videos = new ArrayList<>();
    for (Path path : named) {
      if (Files.isDirectory(path)) {
        videos.addAll(below(path));
      } else {
        videos.add(path);
      }
    }
    return videos;
  }

  private static List<Path> below(Path folder) throws IOException {
    try (Stream<Path> found = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      List<Path> videos = found
          .filter(path -> isVideo(path.getFileName().toString()))
          .filter(path -> !hidden(folder.relativize(path)))
          .filter(Files::isRegularFile)
          .sorted(Comparator.comparing(Path::toString))
          .toList();
      if (videos.isEmpty()) {
        throw new IllegalArgumentException(folder + ": no video is in this folder or below");
      }
      return videos;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static boolean hidden(Path path) {
    for (Path name : path) {
      if (name.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }
}
