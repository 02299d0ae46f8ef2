package x3d.tools.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * What tells whether a file is still the one that was looked at.
 *
 * @param video its absolute path
 * @param bytes its size, 0 where there is no file
 * @param modified when it was last changed, in milliseconds since 1970, 0 where there is no file
 */
record FileState(String video, long bytes, long modified) {
  static FileState of(Path video) {
    try {
      BasicFileAttributes file = Files.readAttributes(video, BasicFileAttributes.class);
      return new FileState(
          video.toString(), file.size(), file.lastModifiedTime().toMillis());
    } catch (IOException e) {
      return new FileState(video.toString(), 0, 0);
    }
  }
}
