package x3d.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import x3d.classify.SmallModel;

/** A server in a process of its own and what people may send to it who mean it no good. */
final class AbuseTest {
  /** That an answer may take; the server waits 1.5 s for bytes that do not come. */
  private static final long DEADLINE_NANOS = 8_000_000_000L;

  private static final long MOST_GROWTH = 200L << 20;

  @TempDir
  static Path folder;

  static Path uploads;
  static byte[] video;
  static HostileVideos videos;
  static ServerProcess server;
  static Asking ask;
  static HttpServer elsewhere;
  static final AtomicInteger FETCHED = new AtomicInteger();
  static long memory;

  @BeforeAll
  static void start() throws Exception {
    uploads = Files.createDirectory(folder.resolve("uploads"));
    video = Files.readAllBytes(SmallModel.video("part_0.mp4", folder));
    elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    elsewhere.createContext("/", exchange -> {
      FETCHED.incrementAndGet();
      exchange.sendResponseHeaders(200, video.length);
      exchange.getResponseBody().write(video);
      exchange.close();
    });
    elsewhere.start();
    videos = hostileVideos();
    server = ServerProcess.start(
        folder.resolve("log"),
        SmallModel.writeTo(folder),
        uploads,
        "--idle-timeout",
        "1.5",
        "--max-upload",
        "4",
        "--timeout",
        "20",
        "--max-decode",
        "3");
    ask = server.ask();
    Asking.json(200, ask.post("/v1/classify", "video/mp4", video));
    memory = server.memory();
  }

  private static HostileVideos hostileVideos() throws Exception {
    return new HostileVideos(
        video,
        Files.readAllBytes(SmallModel.video("test.avi", folder)),
        SmallModel.video("part_0.mp4", folder).toString(),
        "http://127.0.0.1:" + elsewhere.getAddress().getPort() + "/clip.mp4");
  }

  @AfterAll
  static void stop() throws Exception {
    try {
      long now = server.memory();
      assertTrue(
          now - memory < MOST_GROWTH,
          "memory grew from " + (memory >> 20) + " to " + (now >> 20) + " MiB");
    } finally {
      server.close();
      elsewhere.stop(0);
    }
  }

  @AfterEach
  void theServerIsWellAndNothingIsLeft() throws Exception {
    assertEquals(
        32,
        Asking.json(200, ask.post("/v1/classify?views=1", "video/mp4", video))
            .get("frames")
            .asInt());
    long deadline = System.nanoTime() + DEADLINE_NANOS;
    while (!ServerProcess.left(uploads).isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(20); // the answer is there a moment before the file is gone
    }
    assertEquals(List.of(), ServerProcess.left(uploads));
    assertEquals(0, FETCHED.get());
    assertFalse(server.log().contains(" failed\n"), server.log());
  }

  static Stream<Arguments> refusedVideos() throws Exception {
    return videos.refused().entrySet().stream()
        .map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedVideos")
  void whatIsNoVideoIsRefused(String name, byte[] bytes) throws Exception {
    long began = System.nanoTime();
    HttpResponse<String> raw = ask.post("/v1/classify?views=1", "video/mp4", bytes);
    assertTrue(List.of(400, 422).contains(raw.statusCode()), raw.statusCode() + raw.body());
    assertTrue(System.nanoTime() - began < DEADLINE_NANOS);
    assertFalse(raw.body().contains(folder.toString()), raw.body());
    HttpResponse<String> form = ask.postAll("/v1/classify?views=1", Map.of(name, bytes));
    assertEquals(raw.statusCode(), form.statusCode(), form.body());
  }

  static Stream<Arguments> survivedVideos() {
    return videos.survived().entrySet().stream()
        .map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("survivedVideos")
  void tablesThatLieAreRefusedOrSeenThrough(String name, byte[] bytes) throws Exception {
    long began = System.nanoTime();
    HttpResponse<String> answer = ask.post("/v1/classify?views=1", "video/mp4", bytes);
    assertTrue(List.of(200, 422).contains(answer.statusCode()), answer.body());
    if (answer.statusCode() == 200) {
      int frames = Asking.json(200, answer).get("frames").asInt();
      assertTrue(frames > 0 && frames <= 400, name + " has " + frames + " frames");
    }
    assertTrue(System.nanoTime() - began < DEADLINE_NANOS);
  }

  static Stream<HostileRequests.Request> requests() {
    return new HostileRequests(video).all().stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void brokenRequestsAreRefused(HostileRequests.Request request) throws Exception {
    long began = System.nanoTime();
    RawAnswer answer = RawAnswer.to(server.port(), request.bytes());
    assertTrue(
        request.allowed().contains(answer.status()), () -> answer.status() + ": " + answer.text());
    assertTrue(System.nanoTime() - began < DEADLINE_NANOS);
    assertFalse(answer.text().contains("root:"), answer.text());
    assertFalse(answer.text().contains("Exception"), answer.text());
  }

  private static Socket begin(String type, int announced, int sent) throws Exception {
    Socket socket = new Socket("127.0.0.1", server.port());
    socket
        .getOutputStream()
        .write(("POST /v1/classify?views=1 HTTP/1.1\r\nHost: x\r\nContent-Type: " + type
                + "\r\nContent-Length: " + announced + "\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().write(video, 0, sent);
    socket.getOutputStream().flush();
    return socket;
  }

  @Test
  void clientsThatLeaveWhileTheySendAreForgotten() throws Exception {
    String gone = "x3d_rejected_total{reason=\"client-gone\"}";
    double before = ask.metric(gone);
    for (int sent : new int[] {0, 1, 70_000, video.length - 1}) {
      begin("video/mp4", video.length, sent).close();
    }
    new Socket("127.0.0.1", server.port()).close();
    until(gone, before + 4);
    assertEquals(0, ask.metric("x3d_in_flight"));
  }

  @Test
  void clientsThatSendBytesOneByOneAreRefused() throws Exception {
    long began = System.nanoTime();
    try (Socket socket = begin("video/mp4", video.length, 10)) {
      Thread drip = new Thread(() -> {
        try {
          while (true) {
            Thread.sleep(100);
            socket.getOutputStream().write(0);
          }
        } catch (IOException | InterruptedException e) {
          // refused at last
        }
      });
      drip.setDaemon(true);
      drip.start();
      RawAnswer answer = RawAnswer.read(socket);
      assertEquals(408, answer.status(), answer.text());
      assertTrue(answer.text().contains("less than 16384 bytes a second"), answer.text());
      assertTrue(System.nanoTime() - began > 5_000_000_000L);
    }
  }

  @Test
  void clientsThatSendNothingDoNotKeepOthersFromBeingAnswered() throws Exception {
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 300; i++) { // more than the server has threads, and most of them refused
        silent.add(begin(i % 2 == 0 ? "video/mp4" : "text/plain", video.length, 100));
      }
      for (int i = 0; i < 5; i++) {
        long began = System.nanoTime();
        Asking.json(200, ask.get("/healthz"));
        long millis = (System.nanoTime() - began) / 1_000_000;
        assertTrue(millis < 1000, millis + " ms for an answer");
      }
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
    until("x3d_in_flight", 0);
  }

  private static void until(String metric, double value) throws Exception {
    long deadline = System.nanoTime() + DEADLINE_NANOS;
    while (ask.metric(metric) != value) {
      assertTrue(System.nanoTime() < deadline, metric + " is " + ask.metric(metric));
      Thread.sleep(20);
    }
  }
}
