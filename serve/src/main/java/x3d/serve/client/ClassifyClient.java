package x3d.serve.client;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLException;

/**
 * A client of one {@code x3d-serve}, immutable, for any number of threads.
 *
 * <p>Videos are sent from the disk as they are. Where the server has no room (503, 429), found the upload too slow (408), or
 * cannot be reached, or the connection breaks, the request is tried again, for asking twice does no harm. Certificates are trusted
 * as the JVM trusts them unless {@link #trusting} says otherwise; redirects are not followed, so that a key goes nowhere else.
 */
public final class ClassifyClient {
  private static final Set<Integer> AGAIN = Set.of(408, 429, 503);
  private static final Duration CONNECT = Duration.ofSeconds(10);

  /** Waited for where no time is set: longer than a server takes unless it was told otherwise. */
  private static final Duration LONGEST = Duration.ofMinutes(15);

  private static final ObjectMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
      .build();

  private final HttpClient http;
  private final String server;
  private final Optional<String> key;
  private final Optional<Duration> timeout;
  private final Retries retries;

  private ClassifyClient(
      HttpClient http,
      String server,
      Optional<String> key,
      Optional<Duration> timeout,
      Retries retries) {
    this.http = http;
    this.server = server;
    this.key = key;
    this.timeout = timeout;
    this.retries = retries;
  }

  /**
   * @param server such as {@code https://host:8443}, perhaps with a path before the server's own
   * @throws IllegalArgumentException if it is no address of HTTP
   */
  public static ClassifyClient of(URI server) {
    if (server.getHost() == null
        || !Set.of("http", "https").contains(String.valueOf(server.getScheme()).toLowerCase())
        || server.getRawQuery() != null
        || server.getRawFragment() != null
        || server.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "'" + server
              + "' is no address of a server: it must be like http://host:8080, without user and query");
    }
    return new ClassifyClient(
        http().build(),
        server.toString().replaceFirst("/+$", ""),
        Optional.empty(),
        Optional.empty(),
        Retries.USUAL);
  }

  private static HttpClient.Builder http() {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT);
  }

  /**
   * Trusts the certificates of a file, or those that they have signed, instead of what the JVM trusts.
   *
   * @param pem one or more
   * @throws IOException if the file cannot be read or holds none
   */
  public ClassifyClient trusting(Path pem) throws IOException {
    HttpClient own = http().sslContext(TrustedCertificates.of(pem)).build();
    return new ClassifyClient(own, server, key, timeout, retries);
  }

  /** @throws IllegalArgumentException if no header could hold the key; the message does not hold it either */
  public ClassifyClient withKey(String newKey) {
    if (!newKey.matches("[\\x21-\\x7e]+")) {
      throw new IllegalArgumentException(
          "the API key must be of visible ASCII characters without spaces");
    }
    return new ClassifyClient(http, server, Optional.of(newKey), timeout, retries);
  }

  /** @param each that each try may take, the upload included; the server is told */
  public ClassifyClient withTimeout(Duration each) {
    return new ClassifyClient(http, server, key, Optional.of(each), retries);
  }

  public ClassifyClient withRetries(Retries other) {
    return new ClassifyClient(http, server, key, timeout, other);
  }

  /**
   * Asks what a video shows.
   *
   * @throws ProblemException if the server answers with an error, after retries if they may help
   * @throws UnreachableException if it cannot be reached, after all retries
   * @throws HttpTimeoutException if there is no answer in time
   * @throws IOException if the file cannot be read, or the connection breaks
   */
  public Answer classify(Path video, Question question) throws IOException, InterruptedException {
    // Without Expect: 100-continue: JDK 17 waits for ever if the answer to that is an error.
    return ask(
        request(question.path())
            .header("Content-Type", "application/octet-stream")
            .POST(BodyPublishers.ofFile(video)),
        Answer.class);
  }

  /** The server's models, the first of which answers questions that name none. Fails as {@link #classify} does. */
  public List<ServedModel> models() throws IOException, InterruptedException {
    return ask(request("/v1/models"), Models.class).models();
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Models(List<ServedModel> models) {}

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server + path)).timeout(timeout.orElse(LONGEST));
    key.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
    timeout.ifPresent(
        time -> request.header("X-Request-Timeout", Double.toString(time.toMillis() / 1000.0)));
    return request;
  }

  private <T> T ask(HttpRequest.Builder request, Class<T> kind)
      throws IOException, InterruptedException {
    byte[] body = body(request.build());
    try {
      return JSON.readValue(body, kind);
    } catch (JsonProcessingException e) {
      throw new IOException(server + ": the answer is none of x3d-serve", e);
    }
  }

  private byte[] body(HttpRequest request) throws IOException, InterruptedException {
    for (int retry = 1; ; retry++) {
      try {
        var response = http.send(request, BodyHandlers.ofByteArray());
        if (response.statusCode() == 200) {
          return response.body();
        }
        throw ProblemException.of(response, Instant.now());
      } catch (IOException e) {
        Duration asked = asked(e);
        if (retry > retries.count() || !mayPass(e) || asked.compareTo(retries.most()) > 0) {
          throw explained(e);
        }
        Thread.sleep(retries.pause(retry, asked, RandomGenerator.getDefault()).toMillis());
      }
    }
  }

  private static Duration asked(IOException failure) {
    return failure instanceof ProblemException problem
        ? problem.retryAfter().orElse(Duration.ZERO)
        : Duration.ZERO;
  }

  private static boolean mayPass(IOException failure) {
    if (failure instanceof ProblemException problem) {
      return AGAIN.contains(problem.status());
    }
    if (failure instanceof HttpTimeoutException) {
      return failure instanceof HttpConnectTimeoutException;
    }
    return !(failure instanceof SSLException
        || failure instanceof FileSystemException
        || failure instanceof FileNotFoundException);
  }

  /** The JDK's exceptions of connections have no words, or not the server's name. */
  private IOException explained(IOException failure) {
    if (failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException) {
      boolean unknown = failure.getCause() instanceof UnresolvedAddressException
          || failure.getCause() instanceof ConnectException inner
              && inner.getCause() instanceof UnresolvedAddressException;
      return new UnreachableException(
          server + " cannot be reached: "
              + (unknown ? "its host is not known" : "it takes no connection"),
          failure);
    }
    if (failure instanceof HttpTimeoutException) {
      HttpTimeoutException late = new HttpTimeoutException(
          server + " gave no answer within " + timeout.orElse(LONGEST).toMillis() / 1000.0 + " s");
      late.initCause(failure);
      return late;
    }
    if (failure instanceof ProblemException
        || failure instanceof FileSystemException
        || failure instanceof FileNotFoundException) {
      return failure;
    }
    if (failure instanceof SSLException) {
      return new IOException(
          server + ": its TLS is not accepted: " + failure.getMessage(), failure);
    }
    return new IOException(server + ": the connection broke: " + failure.getMessage(), failure);
  }
}
