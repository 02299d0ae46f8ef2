package x3d.tools.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import x3d.cli.Program;
import x3d.tools.Json;

/**
 * What was found so far, a video a line, so that a run that was killed goes on where it was. Lines are only ever added; what
 * a kill left of the last one is cut off. A file that has changed since counts as not yet checked.
 */
final class CheckJournal implements AutoCloseable {
  /** The first line: what was found by other means than these is not used. */
  private record Heading(String journal, String version, boolean fast) {}

  private final FileChannel file;
  private final Map<FileState, CheckedVideo> known = new HashMap<>();

  private CheckJournal(FileChannel file) {
    this.file = file;
  }

  /**
   * Opens a journal, or begins it.
   *
   * @param fast whether only samples are decoded; it is begun anew if that was otherwise
   * @throws IllegalArgumentException if another process is writing it
   */
  static CheckJournal open(Path path, boolean fast) throws IOException {
    Files.createDirectories(path.toAbsolutePath().getParent());
    FileChannel file = FileChannel.open(
        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    CheckJournal journal = new CheckJournal(file);
    try {
      lock(path, file);
      journal.read(path, Json.line(new Heading("dataset check", Program.version(), fast)));
      return journal;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static void lock(Path path, FileChannel file) throws IOException {
    boolean free;
    try {
      free = file.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      free = false;
    }
    if (!free) {
      throw new IllegalArgumentException(
          path + ": another check writes it; wait for its end, or use another --out DIR");
    }
  }

  private void read(Path path, String heading) throws IOException {
    String text = new String(Files.readAllBytes(path), UTF_8);
    long whole = 0;
    int from = 0;
    for (int to = text.indexOf('\n'); to >= 0; from = to + 1, to = text.indexOf('\n', from)) {
      String line = text.substring(from, to);
      if (from == 0) {
        if (!line.equals(heading)) {
          break;
        }
      } else {
        try {
          add(CheckReport.video(line));
        } catch (IllegalArgumentException e) {
          break;
        }
      }
      whole += line.getBytes(UTF_8).length + 1;
    }
    file.truncate(whole);
    file.position(whole);
    if (whole == 0) {
      write(heading);
    }
  }

  private void add(CheckedVideo video) {
    known.put(video.state(), video);
  }

  /** What was found of a file that is as it was. */
  synchronized Optional<CheckedVideo> find(FileState state) {
    return Optional.ofNullable(known.get(state));
  }

  /** Adds a line. */
  synchronized void append(CheckedVideo video) throws IOException {
    add(video);
    write(Json.line(video));
  }

  private void write(String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(UTF_8));
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
