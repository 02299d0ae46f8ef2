package x3d.tools.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;

/** A file of a JSON object a line, to which somebody else appends, and of which he may cut the end or begin anew. */
final class LineFile {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CHUNK = 1 << 16;
  /** Enough to tell one line of a log from another: it holds times. */
  private static final int REMEMBERED = 512;

  private final Path path;
  private long position;
  /** The bytes before the position. */
  private byte[] before = {};

  LineFile(Path path) {
    this.path = path;
  }

  /**
   * Reads what is new. Lines that are no objects with a {@code _type} are passed over: one of a run that was killed. One that has no
   * end yet is left for the next time.
   *
   * @param restarted told before the lines if the file is no longer what was read of it; all lines come again
   */
  void read(Runnable restarted, Consumer<JsonNode> lines) throws IOException {
    if (!Files.exists(path)) {
      restart(restarted);
      return;
    }
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      if (!goesOn(file)) {
        restart(restarted);
      }
      file.seek(position);
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      byte[] chunk = new byte[CHUNK];
      for (int read = file.read(chunk); read > 0; read = file.read(chunk)) {
        int from = 0;
        for (int i = 0; i < read; i++) {
          if (chunk[i] == '\n') {
            line.write(chunk, from, i + 1 - from);
            accept(line.toByteArray(), lines);
            line.reset();
            from = i + 1;
          }
        }
        line.write(chunk, from, read - from);
      }
    }
  }

  private void restart(Runnable restarted) {
    if (position > 0) {
      position = 0;
      before = new byte[0];
      restarted.run();
    }
  }

  private boolean goesOn(RandomAccessFile file) throws IOException {
    if (file.length() < position) {
      return false;
    }
    byte[] now = new byte[before.length];
    file.seek(position - before.length);
    file.readFully(now);
    return Arrays.equals(now, before);
  }

  private void accept(byte[] line, Consumer<JsonNode> lines) {
    position += line.length;
    before = line.length <= REMEMBERED
        ? line
        : Arrays.copyOfRange(line, line.length - REMEMBERED, line.length);
    JsonNode node;
    try {
      node = JSON.readTree(new String(line, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      return;
    }
    if (node.path("_type").isTextual()) {
      lines.accept(node);
    }
  }
}
