package x3d.serve.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.classify.Ranked;

/** The client before a server that says what it is told to. */
final class ClassifyClientTest {
  private static final Retries QUICK = new Retries(3, Duration.ofMillis(20), Duration.ofSeconds(5));
  private static final String ANSWER = """
      {"frames": 32, "fps": 29.97, "views": 3, "crops": 1, "decodeMs": 5, "inferenceMs": 7, "model": "small",
       "top": [{"label": 2, "name": "cat", "probability": 0.7071068}], "modelVersion": 4, "news": true}""";

  @TempDir
  private Path folder;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Queue<Reply> replies = new ArrayDeque<>();
  private final List<Received> received = Collections.synchronizedList(new ArrayList<>());
  private HttpServer stub;
  private Path video;

  private record Received(String path, String key, String timeout, byte[] body, long nanos) {}

  private interface Reply {
    void to(HttpExchange exchange) throws IOException;
  }

  @BeforeEach
  void start() throws IOException {
    video = Files.write(folder.resolve("a b ü.mp4"), new byte[300_000]);
    stub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    serve(stub);
  }

  private void serve(HttpServer server) {
    server.setExecutor(threads);
    server.createContext("/", exchange -> {
      received.add(new Received(
          exchange.getRequestURI().toString(),
          exchange.getRequestHeaders().getFirst("Authorization"),
          exchange.getRequestHeaders().getFirst("X-Request-Timeout"),
          exchange.getRequestBody().readAllBytes(),
          System.nanoTime()));
      Reply reply = replies.poll();
      (reply == null ? says(200, ANSWER) : reply).to(exchange);
    });
    server.start();
  }

  @AfterEach
  void stop() {
    stub.stop(0);
    threads.shutdownNow();
  }

