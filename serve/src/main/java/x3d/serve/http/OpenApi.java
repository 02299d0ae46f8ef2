package x3d.serve.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import x3d.cli.Program;

/** The OpenAPI 3.1 document of a list of routes: the list that the server itself is made from, so that neither can drift. */
public final class OpenApi {
  private static final Schema PROBLEM = Schema.object(
      "type", Schema.of("string"),
      "title", Schema.of("string"),
      "status", Schema.of("integer"),
      "detail", Schema.of("string"),
      "instance", Schema.of("string"),
      "error", Schema.of("string"));

  private OpenApi() {}

  /** @param keys whether the server asks for keys */
  public static Map<String, Object> document(List<Route> routes, boolean keys) {
    Map<String, Map<String, Object>> paths = new LinkedHashMap<>();
    for (Route route : routes) {
      paths
          .computeIfAbsent(route.path(), path -> new LinkedHashMap<>())
          .put(route.method().name().toLowerCase(Locale.ROOT), operation(route, keys));
    }
    Map<String, Object> components = new LinkedHashMap<>();
    components.put("schemas", Map.of("Problem", PROBLEM.json()));
    if (keys) {
      components.put(
          "securitySchemes",
          Map.of(
              "bearer", Map.of("type", "http", "scheme", "bearer"),
              "key", Map.of("type", "apiKey", "in", "header", "name", ApiKeys.HEADER)));
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("openapi", "3.1.0");
    document.put("info", Map.of("title", "x3d-serve", "version", Program.version()));
    document.put("paths", paths);
    document.put("components", components);
    return document;
  }

  private static Map<String, Object> operation(Route route, boolean keys) {
    Map<String, Object> operation = new LinkedHashMap<>();
    operation.put("operationId", route.id());
    operation.put("summary", route.summary());
    if (!route.parameters().isEmpty()) {
      operation.put(
          "parameters", route.parameters().stream().map(OpenApi::parameter).toList());
    }
    if (!route.bodies().isEmpty()) {
      operation.put("requestBody", Map.of("required", true, "content", content(route.bodies())));
    }
    operation.put("responses", responses(route, keys));
    if (keys) {
      operation.put(
          "security",
          route.open()
              ? List.of()
              : List.of(Map.of("bearer", List.of()), Map.of("key", List.of())));
    }
    return operation;
  }

  private static Map<String, Object> parameter(Route.Parameter parameter) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", parameter.name());
    json.put("in", parameter.in());
    json.put("required", parameter.in().equals("path"));
    json.put("description", parameter.description());
    json.put("schema", parameter.schema().json());
    return json;
  }

  private static Map<String, Object> responses(Route route, boolean keys) {
    Map<String, Object> responses = new LinkedHashMap<>();
    responses.put("200", Map.of("description", "done", "content", content(route.answers())));
    List<Problem> problems = new ArrayList<>(route.problems());
    if (keys && !route.open()) {
      problems.add(Problem.UNAUTHORIZED);
    }
    for (Problem problem : problems) {
      responses.put(
          Integer.toString(problem.status()),
          Map.of(
              "description",
              problem.title(),
              "content",
              Map.of(
                  Problem.MEDIA_TYPE,
                  Map.of("schema", Map.of("$ref", "#/components/schemas/Problem")))));
    }
    return responses;
  }

  private static Map<String, Object> content(Map<String, Schema> byType) {
    Map<String, Object> content = new LinkedHashMap<>();
    byType.forEach((type, schema) -> content.put(type, Map.of("schema", schema.json())));
    return content;
  }
}
