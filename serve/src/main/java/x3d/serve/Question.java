package x3d.serve;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.util.Set;
import x3d.classify.Views;

/**
 * What the query string of a request asks for.
 *
 * @param top classes to answer with
 */
record Question(int top, Views views) {
  private static final Set<String> PARAMETERS = Set.of("top", "views", "crops");

  /** Bounds the work of one request: SlowFast's largest test uses 30 clips. */
  private static final int MOST_VIEWS = 100;

  /**
   * @param usual the views of a request that does not say
   * @throws Refusal with 400 if a parameter is unknown, not a number or out of range
   */
  static Question of(Context request, Views usual) {
    for (String parameter : request.queryParamMap().keySet()) {
      if (!PARAMETERS.contains(parameter)) {
        throw new Refusal(
            HttpStatus.BAD_REQUEST,
            "unknown query parameter '" + parameter + "'; there are top, views and crops");
      }
    }
    int top = number(request, "top", 5, Integer.MAX_VALUE);
    int views = number(request, "views", usual.views(), MOST_VIEWS);
    int crops = number(request, "crops", usual.crops(), 3);
    try {
      return new Question(top, new Views(views, crops));
    } catch (IllegalArgumentException e) {
      throw new Refusal(HttpStatus.BAD_REQUEST, e.getMessage());
    }
  }

  private static int number(Context request, String parameter, int otherwise, int most) {
    String text = request.queryParam(parameter);
    if (text == null) {
      return otherwise;
    }
    try {
      int value = Integer.parseInt(text);
      if (value >= 1 && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Answered below, as a number out of range is.
    }
    throw new Refusal(
        HttpStatus.BAD_REQUEST,
        "query parameter " + parameter + " must be a whole number from 1"
            + (most == Integer.MAX_VALUE ? "" : " to " + most)
            + ", not '" + text + "'");
  }
}
