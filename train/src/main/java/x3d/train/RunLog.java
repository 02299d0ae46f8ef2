package x3d.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import x3d.weights.WholeFile;

/**
 * What a run says of itself: {@code stdout.log}, a JSON object a line for people and scripts that follow a run, and
 * {@code metrics.jsonl}, a line an iteration and a validation for plots, which {@link Curves} may have too. The kind of line is
 * its {@code _type}.
 */
final class RunLog implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final BufferedWriter log;
  private final BufferedWriter metrics;
  private final Optional<Curves> curves;
  private final Consumer<ObjectNode> listener;

  /**
   * Opens both files for appending. Metrics of steps from {@code step} on are removed: an unbroken run would not have
   * them twice. The rest of a line that a killed run left in {@code stdout.log} gets a line of its own.
   *
   * @param step steps done so far
   * @param curves that show the metrics too; owned
   * @param listener told of every line of {@code stdout.log}
   */
  RunLog(Path folder, long step, Optional<Curves> curves, Consumer<ObjectNode> listener) {
    this.curves = curves;
    this.listener = listener;
    try {
      Path curve = folder.resolve("metrics.jsonl");
      cut(curve, step);
      metrics = append(curve);
      Path lines = folder.resolve("stdout.log");
      endLine(lines);
      log = append(lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RunLog() {
    curves = Optional.empty();
    listener = line -> {};
    metrics = new BufferedWriter(Writer.nullWriter());
    log = new BufferedWriter(Writer.nullWriter());
  }

  /** One that keeps nothing: of several ranks one writes. */
  static RunLog none() {
    return new RunLog();
  }

  private static BufferedWriter append(Path file) throws IOException {
    return Files.newBufferedWriter(
        file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static void cut(Path file, long step) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    try (Stream<String> lines = Files.lines(file)) {
      Iterator<String> kept = lines.filter(line -> stepOf(line) <= step).iterator();
      WholeFile.write(file, channel -> {
        while (kept.hasNext()) {
          ByteBuffer line = StandardCharsets.UTF_8.encode(kept.next() + System.lineSeparator());
          while (line.hasRemaining()) {
            channel.write(line);
          }
        }
      });
    }
  }

  private static void endLine(Path file) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      long length = bytes.length();
      bytes.seek(Math.max(0, length - 1));
      if (length > 0 && bytes.read() != '\n') {
        bytes.write('\n');
      }
    }
  }

  private static long stepOf(String line) {
    try {
      JsonNode step = JSON.readTree(line).path("step");
      return step.isNumber() ? step.asLong() : Long.MAX_VALUE;
    } catch (JsonProcessingException e) { // the last line of a killed run
      return Long.MAX_VALUE;
    }
  }

  /** Writes a line to {@code stdout.log}; values are numbers, texts, flags or lists. */
  void line(String type, Map<String, ?> fields) {
    ObjectNode line = node(type, fields);
    write(log, line);
    listener.accept(line);
  }

  /** Writes a line to {@code metrics.jsonl}; {@code step} is how many were done. */
  void metric(String type, long step, Map<String, ?> fields) {
    ObjectNode line = JSON.createObjectNode();
    line.put("step", step);
    line.setAll(node(type, fields));
    write(metrics, line);
    curves.ifPresent(c -> c.metric(type, step, fields));
  }

  private static ObjectNode node(String type, Map<String, ?> fields) {
    ObjectNode line = JSON.createObjectNode();
    line.put("_type", type);
    fields.forEach((name, value) -> line.set(name, JSON.valueToTree(rounded(value))));
    return line;
  }

  /** Six digits are what a log is read for, but what is whole, as a loss scale, stays as it is; JSON has no NaN, so those are texts. */
  private static Object rounded(Object value) {
    if (!(value instanceof Double number) || (number % 1 == 0 && Math.abs(number) < 1e12)) {
      return value;
    }
    return Double.isFinite(number)
        ? (Object) Double.parseDouble(String.format(java.util.Locale.ROOT, "%.6g", number))
        : number.toString();
  }

  private static void write(BufferedWriter out, ObjectNode line) {
    try {
      out.write(line.toString());
      out.newLine();
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try (log;
        metrics) {
      curves.ifPresent(Curves::close);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
