package x3d.serve.http;

import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import java.util.List;
import java.util.Map;

/**
 * One endpoint: what the server does and what its OpenAPI document says of it.
 *
 * @param path as Javalin and OpenAPI both write it: {@code /v1/models/{name}}
 * @param id OpenAPI's {@code operationId}
 * @param open whether it is answered without a key
 * @param bodies the schemas that a request body may have, by media type; empty where it has none
 * @param answers the schemas of a successful answer, by media type
 * @param problems that it may answer with, beside those that any may
 */
public record Route(
    HandlerType method,
    String path,
    String id,
    String summary,
    boolean open,
    List<Parameter> parameters,
    Map<String, Schema> bodies,
    Map<String, Schema> answers,
    List<Problem> problems,
    Handler handler) {
  public Route {
    parameters = List.copyOf(parameters);
    bodies = Map.copyOf(bodies);
    answers = Map.copyOf(answers);
    problems = List.copyOf(problems);
  }

  /** A GET without parameters that answers with JSON. */
  public static Route get(
      String path, String id, String summary, boolean open, Schema answer, Handler handler) {
    return new Route(
        HandlerType.GET,
        path,
        id,
        summary,
        open,
        List.of(),
        Map.of(),
        Map.of("application/json", answer),
        List.of(),
        handler);
  }

  /** The same with parameters and the problems that come with them. */
  public Route with(List<Parameter> added, Problem... told) {
    return new Route(
        method, path, id, summary, open, added, bodies, answers, List.of(told), handler);
  }

  /** The same with other media types of its answer. */
  public Route answering(Map<String, Schema> other) {
    return new Route(method, path, id, summary, open, parameters, bodies, other, problems, handler);
  }

  /**
   * @param in {@code query}, {@code path} or {@code header}
   */
  public record Parameter(String in, String name, String description, Schema schema) {
    public static Parameter query(String name, String description, Schema schema) {
      return new Parameter("query", name, description, schema);
    }

    public static Parameter path(String name, String description) {
      return new Parameter("path", name, description, Schema.of("string"));
    }

    public static Parameter header(String name, String description, Schema schema) {
      return new Parameter("header", name, description, schema);
    }
  }
}
