package x3d.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.SmallModel;
import x3d.runtime.Device;
import x3d.serve.api.Times;
import x3d.serve.http.Listener;
import x3d.serve.upload.Limits;

/** A server that takes one request at a time and lets one wait. */
final class AdmissionTest {
  /** Takes seconds on any machine, longer than a connection may rest. */
  private static final String LONG = "/v1/classify?views=100&crops=3";

  @TempDir
  static Path folder;

  static Path model;
  static byte[] video;
  static Server server;
  static Asking ask;

  @BeforeAll
  static void start() throws Exception {
    video = Files.readAllBytes(SmallModel.video("demo.mp4", folder));
    model = SmallModel.writeTo(folder);
    Files.createDirectory(folder.resolve("uploads"));
    server = Server.start(options());
    ask = new Asking(server);
  }

  private static ServerOptions options() {
    return ServerOptions.of(model, List.of(Device.cpu(1)))
        .with(Listener.onPort(0).with(Duration.ofSeconds(2)))
        .with(folder.resolve("uploads"))
        .with(new ServerOptions.Work(
            1,
            1,
            new Times(Duration.ofSeconds(60), Duration.ofSeconds(100)),
            Duration.ofSeconds(30),
            Duration.ZERO));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    until("x3d_in_flight", 0);
    assertEquals(0, ask.metric("x3d_upload_bytes"));
    try (Stream<Path> left = Files.walk(folder.resolve("uploads"))) {
      assertEquals(
          List.of(".lock"),
          left.filter(Files::isRegularFile).map(f -> f.getFileName().toString()).toList());
    }
  }

  private static void until(String metric, double value) throws Exception {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (ask.metric(metric) != value) {
      assertTrue(System.nanoTime() < deadline, metric + " is not " + value + " after 20 s");
      Thread.sleep(20);
    }
  }

  private static Socket sendLong() {
    try {
      Socket socket = new Socket("127.0.0.1", server.port());
      socket
          .getOutputStream()
          .write(("POST " + LONG + " HTTP/1.1\r\nHost: x\r\nContent-Type:"
                  + " video/mp4\r\nContent-Length: " + video.length + "\r\n\r\n")
              .getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().write(video);
      socket.getOutputStream().flush();
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whoFindsNoPlaceIsToldAtOnceAndWorkOfThoseWhoLeaveEnds() throws Exception {
    double gone = ask.metric("x3d_rejected_total{reason=\"client-gone\"}");
    double views = ask.metric("x3d_views_total{model=\"small\"}");
    Socket working = sendLong();
    until("x3d_working", 1);
    Socket waiting = sendLong();
    until("x3d_queue_depth", 1);
    long start = System.nanoTime();
    HttpResponse<String> refused = ask.post("/v1/classify", "video/mp4", video);
    assertEquals(
        "Too many requests are waiting", Asking.json(503, refused).get("title").asText());
    assertTrue(Integer.parseInt(refused.headers().firstValue("Retry-After").orElse("0")) > 0);
    assertTrue(System.nanoTime() - start < 3_000_000_000L);
    waiting.close();
    working.close();
    until("x3d_in_flight", 0);
    assertEquals(gone + 2, ask.metric("x3d_rejected_total{reason=\"client-gone\"}"));
    assertEquals(1, ask.metric("x3d_rejected_total{reason=\"queue-full\"}"));
    assertEquals(views, ask.metric("x3d_views_total{model=\"small\"}"));
  }

  @Test
  void requestsEndWhenTheirTimeIsOver() throws Exception {
    long start = System.nanoTime();
    HttpResponse<String> late =
        Asking.send(ask.posting(LONG, "video/mp4", video).header("X-Request-Timeout", "0.3"));
    assertEquals(
        "the 0.3 s for this request are over",
        Asking.json(504, late).get("detail").asText());
    assertTrue(System.nanoTime() - start < 5_000_000_000L);
    for (String wrong : List.of("0", "-1", "soon", "101", "NaN")) {
      Asking.json(
          400,
          Asking.send(ask.posting(LONG, "video/mp4", video).header("X-Request-Timeout", wrong)));
    }
  }

  @Test
  void uploadsThatStopAreRefused() throws Exception {
    String answer = ask.raw("POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: video/mp4\r\n"
        + "Content-Length: 1000\r\n\r\nabc");
    assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
    assertTrue(answer.contains("slow-upload"), answer);
  }

  @Test
  void connectionsMayRestWhileTheirRequestsWaitAndAreWorkedOn() throws Exception {
    Duration idle = Duration.ofMillis(400);
    try (Server impatient = Server.start(options().with(Listener.onPort(0).with(idle)))) {
      Asking asking = new Asking(impatient);
      long start = System.nanoTime();
      List<CompletableFuture<HttpResponse<String>>> all = Stream.generate(
              () -> Asking.CLIENT.sendAsync(
                  asking
                      .posting("/v1/classify?views=100&crops=3", "video/mp4", video)
                      .build(),
                  BodyHandlers.ofString()))
          .limit(2)
          .toList();
      for (CompletableFuture<HttpResponse<String>> one : all) {
        assertEquals(200, one.get().statusCode(), one.get().body());
      }
      // The second was there all the time, for the first half of it without a turn.
      assertTrue(System.nanoTime() - start > 1.5 * idle.toNanos(), "too fast to tell");
    }
  }

  @Test
  void videosBeyondTheLimitsAreRefusedByWhatTheyAre() throws Exception {
    Limits small = new Limits(1 << 20, 1 << 20, 2, 1, 100, 250_000, 3600, 60);
    try (Server strict = Server.start(options().with(small))) {
      Asking asking = new Asking(strict);
      assertTrue(Asking.json(422, asking.post("/v1/classify", "video/mp4", video))
          .get("detail")
          .asText()
          .contains("more than the 100 pixels taken"));
      Asking.json(413, asking.post("/v1/classify", "video/mp4", new byte[(1 << 20) + 1]));
    }
  }

  @Test
  void whileStoppingNobodyIsLetInAndThoseInsideAreAnswered() throws Exception {
    Server stopping = Server.start(options());
    Asking asking = new Asking(stopping);
    Asking.json(200, asking.get("/readyz"));
    CompletableFuture<HttpResponse<String>> inside = Asking.CLIENT.sendAsync(
        asking.posting(LONG, "video/mp4", video).build(), BodyHandlers.ofString());
    while (asking.metric("x3d_working") < 1) {
      Thread.sleep(10);
    }
    CompletableFuture<Void> closed = CompletableFuture.runAsync(stopping::close);
    HttpResponse<String> ready = asking.get("/readyz");
    while (ready.statusCode() == 200) {
      ready = asking.get("/readyz");
    }
    assertEquals("draining", Asking.json(503, ready).get("type").asText().substring(16));
    Asking.json(503, asking.post("/v1/classify", "video/mp4", video));
    Asking.json(200, asking.get("/healthz"));
    assertEquals(200, inside.get().statusCode(), inside.get().body());
    closed.get();
  }
}
