package x3d.tools.remote;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;
import x3d.serve.client.ClassifyClient;
import x3d.serve.client.Retries;

/** The server that is asked, and how. */
public final class RemoteOptions {
  /** The variable that holds the key where no file is named. */
  private static final String KEY_VARIABLE = "X3D_API_KEY";

  @Option(
      names = "--server",
      required = true,
      paramLabel = "URL",
      description =
          "Ask this x3d-serve instead of a model here, such as http://host:8080 or https://host:8443.")
  private URI server;

  @Option(
      names = "--cacert",
      paramLabel = "FILE",
      description =
          "A PEM file with the certificates to trust of a server that speaks TLS. Default: those that the"
              + " JVM trusts.")
  private Path trusted;

  @Option(
      names = "--model-name",
      paramLabel = "NAME",
      description = "Which of the server's models to ask. Default: its first.")
  private String modelName;

  @Option(
      names = "--api-key-file",
      paramLabel = "FILE",
      description = "A file with the key that the server wants. Default: the key that the variable "
          + KEY_VARIABLE + " holds, if any.")
  private Path keyFile;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description = "Videos sent at a time. Default: 4.")
  private int concurrency = 4;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "That each try may take, the upload included. Default: what the server has.")
  private Double timeout;

  @Option(
      names = "--retries",
      paramLabel = "N",
      description =
          "Tries after the first where the server has no room or cannot be reached, each after a"
              + " longer pause or that of Retry-After. Default: 7, over about a minute.")
  private int retries = Retries.USUAL.count();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "Add the answers to this .jsonl or .csv file as they come; videos that it answers for are"
              + " not asked about again. Default: standard output.")
  private Path out;

  /** @throws IllegalArgumentException if a value is none that an option may have */
  public void require() {
    ClassifyClient.of(server);
    if (trusted != null && !"https".equalsIgnoreCase(server.getScheme())) {
      throw new IllegalArgumentException(
          "--cacert is for a server that speaks TLS, and " + server + " is not https://");
    }
    Retries.USUAL.withCount(retries);
    if (concurrency < 1) {
      throw new IllegalArgumentException(
          "--concurrency is " + concurrency + "; it must be 1 or more");
    }
    if (timeout != null && !(timeout >= 0.001 && timeout < 1e6)) {
      throw new IllegalArgumentException(
          "--timeout is " + timeout + "; it must be seconds, from 0.001 to 1000000");
    }
    if (out != null) {
      AnswerFormat.requireKnown(out);
    }
  }

  /** Where the answers go; null for standard output. */
  public Path out() {
    return out;
  }

  URI server() {
    return server;
  }

  Optional<String> modelName() {
    return Optional.ofNullable(modelName);
  }

  int concurrency() {
    return concurrency;
  }

  ClassifyClient client() throws IOException {
    ClassifyClient client = ClassifyClient.of(server).withRetries(Retries.USUAL.withCount(retries));
    if (trusted != null) {
      client = client.trusting(trusted);
    }
    if (timeout != null) {
      client = client.withTimeout(Duration.ofMillis(Math.round(timeout * 1000)));
    }
    String key = key();
    return key == null ? client : client.withKey(key);
  }

  private String key() throws IOException {
    if (keyFile == null) {
      String key = System.getenv(KEY_VARIABLE);
      return key == null || key.isBlank() ? null : key.strip();
    }
    return Files.readAllLines(keyFile).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(
            keyFile + " holds no key: it must have one on a line of its own"));
  }
}
