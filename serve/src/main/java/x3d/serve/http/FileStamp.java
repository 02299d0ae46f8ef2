package x3d.serve.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * By what one sees that a file was replaced.
 *
 * @param modified in milliseconds; -1 if there is no such file
 * @param key the system's own number of the file, or null
 */
public record FileStamp(long modified, long size, Object key) {
  public static FileStamp of(Path file) {
    try {
      BasicFileAttributes read = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileStamp(read.lastModifiedTime().toMillis(), read.size(), read.fileKey());
    } catch (IOException e) {
      return new FileStamp(-1, -1, null);
    }
  }

  public boolean exists() {
    return modified >= 0;
  }
}
