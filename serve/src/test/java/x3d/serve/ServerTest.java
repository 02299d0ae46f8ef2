package x3d.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.classify.Classification;
import x3d.classify.Classifier;
import x3d.classify.SmallModel;
import x3d.classify.Views;
import x3d.runtime.Device;
import x3d.serve.upload.Limits;

final class ServerTest {
  private static final int MOST = 200_000;
  private static final String BOUNDARY = "a-boundary";

  @TempDir
  static Path folder;

  static Path uploads;
  static Path video;
  static Server server;
  static final HttpClient CLIENT = HttpClient.newHttpClient();

  @BeforeAll
  static void start() throws IOException {
    uploads = Files.createDirectory(folder.resolve("uploads"));
    video = SmallModel.video("part_0.mp4", folder);
    server = Server.start(options(SmallModel.writeTo(folder), uploads));
  }

  private static ServerOptions options(Path model, Path place) {
    return ServerOptions.of(model, List.of(Device.cpu(1)))
        .with(Limits.USUAL.withBytes(MOST))
        .with(place);
  }

  @AfterAll
  static void stop() {
    server.close();
    assertTrue(Files.notExists(uploads) || filesIn(uploads) == 0);
  }

  @AfterEach
  void noUploadIsLeftBehind() {
    assertEquals(0, filesIn(uploads));
  }

  private static long filesIn(Path place) {
    try (Stream<Path> found = Files.walk(place)) {
      return found
          .filter(Files::isRegularFile)
          .filter(file -> !file.getFileName().toString().equals(".lock"))
          .count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HttpRequest request(String path, String type, BodyPublisher body) {
    HttpRequest.Builder request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.port() + path))
        .POST(body);
    if (!type.isEmpty()) {
      request.header("Content-Type", type);
    }
    return request.build();
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    return CLIENT.send(request, BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String query, String type, byte[] body)
      throws Exception {
    return send(request("/v1/classify" + query, type, BodyPublishers.ofByteArray(body)));
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
        .build());
  }

  private static JsonNode json(HttpResponse<String> response) throws IOException {
    assertEquals(
        response.statusCode() < 400 ? "application/json" : "application/problem+json",
        response.headers().firstValue("Content-Type").orElse("").split(";")[0]);
    return new ObjectMapper().readTree(response.body());
  }

  private static void assertRefused(int status, String words, HttpResponse<String> response)
      throws IOException {
    assertEquals(status, response.statusCode(), response.body());
    JsonNode answer = json(response);
    List<String> names = new ArrayList<>();
    answer.fieldNames().forEachRemaining(names::add);
    assertEquals(List.of("type", "title", "status", "detail", "instance", "error"), names);
    assertEquals(status, answer.get("status").asInt());
    assertEquals(
        response.headers().firstValue("X-Request-Id").orElse(""),
        answer.get("instance").asText());
    assertEquals(answer.get("error"), answer.get("detail"));
    assertTrue(answer.get("detail").asText().contains(words), response.body());
  }

