package x3d.serve.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** A server answered with an error: RFC 9457's members, as far as it told them. */
public final class ProblemException extends IOException {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final int status;
  private final String type;
  private final String title;
  private final String detail;
  private final String requestId;
  private final transient Optional<Duration> retryAfter;

  private ProblemException(
      int status,
      String type,
      String title,
      String detail,
      String requestId,
      Optional<Duration> retryAfter) {
    super("the server answered " + status + ": " + detail
        + (requestId.isEmpty() ? "" : " (request " + requestId + ")"));
    this.status = status;
    this.type = type;
    this.title = title;
    this.detail = detail;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }

  static ProblemException of(HttpResponse<byte[]> response, Instant now) {
    int status = response.statusCode();
    JsonNode body = json(response.body());
    String title = body.path("title").asText("");
    return new ProblemException(
        status,
        body.path("type").asText("about:blank"), // what RFC 9457 takes a missing one for
        title,
        body.path("detail").asText(title.isEmpty() ? "without a reason" : title),
        response
            .headers()
            .firstValue("X-Request-Id")
            .orElseGet(() -> body.path("instance").asText("")),
        retryAfter(response.headers(), now));
  }

  /** Not every error is the server's own: what stands between may answer with a page. */
  private static JsonNode json(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      return JSON.missingNode();
    }
  }

  private static Optional<Duration> retryAfter(HttpHeaders headers, Instant now) {
    return headers
        .firstValue("Retry-After")
        .map(String::strip)
        .flatMap(text -> {
          try {
            return Optional.of(
                text.matches("\\d{1,9}")
                    ? Duration.ofSeconds(Long.parseLong(text))
                    : Duration.between(
                        now,
                        ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant()));
          } catch (DateTimeException e) {
            return Optional.empty();
          }
        })
        .map(wait -> wait.isNegative() ? Duration.ZERO : wait);
  }

  /** Of HTTP. */
  public int status() {
    return status;
  }

  /** The kind of error, such as {@code urn:x3d:problem:unusable-video}; {@code about:blank} if not told. */
  public String type() {
    return type;
  }

  /** The same words for each error of the kind; empty if not told. */
  public String title() {
    return title;
  }

  /** What was wrong with this request. */
  public String detail() {
    return detail;
  }

  /** By which the server's log has the request; empty if not told. */
  public String requestId() {
    return requestId;
  }

  /** How long the server wants to be left alone. */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
