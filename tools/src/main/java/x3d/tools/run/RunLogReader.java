package x3d.tools.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads {@code stdout.log} and {@code metrics.jsonl} of a run, once or again and again while it goes on: {@link #update} gives what
 * is new. Line by line, so that a log of any length needs no memory.
 */
public final class RunLogReader {
  private final Path folder;
  private final Path log;
  private final Path metrics;
  private final LineFile logLines;
  private final LineFile metricLines;
  private final List<Listener> listeners;

  /** Told what a run's files say. */
  public interface Listener {
    /** A line of {@code stdout.log}; steps that a resumed run did again come again, after a line {@code resumed}. */
    default void logged(JsonNode line) {}

    /** A line of {@code metrics.jsonl}, whose {@code step} never decreases. */
    default void measured(JsonNode line) {}

    /** {@code stdout.log} is another one: forget its lines, all come again. */
    default void logRestarted() {}

    /** {@code metrics.jsonl} was cut, or is another one: forget its lines, all come again. */
    default void metricsRestarted() {}
  }

  /**
   * @param folder {@code OUTPUT_DIR} of a run
   * @throws IllegalArgumentException if no run has begun there
   */
  public RunLogReader(Path folder, Listener... listeners) {
    this.folder = folder;
    this.log = folder.resolve("stdout.log");
    this.metrics = folder.resolve("metrics.jsonl");
    this.logLines = new LineFile(log);
    this.metricLines = new LineFile(metrics);
    this.listeners = List.of(listeners);
    if (!Files.exists(log) && !Files.exists(metrics)) {
      throw new IllegalArgumentException(folder + ": "
          + (Files.isDirectory(folder)
              ? "no run is there, for it holds neither stdout.log nor metrics.jsonl"
              : "no such folder")
          + "; name one that x3d-train had as --output");
    }
  }

  /** Gives the lines that are new to the listeners, those of {@code metrics.jsonl} first. */
  public void update() throws IOException {
    metricLines.read(
        () -> listeners.forEach(Listener::metricsRestarted),
        line -> listeners.forEach(l -> l.measured(line)));
    logLines.read(
        () -> listeners.forEach(Listener::logRestarted),
        line -> listeners.forEach(l -> l.logged(line)));
  }

  public Path folder() {
    return folder;
  }

  /** When the run last said something. */
  public Instant lastChange() throws IOException {
    Instant last = Instant.EPOCH;
    for (Path file : Stream.of(log, metrics).filter(Files::exists).toList()) {
      Instant change = Files.getLastModifiedTime(file).toInstant();
      last = change.isAfter(last) ? change : last;
    }
    return last;
  }

  /** A number of a line: NaN where there is none, and where it is one of the texts that stand for what JSON has no number for. */
  public static double number(JsonNode line, String field) {
    JsonNode value = line.path(field);
    return switch (value.asText()) {
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> value.isNumber() ? value.asDouble() : Double.NaN;
    };
  }
}
