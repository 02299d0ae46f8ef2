package x3d.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes a file whole or not at all: beside the target, flushed to the disk, then renamed over it. A reader, or a run after
 * a power cut, finds the old file or the new one; what an interrupted write leaves ends in {@code .tmp}.
 */
public final class WholeFile {
  private WholeFile() {}

  /** Writes the content, from position 0. */
  @FunctionalInterface
  public interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * @param target replaced if it exists; its folder must exist
   * @throws IOException if anything fails; the target is then as it was
   */
  public static void write(Path target, Content content) throws IOException {
    write(target, content, () -> {});
  }

  /**
   * Writes a file that may yet be called off.
   *
   * @param target replaced if it exists; its folder must exist
   * @param agreement asked once the content is on the disk and before it gets its name; if it throws, the target is as it
   *     was
   * @throws IOException if anything fails; the target is then as it was
   */
  public static void write(Path target, Content content, Runnable agreement) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    // not createTempFile: its files are for the owner alone, and the target would inherit that
    Path beside = folder.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      agreement.run();
      Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
      flushFolder(folder);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  /** Makes the rename itself last; Windows opens no folders, and needs none of this. */
  private static void flushFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      return;
    }
  }
}
