package x3d.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.SmallModel;
import x3d.runtime.Device;

/** A server with keys, which fetches videos from one host. */
final class FrontTest {
  private static final String KEY = "a key of 26 characters now";

  @TempDir
  static Path folder;

  static byte[] video;
  static Path keys;
  static Server server;
  static Asking ask;
  static HttpServer elsewhere;

  @BeforeAll
  static void start() throws Exception {
    video = Files.readAllBytes(SmallModel.video("part_0.mp4", folder));
    keys = Files.writeString(folder.resolve("keys"), "# of the tests\n\nanother\n" + KEY + "\n");
    server = Server.start(ServerOptions.of(SmallModel.writeTo(folder), List.of(Device.cpu(1)))
        .with(new ServerOptions.Access(Optional.of(keys), Set.of("127.0.0.1"))));
    ask = new Asking(server);
    elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    elsewhere.createContext("/clip.mp4", exchange -> {
      exchange.sendResponseHeaders(200, video.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(video);
      }
    });
    elsewhere.createContext("/away", exchange -> {
      exchange
          .getResponseHeaders()
          .add("Location", "http://localhost:" + elsewhere.getAddress().getPort() + "/clip.mp4");
      exchange.sendResponseHeaders(302, -1);
      exchange.close();
    });
    elsewhere.start();
  }

  @AfterAll
  static void stop() {
    elsewhere.stop(0);
    server.close();
  }

  private static HttpResponse<String> askFor(String url) throws Exception {
    return Asking.send(ask.to("/v1/classify?views=1")
        .header("X-API-Key", KEY)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString("{\"url\": \"" + url + "\"}")));
  }

  @Test
  void onlyThoseWithAKeyAreAnswered() throws Exception {
    HttpResponse<String> none = ask.get("/v1/models");
    assertEquals(
        "urn:x3d:problem:unauthorized", Asking.json(401, none).get("type").asText());
    assertTrue(none.headers().firstValue("WWW-Authenticate").orElse("").startsWith("Bearer"));
    Asking.json(401, Asking.send(ask.to("/v1/models").header("X-API-Key", KEY + "x")));
    Asking.json(200, Asking.send(ask.to("/v1/models").header("X-API-Key", KEY)));
    Asking.json(200, Asking.send(ask.to("/v1/models").header("Authorization", "Bearer another")));
    Asking.json(401, ask.post("/v1/classify", "video/mp4", video));
    assertEquals(401, ask.get("/metrics").statusCode());
    for (String open : List.of("/healthz", "/readyz", "/v2/health/ready", "/openapi.json")) {
      Asking.json(200, ask.get(open));
    }
  }

  @Test
  void replacedKeysCountAndAFileWithoutAnyDoesNot() throws Exception {
    Path own = Files.writeString(folder.resolve("own"), "first\n");
    ServerOptions options = ServerOptions.of(folder.resolve("small.onnx"), List.of(Device.cpu(1)))
        .with(new ServerOptions.Access(Optional.of(own), Set.of()));
    try (Server other = Server.start(options)) {
      Asking asking = new Asking(other);
      Files.writeString(own, "# none\n");
      Files.writeString(own, "second key\n");
      int status;
      do {
        Thread.sleep(50);
        status = Asking.send(asking.to("/v1/models").header("X-API-Key", "second key"))
            .statusCode();
      } while (status == 401);
      assertEquals(200, status);
      Asking.json(401, Asking.send(asking.to("/v1/models").header("X-API-Key", "first")));
      Asking.json(
          415,
          Asking.send(asking
              .to("/v1/classify")
              .header("X-API-Key", "second key")
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString("{\"url\": \"http://127.0.0.1/\"}"))));
    }
  }

  @Test
  void videosAreFetchedFromListedHostsOnly() throws Exception {
    String here = "http://127.0.0.1:" + elsewhere.getAddress().getPort();
    assertEquals(32, Asking.json(200, askFor(here + "/clip.mp4")).get("frames").asInt());
    for (String forbidden : List.of(
        "file:///etc/passwd",
        "http://localhost/clip.mp4",
        "http://169.254.169.254/latest",
        "http://x@127.0.0.1/",
        "ftp://127.0.0.1/clip.mp4",
        here + "/away")) {
      assertEquals(
          "urn:x3d:problem:forbidden-url",
          Asking.json(403, askFor(forbidden)).get("type").asText(),
          forbidden);
    }
    Asking.json(502, askFor(here + "/missing.mp4"));
    Asking.json(400, askFor("http://[bad"));
  }

  @Test
  void idsOfRequestsAreKeptIfTheyAreHarmless() throws Exception {
    assertEquals(
        "abc-1",
        Asking.send(ask.to("/healthz").header("X-Request-Id", "abc-1"))
            .headers()
            .firstValue("X-Request-Id")
            .orElseThrow());
    assertNotEquals(
        "a b",
        Asking.send(ask.to("/healthz").header("X-Request-Id", "a b"))
            .headers()
            .firstValue("X-Request-Id")
            .orElseThrow());
  }

  @Test
  void answersTellBrowsersWhatNotToDo() throws Exception {
    for (HttpResponse<String> response : List.of(ask.get("/healthz"), ask.get("/nothing"))) {
      for (Map.Entry<String, String> header : Map.of(
              "X-Content-Type-Options", "nosniff",
              "X-Frame-Options", "DENY",
              "Referrer-Policy", "no-referrer",
              "Cache-Control", "no-store",
              "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
          .entrySet()) {
        assertEquals(
            header.getValue(), response.headers().firstValue(header.getKey()).orElse(""));
      }
      assertTrue(response.headers().firstValue("Server").isEmpty());
    }
  }

  @Test
  void whatIsNoRequestIsAnsweredWithAProblemToo() throws Exception {
    String broken = ask.raw("GET / HTTP/1.1\r\nHost: a b c\r\nConnection: close\r\n\r\n");
    assertTrue(broken.startsWith("HTTP/1.1 400 "), broken);
    assertTrue(broken.contains("application/problem+json"), broken);
    String longHeader =
        ask.raw("GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + "a".repeat(20_000) + "\r\n\r\n");
    assertTrue(longHeader.startsWith("HTTP/1.1 431 "), longHeader);
    assertTrue(longHeader.contains("application/problem+json"), longHeader);
    assertFalse(longHeader.contains("jetty"), longHeader);
  }

  @Test
  void requestsInARowOnOneConnectionAreAllAnswered() throws Exception {
    String post = "POST /v1/classify?views=20 HTTP/1.1\r\nHost: x\r\nX-API-Key: " + KEY
        + "\r\nContent-Type: video/mp4\r\nContent-Length: " + video.length + "\r\n\r\n"
        + new String(video, StandardCharsets.ISO_8859_1);
    String answers =
        ask.raw(post + post + "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertEquals(3, answers.split("HTTP/1.1 200 ", -1).length - 1, answers);
  }

  @Test
  void documentNamesEachRouteAndEachIsThere() throws Exception {
    JsonNode document = Asking.json(200, ask.get("/openapi.json"));
    assertTrue(document.get("openapi").asText().startsWith("3.1"));
    assertEquals(14, document.get("paths").size());
    for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        HttpResponse<String> response = Asking.send(ask.to(path.getKey().replace("{name}", "small"))
            .header("X-API-Key", KEY)
            .method(operation.getKey().toUpperCase(Locale.ROOT), BodyPublishers.noBody()));
        assertFalse(
            Set.of(404, 405, 500).contains(response.statusCode()),
            path.getKey() + " " + response.body());
      }
    }
  }
}
