package x3d.tools.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import x3d.tools.ToolsCommand;

/**
 * The same work in another process that stays alive between rounds: a python running one of our scripts.
 *
 * <p>It says {@code ready} on its output once it can work. Each line {@code run} on its input is a round, answered with
 * {@code {"seconds": s, "items": n, "peak_rss_bytes": b}} (the last may be null); {@code quit} or the end of its input ends it.
 */
final class Peer implements Contender, AutoCloseable {
  private static final List<String> SCRIPTS =
      List.of("worker.py", "x3d_torch.py", "load.py", "video.py");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PATIENCE_SECONDS = 5;

  private final String python;
  private final Path folder;
  private final Path errors;
  private final Process process;
  private final BufferedReader answers;
  private final Writer requests;

  /**
   * Starts a script and waits until it is ready.
   *
   * @param script its name among ours
   * @throws PeerFailure if it does not get ready
   */
  static Peer start(String python, String script, List<String> arguments) throws IOException {
    Path folder = Files.createTempDirectory("x3d-peer");
    folder.toFile().deleteOnExit(); // should the bench be interrupted
    Peer peer = null;
    try {
      for (String name : SCRIPTS) {
        folder.resolve(name).toFile().deleteOnExit();
        try (InputStream in = ToolsCommand.class.getResourceAsStream("peer/" + name)) {
          Files.copy(in, folder.resolve(name));
        }
      }
      List<String> command =
          new ArrayList<>(List.of(python, folder.resolve(script).toString()));
      command.addAll(arguments);
      peer = new Peer(python, folder, command);
      peer.awaitReady();
      return peer;
    } catch (IOException | RuntimeException e) {
      if (peer == null) {
        delete(folder);
      } else {
        peer.close();
      }
      throw e;
    }
  }

  private Peer(String python, Path folder, List<String> command) {
    this.python = python;
    this.folder = folder;
    this.errors = folder.resolve("errors.txt");
    errors.toFile().deleteOnExit();
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    if (builder.environment().containsKey("X3D_TUNED")) {
      builder.environment().remove("GLIBC_TUNABLES"); // what our launcher has set for us
    }
    try {
      this.process = builder.start();
    } catch (IOException e) {
      throw new PeerFailure("the peer cannot be started: " + e.getMessage(), e);
    }
    this.answers = process.inputReader();
    this.requests = process.outputWriter();
  }

  /** Of the process. */
  long pid() {
    return process.pid();
  }

  private void awaitReady() throws IOException {
    String line = answers.readLine();
    if (!"ready".equals(line)) {
      throw line == null ? gone(null) : misunderstood(line, "'ready'");
    }
  }

  @Override
  public Round round() throws IOException {
    String line;
    try {
      requests.write("run\n");
      requests.flush();
      line = answers.readLine();
    } catch (IOException e) {
      throw gone(e); // a pipe that nobody reads any more
    }
    if (line == null) {
      throw gone(null);
    }
    return parsed(line);
  }

  private Round parsed(String line) {
    try {
      JsonNode answer = JSON.readTree(line);
      JsonNode peak = answer.path("peak_rss_bytes");
      return new Round(
          answer.path("seconds").asDouble(),
          answer.path("items").asLong(),
          peak.isNumber() ? OptionalLong.of(peak.asLong()) : OptionalLong.empty());
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw misunderstood(line, "{\"seconds\", \"items\", \"peak_rss_bytes\"}");
    }
  }

  private PeerFailure misunderstood(String line, String wanted) {
    String shown = line.length() > 100 ? line.substring(0, 100) + "..." : line;
    return new PeerFailure(
        "the peer " + python + " said '" + shown + "' where " + wanted + " was to come", null);
  }

  private PeerFailure gone(IOException cause) throws IOException {
    String code = "";
    try {
      if (process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        code = " with exit code " + process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String last = Files.readString(errors)
        .lines()
        .filter(line -> !line.isBlank())
        .reduce((earlier, later) -> later)
        .map(line -> ": " + line.strip())
        .orElse("");
    return new PeerFailure("the peer " + python + " ended" + code + last, cause);
  }

  @Override
  public void close() throws IOException {
    try {
      requests.write("quit\n");
      requests.close();
    } catch (IOException e) {
      process.destroy(); // it is gone, or will be
    }
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    answers.close();
    delete(folder);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
