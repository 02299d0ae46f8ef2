package x3d.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import x3d.weights.WholeFile;

/** What the commands write for programs to read, and read again. */
public final class Json {
  private static final ObjectMapper LINE = JsonMapper.builder().build();
  private static final ObjectMapper PRETTY =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Json() {}

  /** One line. */
  public static String line(Object value) {
    return write(LINE, value);
  }

  /** Indented. */
  public static String pretty(Object value) {
    return write(PRETTY, value);
  }

  private static String write(ObjectMapper mapper, Object value) {
    try {
      return mapper.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException naming it if it is not JSON
   */
  public static JsonNode read(Path file) throws IOException {
    try {
      return LINE.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(file + ": not JSON, or not all of it", e);
    }
  }

  /** Writes text as a whole file or not at all. */
  public static void save(Path file, String text) throws IOException {
    save(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes bytes as a whole file or not at all; folders are made. */
  public static void save(Path file, byte[] bytes) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    WholeFile.write(file, channel -> {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        channel.write(left);
      }
    });
  }
}