  private static byte[] multipart(String field, byte[] content) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + field
            + "\"; filename=\"clip.mp4\"\r\nContent-Type: video/mp4\r\n\r\n")
        .getBytes(StandardCharsets.UTF_8));
    body.writeBytes(content);
    body.writeBytes(("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
    return body.toByteArray();
  }

  private static HttpResponse<String> postMultipart(String query, String field, byte[] content)
      throws Exception {
    return post(query, "multipart/form-data; boundary=" + BOUNDARY, multipart(field, content));
  }

  @Test
  void rawBytesAreAnsweredAsTheClassifierAnswers() throws Exception {
    JsonNode answer = json(post("?top=2&views=4&crops=3", "video/mp4", Files.readAllBytes(video)));
    try (Classifier classifier = Classifier.open(folder.resolve("small.onnx"), Device.cpu(1))) {
      Classification expected = classifier.classify(video, new Views(4, 3));
      assertEquals(2, answer.get("top").size());
      for (int i = 0; i < 2; i++) {
        JsonNode ranked = answer.get("top").get(i);
        assertEquals(expected.top(2).get(i).label(), ranked.get("label").asInt());
        assertEquals(expected.top(2).get(i).name(), ranked.get("name").asText());
        assertEquals(
            expected.top(2).get(i).probability(), ranked.get("probability").floatValue());
      }
    }
  }

  @Test
  void answerHasTheDocumentedFieldsInOrder() throws Exception {
    JsonNode answer = json(post("", "application/octet-stream", Files.readAllBytes(video)));
    List<String> names = new ArrayList<>();
    answer.fieldNames().forEachRemaining(names::add);
    assertEquals(
        List.of(
            "frames",
            "fps",
            "views",
            "crops",
            "top",
            "decodeMs",
            "inferenceMs",
            "model",
            "modelVersion"),
        names);
    assertEquals(32, answer.get("frames").asInt());
    assertEquals(30, answer.get("fps").asDouble());
    assertEquals(3, answer.get("views").asInt());
    assertEquals(5, answer.get("top").size());
  }

  @Test
  void multipartFieldIsAnsweredAsRawBytesAre() throws Exception {
    byte[] bytes = Files.readAllBytes(video);
    HttpResponse<String> response = postMultipart("", "video", bytes);
    assertEquals(200, response.statusCode(), response.body());
    assertEquals(json(post("", "video/mp4", bytes)).get("top"), json(response).get("top"));
  }

  @Test
  void multipartWithoutTheFieldIsABadRequest() throws Exception {
    assertRefused(400, "no field 'video'", postMultipart("", "movie", Files.readAllBytes(video)));
  }

  @Test
  void brokenMultipartIsABadRequest() throws Exception {
    byte[] cut = "--a-boundary\r\nContent-Disposition: form-data; name=\"video\"\r\n\r\nabc"
        .getBytes(StandardCharsets.UTF_8);
    assertRefused(400, "multipart", post("", "multipart/form-data; boundary=" + BOUNDARY, cut));
    assertRefused(400, "multipart", post("", "multipart/form-data", cut));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/json",
        "image/png",
        "application/x-www-form-urlencoded",
        ""
      })
  void otherMediaAreUnsupported(String type) throws Exception {
    assertRefused(
        415, "multipart/form-data", post("", type, "hello".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void whatIsNoVideoCannotBeProcessed() throws Exception {
    byte[] text = "this is no video at all".getBytes(StandardCharsets.UTF_8);
    assertRefused(422, "video", post("", "video/mp4", text));
    assertRefused(422, "video", postMultipart("", "video", text));
  }

  @Test
  void corruptedVideoCannotBeProcessedAndTheReasonNamesNoFileOfTheServer() throws Exception {
    byte[] corrupted = Files.readAllBytes(SmallModel.video("corrupted.mp4", folder));
    HttpResponse<String> response = post("", "video/mp4", corrupted);
    assertRefused(422, "pictures are broken", response);
    assertFalse(response.body().contains("upload"), response.body());
  }

  @Test
  void emptyBodyIsABadRequest() throws Exception {
    assertRefused(400, "empty", post("", "video/mp4", new byte[0]));
    assertRefused(400, "empty", postMultipart("", "video", new byte[0]));
  }

  @Test
  void largerVideosThanAllowedAreTooLarge() throws Exception {
    assertRefused(413, Integer.toString(MOST), post("", "video/mp4", new byte[MOST + 1]));
    assertRefused(413, Integer.toString(MOST), postMultipart("", "video", new byte[MOST + 1]));
    assertRefused(413, Integer.toString(MOST), postMultipart("", "video", new byte[3 * MOST]));
  }

  @Test
  void aRefusalReachesAClientThatIsStillSending() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertRefused(413, Integer.toString(MOST), post("", "video/mp4", new byte[16 << 20]));
      assertRefused(415, "multipart/form-data", post("", "text/plain", new byte[16 << 20]));
    }
  }

  @Test
  void largerVideosThanAllowedAreTooLargeWithoutAnAnnouncedLengthToo() throws Exception {
    BodyPublisher chunked = BodyPublishers.ofByteArrays(Collections.nCopies(3, new byte[MOST / 2]));
    assertRefused(413, Integer.toString(MOST), send(request("/v1/classify", "video/mp4", chunked)));
    byte[] body = multipart("video", new byte[2 * MOST]);
    assertRefused(
        413,
        Integer.toString(MOST),
        send(request(
            "/v1/classify",
            "multipart/form-data; boundary=" + BOUNDARY,
            BodyPublishers.ofByteArrays(List.of(body)))));
  }

  @ParameterizedTest
  @CsvSource({
    "?top=0, top",
    "?top=many, top",
    "?views=0, views",
    "?views=101, views",
    "?views=1.5, views",
    "?crops=2, crops",
    "?crops=4, crops",
    "?veiws=3, veiws"
  })
  void badQueriesAreBadRequests(String query, String named) throws Exception {
    assertRefused(400, named, post(query, "video/mp4", Files.readAllBytes(video)));
  }

  @Test
  void unknownPathsAndMethodsAreJsonToo() throws Exception {
    assertRefused(404, "/nothing", get("/nothing"));
    assertRefused(405, "POST", get("/v1/classify"));
  }

  @Test
  void healthNamesTheModel() throws Exception {
    HttpResponse<String> response = get("/healthz");
    assertEquals(200, response.statusCode());
    assertEquals("ok", json(response).get("status").asText());
    assertEquals("small.onnx", json(response).get("model").asText());
    assertEquals(7, json(response).get("classes").asInt());
  }

  @Test
  void simultaneousRequestsAreAllAnsweredAlike() throws Exception {
    byte[] bytes = Files.readAllBytes(video);
    List<CompletableFuture<HttpResponse<String>>> running = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      running.add(CLIENT.sendAsync(
          request("/v1/classify?views=2", "video/mp4", BodyPublishers.ofByteArray(bytes)),
          BodyHandlers.ofString()));
    }
    JsonNode first = json(running.get(0).get()).get("top");
    for (CompletableFuture<HttpResponse<String>> one : running) {
      assertEquals(200, one.get().statusCode());
      assertEquals(first, json(one.get()).get("top"));
    }
  }

  @Test
  void requestsThatAreBeingWorkedOnAreAnsweredBeforeClosing() throws Exception {
    Path own = Files.createDirectory(folder.resolve("grace"));
    Path demo = SmallModel.video("demo.mp4", folder);
    Server closing = Server.start(options(folder.resolve("small.onnx"), own)
        .with(Limits.USUAL)
        .with(ServerOptions.Work.USUAL.withConcurrency(1)));
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + closing.port() + "/v1/classify?views=100&crops=3"))
        .header("Content-Type", "video/mp4")
        .POST(BodyPublishers.ofFile(demo))
        .build();
    CompletableFuture<HttpResponse<String>> running =
        CLIENT.sendAsync(request, BodyHandlers.ofString());
    while (filesIn(own) == 0) {
      Thread.onSpinWait();
    }
    closing.close();
    assertEquals(200, running.get().statusCode(), running.get().body());
  }

  @Test
  void closingFreesThePortAndTheUploads() throws Exception {
    Path own = Files.createDirectory(folder.resolve("own"));
    Server first = Server.start(options(folder.resolve("small.onnx"), own));
    int port = first.port();
    first.close();
    new ServerSocket(port).close();
    assertEquals(0, filesIn(own));
  }
}
