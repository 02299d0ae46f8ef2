package x3d.tools.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A file of outcomes to which lines are only ever added, each by one write; what a kill left of the last one is cut off when it is
 * opened again. A file of something else is never touched.
 */
final class AnswerFile implements AutoCloseable {
  private final FileChannel channel;
  private final AnswerFormat format;
  private final Map<String, Outcome> known = new HashMap<>();

  private AnswerFile(FileChannel channel, AnswerFormat format) {
    this.channel = channel;
    this.format = format;
  }

  /**
   * Opens a file, or begins it.
   *
   * @param asked what all of its answers must have in common
   * @throws IllegalArgumentException if another process writes it, or it holds something else
   */
  static AnswerFile open(Path path, Asked asked) throws IOException {
    Files.createDirectories(path.toAbsolutePath().getParent());
    FileChannel channel = FileChannel.open(
        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      lock(path, channel);
      AnswerFile file = new AnswerFile(channel, AnswerFormat.of(path, asked.top()));
      file.read(path, asked);
      return file;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void lock(Path path, FileChannel channel) throws IOException {
    boolean free;
    try {
      free = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      free = false;
    }
    if (!free) {
      throw new IllegalArgumentException(
          path + ": another run writes it; wait for its end, or use another --out FILE");
    }
  }

  private void read(Path path, Asked asked) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    int whole = format.whole(bytes);
    String text = new String(bytes, 0, whole, UTF_8);
    String torn = new String(bytes, whole, bytes.length - whole, UTF_8);
    if (whole == 0
        && !format.beginning().startsWith(torn)
        && !torn.startsWith(format.beginning())) {
      throw other(path, "it holds something else");
    }
    try {
      for (AnswerFormat.Line line : whole == 0 ? List.<AnswerFormat.Line>of() : format.read(text)) {
        if (line.asked() != null && !line.asked().equals(asked)) {
          throw new IllegalArgumentException(
              "it has answers of " + line.asked() + ", and now " + asked + " are asked for");
        }
        known.put(line.video(), new Outcome(Path.of(line.video()), null, line.error(), true));
      }
    } catch (IllegalArgumentException e) {
      throw other(path, e.getMessage());
    }
    channel.truncate(whole);
    channel.position(whole);
    if (whole == 0) {
      write(format.head());
    }
  }

  private static IllegalArgumentException other(Path path, String why) {
    return new IllegalArgumentException(path + ": " + why + "; use another --out FILE");
  }

  /** What an earlier run has of a video: of an answer only that it is there. */
  Optional<Outcome> find(Path video) {
    return Optional.ofNullable(known.get(video.toString()));
  }

  /** Adds a line; by several threads. */
  synchronized void add(Outcome outcome) {
    try {
      write(format.line(outcome));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
