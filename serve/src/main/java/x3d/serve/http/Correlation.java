package x3d.serve.http;

import io.javalin.http.Context;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * By what a request is found again in logs: its own id, and the trace that it is a part of.
 *
 * @param requestId the client's {@code X-Request-Id} where it is harmless in a log, or one made here
 * @param traceId of the client's W3C {@code traceparent}, or {@code -}
 */
public record Correlation(String requestId, String traceId) {
  static final String HEADER = "X-Request-Id";

  private static final Pattern SANE = Pattern.compile("[A-Za-z0-9._~+/=@:-]{1,128}");
  private static final Pattern TRACE =
      Pattern.compile("[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");
  private static final String KEY = Correlation.class.getName();

  /** Of a request, the same each time it is asked for. */
  public static Correlation of(Context request) {
    Correlation known = request.attribute(KEY);
    if (known != null) {
      return known;
    }
    Correlation made = of(request.header(HEADER), request.header("traceparent"));
    request.attribute(KEY, made);
    return made;
  }

  static Correlation of(String id, String traceparent) {
    String requestId = id != null && SANE.matcher(id).matches()
        ? id
        : UUID.randomUUID().toString().replace("-", "");
    var trace = TRACE.matcher(traceparent == null ? "" : traceparent);
    return new Correlation(requestId, trace.matches() ? trace.group(1) : "-");
  }

  @Override
  public String toString() {
    return "request=" + requestId + " trace=" + traceId;
  }
}
