package x3d.serve.api;

import static x3d.serve.http.Schema.array;
import static x3d.serve.http.Schema.object;
import static x3d.serve.http.Schema.of;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import x3d.classify.Classifier;
import x3d.classify.Views;
import x3d.cli.Program;
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

/**
 * The Open Inference Protocol, version 2, which KServe and Triton speak: clips that the client has made itself, to the
 * probabilities of each. With its binary extension ({@code binary_tensor_data}).
 */
public final class OpenInferenceApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String HEAD = "Inference-Header-Content-Length";

  /** As many as one request for a video looks at with SlowFast's largest test. */
  private static final int MOST_CLIPS = 30;

  private static final int MOST_HEAD = 64 * 1024;
  private static final Schema TENSOR =
      object("name", of("string"), "datatype", of("string"), "shape", array(of("integer")));
  private static final Schema DATA = object(
          "name", of("string"),
          "datatype", of("string"),
          "shape", array(of("integer")),
          "parameters", of("object"),
          "data", of("array"))
      .requiring("name", "datatype", "shape");

  private final Models models;
  private final Admission admission;
  private final Receiver receiver;
  private final Limits limits;
  private final Times times;
  private final Metrics metrics;

  public OpenInferenceApi(
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
    Parameter name = Parameter.path("name", "The model.");
    return List.of(
        Route.get(
            "/v2",
            "serverMetadata",
            "What this server is, by the Open Inference Protocol.",
            true,
            object(
                "name", of("string"), "version", of("string"), "extensions", array(of("string"))),
            request -> request.json(serverFields())),
        Route.get(
            "/v2/health/live",
            "serverLive",
            "Whether the server lives.",
            true,
            object("live", of("boolean")),
            request -> request.json(Map.of("live", true))),
        Route.get(
                "/v2/health/ready",
                "serverReady",
                "Whether the server takes requests.",
                true,
                object("ready", of("boolean")),
                request -> {
                  admission.requireOpen();
                  request.json(Map.of("ready", true));
                })
            .with(List.of(), Problem.DRAINING),
        Route.get(
                "/v2/models/{name}",
                "modelMetadata",
                "The tensors of a model.",
                false,
                object(
                    "name", of("string"),
                    "versions", array(of("string")),
                    "platform", of("string"),
                    "inputs", array(TENSOR),
                    "outputs", array(TENSOR)),
                this::metadata)
            .with(List.of(name), Problem.NOT_FOUND),
        Route.get(
                "/v2/models/{name}/ready",
                "modelReady",
                "Whether a model takes requests.",
                false,
                object("name", of("string"), "ready", of("boolean")),
                this::modelReady)
            .with(List.of(name), Problem.NOT_FOUND, Problem.DRAINING),
        infer(name));
  }

  private Route infer(Parameter name) {
    Schema body = object(
            "id", of("string"),
            "parameters", of("object"),
            "inputs", array(DATA),
            "outputs", array(of("object")))
        .requiring("inputs");
    Schema answer = object(
            "model_name", of("string"),
            "model_version", of("string"),
            "id", of("string"),
            "outputs", array(DATA))
        .requiring("model_name", "model_version", "outputs");
    return new Route(
        HandlerType.POST,
        "/v2/models/{name}/infer",
        "modelInfer",
        "The probabilities of clips that the client has made itself.",
        false,
        List.of(
            name,
            Times.PARAMETER,
            Parameter.header(
                HEAD,
                "How many bytes of the body are JSON, where values follow in binary.",
                Schema.whole(1, MOST_HEAD))),
        Map.of("application/json", body, "application/octet-stream", Schema.binary()),
        Map.of("application/json", answer, "application/octet-stream", Schema.binary()),
        List.of(
            Problem.BAD_REQUEST,
            Problem.NOT_FOUND,
            Problem.SLOW_UPLOAD,
            Problem.TOO_LARGE,
            Problem.QUEUE_FULL,
            Problem.DEADLINE_EXCEEDED),
        this::infer);
  }

  private static Map<String, Object> serverFields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", "x3d-serve");
    fields.put("version", Program.version());
    fields.put("extensions", List.of("binary_tensor_data"));
    return fields;
  }

  private void metadata(Context request) {
    try (ModelLease model = models.lease(request.pathParam("name"))) {
      Classifier classifier = model.classifier();
      long[] clip = classifier.shape(new Views(1, 1));
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("name", model.name());
      fields.put("versions", List.of(Integer.toString(model.version())));
      fields.put("platform", "onnxruntime_onnx");
      fields.put("inputs", List.of(tensor("clips", -1, clip)));
      fields.put("outputs", List.of(tensor("probabilities", -1, new long[] {
        classifier.classNames().size()
      })));
      request.json(fields);
    }
  }

  private static Map<String, Object> tensor(String name, long first, long[] others) {
    long[] shape = new long[others.length + 1];
    shape[0] = first;
    System.arraycopy(others, 0, shape, 1, others.length);
    Map<String, Object> tensor = new LinkedHashMap<>();
    tensor.put("name", name);
    tensor.put("datatype", "FP32");
    tensor.put("shape", shape);
    return tensor;
  }

  private void modelReady(Context request) {
    try (ModelLease model = models.lease(request.pathParam("name"))) {
      admission.requireOpen();
      request.json(Map.of("name", model.name(), "ready", true));
    }
  }

  private void infer(Context request) throws IOException, InterruptedException {
    Duration time = times.of(request);
    int head = headBytes(request);
    try (ModelLease model = models.lease(request.pathParam("name"));
        Admission.Place place = admission.enter(time, () -> Listener.clientGone(request.req()));
        ReceivedVideo body = receiver.whole(request, place)) {
      place.awaitTurn();
      Classifier classifier = model.classifier();
      InferRequest asked;
      try (InputStream in = new BufferedInputStream(Files.newInputStream(body.path()))) {
        asked = InferRequest.read(in, head, mostValues(classifier));
      }
      List<float[]> answers =
          classifier.probabilities(asked.clips(), views(classifier, asked), place::check);
      metrics.clips(model.name(), answers.size());
      answer(request, model, asked, answers);
    }
  }

  private static int headBytes(Context request) {
    String text = request.header(HEAD);
    if (text == null) {
      return -1;
    }
    try {
      int bytes = Integer.parseInt(text.strip());
      if (bytes >= 1 && bytes <= MOST_HEAD) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      // answered below
    }
    throw new Refusal(
        Problem.BAD_REQUEST,
        HEAD + " must be a number of bytes from 1 to " + MOST_HEAD + ", not '" + text + "'");
  }

  private int mostValues(Classifier classifier) {
    long most = Math.min(
        (long) MOST_CLIPS * classifier.clipSize(new Views(1, 3)), limits.bytes() / Float.BYTES);
    return (int) Math.min(most, Integer.MAX_VALUE - 8);
  }

  /** Whose clips have the shape that the client sends: those of one crop, or of three. */
  private static Views views(Classifier classifier, InferRequest asked) {
    long[] shape = asked.shape();
    for (int crops : new int[] {1, 3}) {
      Views views = new Views(1, crops);
      long[] clip = classifier.shape(views);
      if (shape.length == 5 && Arrays.equals(clip, 0, 4, shape, 1, 5)) {
        if (shape[0] < 1
            || shape[0] * classifier.clipSize(views) != asked.clips().capacity()) {
          throw new Refusal(
              Problem.BAD_REQUEST,
              "the input's shape is " + Arrays.toString(shape) + " and it has "
                  + asked.clips().capacity() + " values");
        }
        try {
          classifier.require(views);
        } catch (IllegalArgumentException e) {
          throw new Refusal(Problem.BAD_REQUEST, e.getMessage());
        }
        return views;
      }
    }
    throw new Refusal(
        Problem.BAD_REQUEST,
        "the input's shape is " + Arrays.toString(shape) + "; it must be [n, 3, T, S, S] with the"
            + " clip " + Arrays.toString(classifier.shape(new Views(1, 1))) + " or "
            + Arrays.toString(classifier.shape(new Views(1, 3))));
  }

  private static void answer(
      Context request, ModelLease model, InferRequest asked, List<float[]> answers)
      throws IOException {
    int classes = answers.get(0).length;
    Map<String, Object> output = tensor("probabilities", answers.size(), new long[] {classes});
    ByteBuffer values =
        ByteBuffer.allocate(answers.size() * classes * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    if (asked.binaryAnswer()) {
      for (float[] one : answers) {
        for (float value : one) {
          values.putFloat(value);
        }
      }
      output.put("parameters", Map.of("binary_data_size", values.capacity()));
    } else {
      float[] flat = new float[answers.size() * classes];
      for (int i = 0; i < answers.size(); i++) {
        System.arraycopy(answers.get(i), 0, flat, i * classes, classes);
      }
      output.put("data", flat);
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("model_name", model.name());
    fields.put("model_version", Integer.toString(model.version()));
    if (asked.id() != null) {
      fields.put("id", asked.id());
    }
    fields.put("outputs", List.of(output));
    if (!asked.binaryAnswer()) {
      request.json(fields);
      return;
    }
    byte[] head = JSON.writeValueAsBytes(fields);
    ByteBuffer body = ByteBuffer.allocate(head.length + values.capacity());
    body.put(head).put(values.flip());
    request.header(HEAD, Integer.toString(head.length));
    request.contentType("application/octet-stream").result(body.array());
  }
}
