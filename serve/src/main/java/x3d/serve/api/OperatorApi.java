package x3d.serve.api;

import static x3d.serve.http.Schema.of;

import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import x3d.serve.admission.Admission;
import x3d.serve.http.Problem;
import x3d.serve.http.Route;
import x3d.serve.http.Schema;
import x3d.serve.model.ModelLease;
import x3d.serve.model.Models;
import x3d.serve.ops.Metrics;

/** What those who run the server ask it: whether it lives, whether to send it requests, and its figures. */
public final class OperatorApi {
  private final Models models;
  private final Admission admission;
  private final Metrics metrics;

  public OperatorApi(Models models, Admission admission, Metrics metrics) {
    this.models = models;
    this.admission = admission;
    this.metrics = metrics;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(
            "/healthz",
            "health",
            "Whether the server lives.",
            true,
            Schema.object("status", of("string"), "model", of("string"), "classes", of("integer")),
            this::health),
        Route.get(
                "/readyz",
                "ready",
                "Whether the server takes requests: its models are loaded and have been tried, and it is"
                    + " not stopping.",
                true,
                Schema.object("status", of("string")),
                request -> {
                  admission.requireOpen(); // nothing is listened to before the models are there
                  request.json(Map.of("status", "ready"));
                })
            .with(List.of(), Problem.DRAINING),
        Route.get(
                "/metrics",
                "metrics",
                "Figures in Prometheus' text format.",
                false,
                of("string"),
                request -> request.contentType(Metrics.mediaType()).result(metrics.scrape()))
            .answering(Map.of("text/plain", of("string"))));
  }

  private void health(Context request) {
    try (ModelLease model = models.lease(models.defaultName())) {
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("status", "ok");
      answer.put("model", model.fileName());
      answer.put("classes", model.classifier().classNames().size());
      request.json(answer);
    }
  }
}
