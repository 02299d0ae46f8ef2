package x3d.serve.api;

import static x3d.serve.http.Schema.array;
import static x3d.serve.http.Schema.of;

import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import x3d.serve.http.Problem;
import x3d.serve.http.Route;
import x3d.serve.http.Route.Parameter;
import x3d.serve.http.Schema;
import x3d.serve.model.ModelLease;
import x3d.serve.model.Models;

/** Which models there are and what their files say of them. */
public final class ModelsApi {
  private static final Schema MODEL = Schema.object(
      "name", of("string"),
      "version", of("integer"),
      "loaded", of("string"),
      "variant", of("string"),
      "frames", of("integer"),
      "samplingRate", of("integer"),
      "targetFps", of("number"),
      "shortSide", of("integer"),
      "crop", of("integer"),
      "views", of("integer"),
      "crops", of("integer"),
      "classes", of("integer"),
      "provenance", of("object"));

  private final Models models;

  public ModelsApi(Models models) {
    this.models = models;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(
            "/v1/models",
            "models",
            "The models served here; the first is asked by requests that name none.",
            false,
            Schema.object("models", array(MODEL)),
            this::all),
        Route.get(
                "/v1/models/{name}",
                "model",
                "What is known of a model, and the names of its classes.",
                false,
                MODEL,
                this::one)
            .with(List.of(Parameter.path("name", "The model.")), Problem.NOT_FOUND));
  }

  private void all(Context request) {
    List<Map<String, Object>> told = models.names().stream()
        .map(name -> {
          try (ModelLease model = models.lease(name)) {
            return model.fields();
          }
        })
        .toList();
    request.json(Map.of("models", told));
  }

  private void one(Context request) {
    try (ModelLease model = models.lease(request.pathParam("name"))) {
      Map<String, Object> told = new LinkedHashMap<>(model.fields());
      told.put("classNames", model.classifier().classNames());
      request.json(told);
    }
  }
}
