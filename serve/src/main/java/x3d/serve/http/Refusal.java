package x3d.serve.http;

import java.time.Duration;
import java.util.Map;

/** A request that is answered with an error. */
public final class Refusal extends RuntimeException {
  private final Problem problem;
  private final transient Map<String, String> headers;

  /** @param detail what was wrong with this request and what would be right: shown to the client */
  public Refusal(Problem problem, String detail) {
    this(problem, detail, Map.of());
  }

  private Refusal(Problem problem, String detail, Map<String, String> headers) {
    super(detail);
    this.problem = problem;
    this.headers = headers;
  }

  /** One that a client may try again after a while. */
  public static Refusal retryAfter(Problem problem, String detail, Duration wait) {
    return new Refusal(
        problem, detail, Map.of("Retry-After", Long.toString(Math.max(1, wait.toSeconds()))));
  }

  static Refusal unauthorized(String detail) {
    return new Refusal(
        Problem.UNAUTHORIZED, detail, Map.of("WWW-Authenticate", "Bearer realm=\"x3d-serve\""));
  }

  public Problem problem() {
    return problem;
  }

  Map<String, String> headers() {
    return headers;
  }
}
