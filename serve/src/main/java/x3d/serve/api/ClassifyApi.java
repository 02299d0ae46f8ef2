package x3d.serve.api;

import static x3d.serve.http.Schema.array;
import static x3d.serve.http.Schema.object;
import static x3d.serve.http.Schema.of;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import x3d.classify.Classification;
import x3d.serve.admission.Admission;
import x3d.serve.http.Listener;
import x3d.serve.http.Problem;
import x3d.serve.http.Refusal;
import x3d.serve.http.Route;
import x3d.serve.http.Route.Parameter;
import x3d.serve.http.Schema;
import x3d.serve.model.ModelLease;
import x3d.serve.model.Models;
import x3d.serve.ops.Metrics;
import x3d.serve.upload.Limits;
import x3d.serve.upload.ReceivedVideo;
import x3d.serve.upload.Receiver;
import x3d.serve.upload.Upload;
import x3d.video.VideoException;

/** What videos show: {@code POST /v1/classify} and {@code POST /v1/models/{name}/classify}. */
public final class ClassifyApi {
  private static final Schema RANKED =
      object("label", of("integer"), "name", of("string"), "probability", of("number"));
  private static final Schema VIEW = object(
      "view", of("integer"),
      "crop", of("integer"),
      "startSeconds", of("number"),
      "endSeconds", of("number"),
      "top", array(RANKED),
      "probabilities", array(of("number")));
  private static final Schema ANSWER = object(
          "frames", of("integer"),
          "fps", of("number"),
          "views", of("integer"),
          "crops", of("integer"),
          "top", array(RANKED),
          "decodeMs", of("integer"),
          "inferenceMs", of("integer"),
          "perView", array(VIEW),
          "video", of("string"),
          "error", of("string"),
          "model", of("string"),
          "modelVersion", of("integer"))
      .requiring();
  private static final Schema ANSWERS =
      object("results", array(ANSWER), "model", of("string"), "modelVersion", of("integer"));
  private static final Map<String, Schema> BODIES = Map.of(
      "multipart/form-data", object("video", array(Schema.binary())),
      "video/*", Schema.binary(),
      "application/octet-stream", Schema.binary(),
      "application/json", object("url", of("string")));
  private static final Problem[] PROBLEMS = {
    Problem.BAD_REQUEST,
    Problem.FORBIDDEN_URL,
    Problem.NOT_FOUND,
    Problem.SLOW_UPLOAD,
    Problem.TOO_LARGE,
    Problem.UNSUPPORTED_MEDIA,
    Problem.UNUSABLE_VIDEO,
    Problem.UNREACHABLE_URL,
    Problem.QUEUE_FULL,
    Problem.DEADLINE_EXCEEDED
  };
  private static final String MODEL = "model";

  private final Models models;
  private final Admission admission;
  private final Receiver receiver;
  private final Limits limits;
  private final Times times;
  private final Metrics metrics;

  public ClassifyApi(
      Models models,
      Admission admission,
      Receiver receiver,
      Limits limits,
      Times times,
      Metrics metrics) {
    this.models = models;
    this.admission = admission;
    this.receiver = receiver;
    this.limits = limits;
    this.times = times;
    this.metrics = metrics;
  }

  public List<Route> routes() {
    List<Parameter> chosen = new ArrayList<>(Question.PARAMETERS);
    chosen.add(Parameter.query(MODEL, "The model to ask. Default: the first.", of("string")));
    chosen.add(Times.PARAMETER);
    List<Parameter> named = new ArrayList<>(Question.PARAMETERS);
    named.add(Parameter.path("name", "The model to ask."));
    named.add(Times.PARAMETER);
    return List.of(
        route("/v1/classify", "classify", "Say what a video shows.", chosen, request -> {
          String asked = request.queryParam(MODEL);
          classify(request, asked == null ? models.defaultName() : asked, Set.of(MODEL));
        }),
        route(
            "/v1/models/{name}/classify",
            "classifyWith",
            "Say what a video shows, by one of the models.",
            named,
            request -> classify(request, request.pathParam("name"), Set.of())));
  }

  private static Route route(
      String path,
      String id,
      String summary,
      List<Parameter> parameters,
      io.javalin.http.Handler handler) {
    return new Route(
        HandlerType.POST,
        path,
        id,
        summary,
        false,
        parameters,
        BODIES,
        Map.of("application/json", Schema.either(ANSWER, ANSWERS)),
        List.of(PROBLEMS),
        handler);
  }

  private void classify(Context request, String name, Set<String> others)
      throws IOException, InterruptedException {
    Duration time = times.of(request);
    try (ModelLease model = models.lease(name)) {
      Question question = Question.of(request, model.classifier(), others);
      try (Admission.Place place = admission.enter(time, () -> Listener.clientGone(request.req()));
          Upload upload = receiver.videos(request, place)) {
        place.awaitTurn();
        request.json(answer(model, question, upload.videos(), place));
      }
    }
  }

  private Map<String, Object> answer(
      ModelLease model, Question question, List<ReceivedVideo> videos, Admission.Place place) {
    Map<String, Object> answer;
    if (videos.size() == 1) {
      try {
        answer = fields(model, question, videos.get(0), place);
      } catch (VideoException e) {
        throw new Refusal(Problem.UNUSABLE_VIDEO, "not a video that can be used: " + reason(e));
      }
    } else {
      answer = new LinkedHashMap<>();
      answer.put(
          "results",
          videos.stream().map(video -> result(model, question, video, place)).toList());
    }
    answer.put("model", model.name());
    answer.put("modelVersion", model.version());
    return answer;
  }

  /** One of several videos costs itself only. */
  private Map<String, Object> result(
      ModelLease model, Question question, ReceivedVideo video, Admission.Place place) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("video", video.name());
    try {
      result.putAll(fields(model, question, video, place));
    } catch (VideoException e) {
      result.put("error", reason(e));
    }
    return result;
  }

  private Map<String, Object> fields(
      ModelLease model, Question question, ReceivedVideo video, Admission.Place place)
      throws VideoException {
    Classification seen =
        model.classifier().classify(video.path(), question.views(), limits.video(place::check));
    metrics.classified(
        model.name(),
        Duration.ofMillis(seen.decodeMillis()),
        Duration.ofMillis(seen.inferenceMillis()),
        seen.perView().size());
    Map<String, Object> fields = seen.fields(question.top());
    if (question.perView()) {
      fields.put("perView", seen.viewFields(question.top()));
    }
    return fields;
  }

  /** The message without the file's name, which is the server's own. */
  private static String reason(VideoException failure) {
    String name = failure.video().getFileName() + ": ";
    String message = failure.getMessage();
    return message.startsWith(name) ? message.substring(name.length()) : message;
  }
}
