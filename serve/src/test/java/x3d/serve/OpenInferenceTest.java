package x3d.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.SmallModel;
import x3d.runtime.Device;
import x3d.video.ClipTransform;
import x3d.video.CropPosition;
import x3d.video.Normalization;
import x3d.video.TemporalSampling;
import x3d.video.Video;

final class OpenInferenceTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String INFER = "/v2/models/small/infer";

  @TempDir
  static Path folder;

  /** Two views of a video, [2, 3, 4, 32, 32], and what the server says of each when it gets the video. */
  static FloatBuffer clips;

  static float[] expected;
  static Server server;
  static Asking ask;

  @BeforeAll
  static void start() throws Exception {
    server = Server.start(ServerOptions.of(SmallModel.writeTo(folder), List.of(Device.cpu(1))));
    ask = new Asking(server);
    Path file = SmallModel.video("part_0.mp4", folder);
    clips = FloatBuffer.allocate(2 * 3 * 4 * 32 * 32);
    try (Video video = Video.open(file)) {
      video.readClips(
          TemporalSampling.views(video.info().frames(), video.info().fps(), 4, 2, 30, 2),
          List.of(ClipTransform.of(
              36,
              32,
              CropPosition.CENTER,
              new Normalization(
                  new float[] {0.45f, 0.45f, 0.45f}, new float[] {0.225f, 0.225f, 0.225f}))),
          clips);
    }
    JsonNode views = Asking.json(
            200,
            ask.post(
                "/v1/classify?views=2&crops=1&perView=true", "video/mp4", Files.readAllBytes(file)))
        .get("perView");
    expected = new float[14];
    for (int i = 0; i < 14; i++) {
      expected[i] = views.get(i / 7).get("probabilities").get(i % 7).floatValue();
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String request(String shape, String data, String more) {
    return "{\"id\": \"7\", \"inputs\": [{\"name\": \"clips\", \"shape\": " + shape
        + ", \"datatype\": \"FP32\", " + data + "}]" + more + "}";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static JsonNode infer(int status, String body) throws Exception {
    return Asking.json(status, ask.post(INFER, "application/json", bytes(body)));
  }

  private static float[] floats(JsonNode data) {
    float[] values = new float[data.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = data.get(i).floatValue();
    }
    return values;
  }

  @Test
  void flatClipsAreAnsweredAsTheVideoIs() throws Exception {
    String data = "\"data\": " + Arrays.toString(clips.array());
    JsonNode answer = infer(200, request("[2, 3, 4, 32, 32]", data, ""));
    assertEquals("small", answer.get("model_name").asText());
    assertEquals("1", answer.get("model_version").asText());
    assertEquals("7", answer.get("id").asText());
    JsonNode output = answer.get("outputs").get(0);
    assertEquals("probabilities", output.get("name").asText());
    assertEquals("FP32", output.get("datatype").asText());
    assertEquals("[2,7]", output.get("shape").toString());
    assertArrayEquals(expected, floats(output.get("data")));
  }

  @Test
  void nestedClipsAreTheSame() throws Exception {
    float[][] rows = new float[2 * 3 * 4 * 32][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(clips.array(), 32 * i, 32 * i + 32);
    }
    String data = "\"data\": [" + Arrays.deepToString(rows) + "]";
    JsonNode output =
        infer(200, request("[2, 3, 4, 32, 32]", data, "")).get("outputs").get(0);
    assertArrayEquals(expected, floats(output.get("data")));
  }

  @Test
  void binaryClipsAreAnsweredInBinary() throws Exception {
    byte[] head = bytes(request(
        "[2, 3, 4, 32, 32]",
        "\"parameters\": {\"binary_data_size\": " + 4 * clips.capacity() + "}",
        ", \"outputs\": [{\"name\": \"probabilities\", \"parameters\": {\"binary_data\": true}}]"));
    ByteBuffer body = ByteBuffer.allocate(head.length + 4 * clips.capacity())
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(head);
    for (float value : clips.array()) {
      body.putFloat(value);
    }
    HttpResponse<byte[]> response = Asking.CLIENT.send(
        ask.to(INFER)
            .header("Content-Type", "application/octet-stream")
            .header("Inference-Header-Content-Length", Integer.toString(head.length))
            .POST(BodyPublishers.ofByteArray(body.array()))
            .build(),
        BodyHandlers.ofByteArray());
    assertEquals(200, response.statusCode());
    int length = Integer.parseInt(
        response.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
    JsonNode output = JSON.readTree(response.body(), 0, length).get("outputs").get(0);
    assertEquals(56, output.get("parameters").get("binary_data_size").asInt());
    float[] actual = new float[14];
    ByteBuffer.wrap(response.body(), length, 56)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(actual);
    assertArrayEquals(expected, actual);
  }

  @Test
  void whatIsWrongIsSaid() throws Exception {
    String[][] wrong = {
      {"{", "malformed"},
      {"[]", "a JSON object"},
      {"{}", "needs an input 'clips'"},
      {request("[1, 3, 4, 32, 32]", "\"data\": [1, 2]", ""), "has 2 values"},
      {request("[0, 3, 4, 32, 32]", "\"data\": []", ""), "has 0 values"},
      {request("[1, 3, 5, 32, 32]", "\"data\": [1]", ""), "it must be [n, 3, T, S, S]"},
      {request("[1, 3, 4, 32, 32]", "\"data\": [\"a\"]", ""), "must hold numbers"},
      {request("[1, 3, 4, 32, 32]", "\"data\": [1]", "").replace("FP32", "FP16"), "not FP16"},
      {request("[1, 3, 4, 32, 32]", "\"data\": [1]", "").replace("clips", "x"), "not 'x'"}
    };
    for (String[] one : wrong) {
      String detail = infer(400, one[0]).get("detail").asText();
      assertTrue(detail.contains(one[1]), detail);
    }
    Asking.json(404, ask.post("/v2/models/none/infer", "application/json", bytes("{}")));
  }

  @Test
  void serverAndModelTellOfThemselves() throws Exception {
    assertEquals("x3d-serve", Asking.json(200, ask.get("/v2")).get("name").asText());
    assertTrue(Asking.json(200, ask.get("/v2/health/live")).get("live").asBoolean());
    assertTrue(Asking.json(200, ask.get("/v2/health/ready")).get("ready").asBoolean());
    assertTrue(Asking.json(200, ask.get("/v2/models/small/ready")).get("ready").asBoolean());
    JsonNode model = Asking.json(200, ask.get("/v2/models/small"));
    assertEquals("[-1,3,4,32,32]", model.get("inputs").get(0).get("shape").toString());
    assertEquals("[-1,7]", model.get("outputs").get(0).get("shape").toString());
  }
}
