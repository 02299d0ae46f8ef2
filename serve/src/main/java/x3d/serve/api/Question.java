package x3d.serve.api;

import io.javalin.http.Context;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import x3d.classify.Classifier;
import x3d.classify.Views;
import x3d.serve.http.Problem;
import x3d.serve.http.Refusal;
import x3d.serve.http.Route.Parameter;
import x3d.serve.http.Schema;

/**
 * What the query string of a request asks for.
 *
 * @param top classes to answer with
 * @param perView whether each view's own answer is wanted too
 */
record Question(int top, Views views, boolean perView) {
  /** Bounds the work of one request: SlowFast's largest test uses 30 clips. */
  private static final int MOST_VIEWS = 100;

  /** What HTTP servers pass over in silence, with the parameter that it is in. */
  private static final Pattern MALFORMED = Pattern.compile("%(?![0-9A-Fa-f]{2})");

  static final List<Parameter> PARAMETERS = List.of(
      Parameter.query("top", "Classes to answer with.", Schema.whole(1, Integer.MAX_VALUE)),
      Parameter.query(
          "views", "Clips along the video. Default: the model's.", Schema.whole(1, MOST_VIEWS)),
      Parameter.query(
          "crops", "Crops of each clip, 1 or 3. Default: the model's.", Schema.whole(1, 3)),
      Parameter.query(
          "perView", "Whether each view's own answer is told too.", Schema.of("boolean")));

  /**
   * @param model the one that is asked
   * @param others query parameters that may be there beside the question's own
   * @throws Refusal with 400 if the query is malformed, or a parameter is unknown, not a number, out of range or not possible with the model
   */
  static Question of(Context request, Classifier model, Set<String> others) {
    if (MALFORMED.matcher(Objects.requireNonNullElse(request.queryString(), "")).find()) {
      throw wrong("the query has a '%' without two hexadecimal digits behind it");
    }
    Set<String> known = new TreeSet<>(others);
    PARAMETERS.forEach(parameter -> known.add(parameter.name()));
    for (String parameter : request.queryParamMap().keySet()) {
      if (!known.contains(parameter)) {
        throw wrong("unknown query parameter '" + parameter + "'; there are " + known);
      }
    }
    int top = number(request, "top", 5, Integer.MAX_VALUE);
    Views usual = model.defaultViews();
    int views = number(request, "views", usual.views(), MOST_VIEWS);
    int crops = number(request, "crops", usual.crops(), 3);
    try {
      Question question = new Question(top, new Views(views, crops), perView(request));
      model.require(question.views);
      return question;
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  private static boolean perView(Context request) {
    String text = request.queryParam("perView");
    if (text == null || text.equals("false")) {
      return false;
    }
    if (text.equals("true")) {
      return true;
    }
    throw wrong("query parameter perView must be true or false, not '" + text + "'");
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
    throw wrong("query parameter " + parameter + " must be a whole number from 1"
        + (most == Integer.MAX_VALUE ? "" : " to " + most)
        + ", not '" + text + "'");
  }

  private static Refusal wrong(String message) {
    return new Refusal(Problem.BAD_REQUEST, message);
  }
}
