package x3d.serve.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The kinds of errors that clients are told of, each with its HTTP status: RFC 9457's problem types. */
public enum Problem {
  BAD_REQUEST(400, "The request is not understood"),
  UNAUTHORIZED(401, "A key is needed"),
  FORBIDDEN_URL(403, "The address may not be fetched"),
  NOT_FOUND(404, "There is no such thing here"),
  METHOD_NOT_ALLOWED(405, "The method is not allowed here"),
  SLOW_UPLOAD(408, "The upload is too slow"),
  TOO_LARGE(413, "The request is too large"),
  UNSUPPORTED_MEDIA(415, "The media type is not supported"),
  UNUSABLE_VIDEO(422, "The video cannot be used"),
  HEAD_TOO_LARGE(431, "The address and headers of the request are too long"),
  CLIENT_GONE(499, "The client has gone"),
  FAILED(500, "The server failed"),
  UNREACHABLE_URL(502, "The address cannot be fetched"),
  QUEUE_FULL(503, "Too many requests are waiting"),
  NO_SPACE(503, "There is no room for the upload"),
  DRAINING(503, "The server is stopping"),
  DEADLINE_EXCEEDED(504, "The time for the request is over");

  /** The media type of {@link #body}. */
  public static final String MEDIA_TYPE = "application/problem+json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final int status;
  private final String title;

  Problem(int status, String title) {
    this.status = status;
    this.title = title;
  }

  public int status() {
    return status;
  }

  /** The same words for each error of the kind. */
  public String title() {
    return title;
  }

  /** Stable, short, in lower case: for metrics and the {@code type}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The kind of an error of which only the status is known: one that the HTTP layer found by itself. */
  static Problem of(int status) {
    return switch (status) {
      case 414 -> HEAD_TOO_LARGE;
      case 501, 505 -> BAD_REQUEST; // a method or version of HTTP that there is not
      case 503 -> DRAINING;
      default ->
        Arrays.stream(values())
            .filter(problem -> problem.status == status)
            .findFirst()
            .orElse(status < 500 ? BAD_REQUEST : FAILED);
    };
  }

  /**
   * The JSON that a client is told: RFC 9457's members, and the detail as {@code error} too, for clients of old.
   *
   * @param status as answered; of errors that the HTTP layer finds it may be another than {@link #status}
   * @param instance the id of the request
   */
  String body(int status, String detail, String instance) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("type", "urn:x3d:problem:" + id());
    body.put("title", title);
    body.put("status", status);
    body.put("detail", detail);
    body.put("instance", instance);
    body.put("error", detail);
    try {
      return JSON.writeValueAsString(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
