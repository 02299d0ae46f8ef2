package x3d.tools.dataset;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A folder that one run at a time fills with prepared videos. */
final class PreparedFolder implements AutoCloseable {
  /** What a killed run leaves of a file that was not yet whole. */
  private static final Pattern LEFT_OVER = Pattern.compile("\\..+\\.[0-9a-f-]{36}\\.tmp");

  private final Path path;
  private final FileChannel lock;

  private PreparedFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Takes a folder, made if need be, and clears away what a killed run has left.
   *
   * @throws IllegalArgumentException if another run has it
   */
  static PreparedFolder open(Path path) throws IOException {
    Files.createDirectories(path);
    FileChannel lock = FileChannel.open(
        path.resolve("prepare.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (!taken(lock)) {
        throw new IllegalArgumentException(
            path + ": another prepare writes there; wait for its end, or use another --out DIR");
      }
      try (Stream<Path> files = Files.walk(path)) {
        for (Path file : files.filter(PreparedFolder::leftOver).toList()) {
          Files.delete(file);
        }
      }
      return new PreparedFolder(path, lock);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static boolean taken(FileChannel lock) throws IOException {
    try {
      return lock.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static boolean leftOver(Path file) {
    return LEFT_OVER.matcher(file.getFileName().toString()).matches();
  }

  Path file(String name) {
    return path.resolve(name);
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file("prepare.lock"));
    lock.close();
  }
}
