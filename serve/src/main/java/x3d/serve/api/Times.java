package x3d.serve.api;

import io.javalin.http.Context;
import java.time.Duration;
import x3d.serve.http.Problem;
import x3d.serve.http.Refusal;
import x3d.serve.http.Route.Parameter;
import x3d.serve.http.Schema;

/**
 * How long requests may take.
 *
 * @param usual of those that do not say
 * @param most that one may ask for
 */
public record Times(Duration usual, Duration most) {
  private static final String HEADER = "X-Request-Timeout";

  static final Parameter PARAMETER =
      Parameter.header(HEADER, "Seconds that the answer may take.", Schema.of("number"));

  public Times {
    if (usual.isZero() || usual.isNegative() || usual.compareTo(most) > 0) {
      throw new IllegalArgumentException("the usual time of a request must be above 0 and at most "
          + most.toMillis() / 1000.0 + " s, not " + usual.toMillis() / 1000.0 + " s");
    }
  }

  /** @throws Refusal with 400 if the header is no number of seconds that may be asked for */
  Duration of(Context request) {
    String text = request.header(HEADER);
    if (text == null) {
      return usual;
    }
    try {
      double seconds = Double.parseDouble(text.strip());
      if (seconds > 0 && seconds <= most.toMillis() / 1000.0) {
        return Duration.ofNanos((long) (seconds * 1e9));
      }
    } catch (NumberFormatException e) {
      // answered below
    }
    throw new Refusal(
        Problem.BAD_REQUEST,
        HEADER + " must be seconds, above 0 and at most " + most.toMillis() / 1000.0 + ", not '"
            + text + "'");
  }
}