  private static Reply says(int status, String body, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.close();
    };
  }

  private ClassifyClient client() {
    return ClassifyClient.of(address(stub)).withRetries(QUICK);
  }

  private static URI address(HttpServer server) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private Answer ask() throws Exception {
    return client().classify(video, Question.USUAL);
  }

  private double secondsBetweenTheFirstTwo() {
    return (received.get(1).nanos() - received.get(0).nanos()) / 1e9;
  }

  @Test
  void aVideoIsSentAsItIsAndTheAnswerIsTyped() throws Exception {
    Answer answer = client().classify(video, new Question("a b/ü", 2, 10, 3));
    assertEquals(
        new Answer(32, 29.97, 3, 1, List.of(new Ranked(2, "cat", 0.7071068f)), 5, 7, "small", 4),
        answer);
    assertEquals(
        "/v1/models/a%20b%2F%C3%BC/classify?top=2&views=10&crops=3",
        received.get(0).path());
    assertArrayEquals(Files.readAllBytes(video), received.get(0).body());
  }

  @ParameterizedTest
  @ValueSource(ints = {503, 429, 408})
  void aServerWithoutRoomIsAskedAgain(int status) throws Exception {
    replies.add(says(status, "{}"));
    replies.add(says(status, "{}"));
    assertEquals("small", ask().model());
    assertEquals(3, received.size());
    assertEquals(300_000, received.get(2).body().length);
  }

  @Test
  void aServerIsLeftAloneForAsLongAsItSays() throws Exception {
    replies.add(says(503, "{}", "Retry-After", "1"));
    ask();
    assertEquals(2, received.size());
    assertTrue(secondsBetweenTheFirstTwo() >= 1, "asked after " + secondsBetweenTheFirstTwo());
  }

  @Test
  void aServerIsLeftAloneUntilTheTimeThatItSays() throws Exception {
    String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
        ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(2));
    replies.add(says(503, "{}", "Retry-After", date));
    ask();
    assertTrue(secondsBetweenTheFirstTwo() >= 0.9, "asked after " + secondsBetweenTheFirstTwo());
  }

  @Test
  void aServerThatWantsTooLongAPauseIsNotAskedAgain() {
    replies.add(says(503, "{\"detail\": \"closed\"}", "Retry-After", "3600"));
    ProblemException problem = assertThrows(ProblemException.class, this::ask);
    assertEquals(Duration.ofHours(1), problem.retryAfter().orElseThrow());
    assertEquals(1, received.size());
  }

  @Test
  void retriesEnd() {
    for (int i = 0; i < 9; i++) {
      replies.add(says(503, "{}"));
    }
    assertEquals(503, assertThrows(ProblemException.class, this::ask).status());
    assertEquals(4, received.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 400, 401, 403, 404, 413, 415, 422, 500, 502, 504})
  void otherErrorsAreNotTriedAgain(int status) {
    replies.add(says(status, "{}", "Location", "/elsewhere"));
    assertEquals(status, assertThrows(ProblemException.class, this::ask).status());
    assertEquals(1, received.size());
  }

  @Test
  void aProblemTellsAllThatTheServerSaid() {
    replies.add(says(422, """
        {"type": "urn:x3d:problem:unusable-video", "title": "The video cannot be used", "status": 422,
         "detail": "it ends early", "instance": "id-1"}""", "X-Request-Id", "id-1"));
    ProblemException problem = assertThrows(ProblemException.class, this::ask);
    assertEquals("urn:x3d:problem:unusable-video", problem.type());
    assertEquals("The video cannot be used", problem.title());
    assertEquals("it ends early", problem.detail());
    assertEquals("id-1", problem.requestId());
    assertEquals("the server answered 422: it ends early (request id-1)", problem.getMessage());
  }

  @Test
  void aPageOfAProxyIsAProblemToo() {
    replies.add(says(502, "<html>Bad gateway</html>"));
    ProblemException problem = assertThrows(ProblemException.class, this::ask);
    assertEquals("about:blank", problem.type());
    assertEquals("the server answered 502: without a reason", problem.getMessage());
  }

  @Test
  void anAnswerThatIsNoneIsRefused() {
    replies.add(says(200, "{\"hello\": 1}"));
    IOException failure = assertThrows(IOException.class, this::ask);
    assertEquals(address(stub) + ": the answer is none of x3d-serve", failure.getMessage());
  }

  @Test
  void aServerThatIsNotThereYetIsWaitedFor() throws Exception {
    int port = stub.getAddress().getPort();
    stub.stop(0);
    ClassifyClient client = ClassifyClient.of(URI.create("http://127.0.0.1:" + port))
        .withRetries(new Retries(6, Duration.ofMillis(100), Duration.ofSeconds(2)));
    CompletableFuture.runAsync(
        () -> {
          try {
            stub =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            serve(stub);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        },
        CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS, threads));
    assertEquals("small", client.classify(video, Question.USUAL).model());
  }

  @Test
  void aServerThatIsNotThereIsNamed() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    ClassifyClient client =
        ClassifyClient.of(URI.create("http://127.0.0.1:" + port)).withRetries(Retries.NONE);
    assertEquals(
        "http://127.0.0.1:" + port + " cannot be reached: it takes no connection",
        assertThrows(UnreachableException.class, client::models).getMessage());
    assertEquals(
        "http://nowhere.invalid cannot be reached: its host is not known",
        assertThrows(
                UnreachableException.class,
                ClassifyClient.of(URI.create("http://nowhere.invalid/")).withRetries(Retries.NONE)
                    ::models)
            .getMessage());
  }

  @Test
  void aConnectionThatBreaksIsTriedAgain() throws Exception {
    replies.add(HttpExchange::close);
    assertEquals("small", ask().model());
    assertEquals(2, received.size());
  }

  @Test
  void anAnswerThatDoesNotComeInTimeIsNotAskedForAgain() {
    replies.add(exchange -> {
      try {
        Thread.sleep(3000);
      } catch (InterruptedException e) {
        exchange.close();
      }
    });
    HttpTimeoutException late = assertThrows(
        HttpTimeoutException.class,
        () -> client().withTimeout(Duration.ofMillis(400)).classify(video, Question.USUAL));
    assertEquals(address(stub) + " gave no answer within 0.4 s", late.getMessage());
    assertEquals(1, received.size());
    assertEquals("0.4", received.get(0).timeout());
  }

  @Test
  void aFileThatIsNotThereIsNotTriedAgain() {
    Path none = folder.resolve("none.mp4");
    IOException failure =
        assertThrows(IOException.class, () -> client().classify(none, Question.USUAL));
    assertTrue(
        failure instanceof java.io.FileNotFoundException || failure instanceof NoSuchFileException,
        failure.toString());
    assertEquals(0, received.size());
  }

  @Test
  void aKeyIsSentAndNeverShown() throws Exception {
    client().withKey("secret-key").classify(video, Question.USUAL);
    assertEquals("Bearer secret-key", received.get(0).key());
    String refusal = assertThrows(
            IllegalArgumentException.class, () -> client().withKey("secret key\r\nX: y"))
        .getMessage();
    assertFalse(refusal.contains("secret"), refusal);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost:8080", "ftp://host", "http:/path", "http://u:p@host", "http://host/?q=1"
      })
  void addressesThatAreNoneOfAServerAreRefused(String address) {
    assertThrows(
        IllegalArgumentException.class,
        () -> ClassifyClient.of(new URI(address)).models());
  }

  @Test
  void aPathBeforeTheServersOwnIsKept() throws Exception {
    ClassifyClient.of(URI.create(address(stub) + "/video/")).classify(video, Question.USUAL);
    assertEquals("/video/v1/classify", received.get(0).path());
  }

  @Test
  void pausesDoubleUpToTheMostAndAreDrawn() {
    Retries retries = new Retries(9, Duration.ofSeconds(1), Duration.ofSeconds(10));
    Random random = new Random(1);
    double[] full = {1, 2, 4, 8, 10, 10};
    for (int i = 0; i < 200; i++) {
      for (int retry = 1; retry <= full.length; retry++) {
        double pause = retries.pause(retry, Duration.ZERO, random).toNanos() / 1e9;
        assertTrue(pause >= full[retry - 1] / 2 && pause <= full[retry - 1], retry + ": " + pause);
        double asked = retries.pause(retry, Duration.ofSeconds(7), random).toNanos() / 1e9;
        assertTrue(asked >= 7 && asked <= 7 + full[retry - 1] / 2, retry + ": " + asked);
      }
    }
  }
}
