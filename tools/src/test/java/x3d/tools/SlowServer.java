package x3d.tools;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers as {@code x3d-serve} does, with the same to every video, after a while. */
record SlowServer(HttpServer http, ExecutorService threads, AtomicInteger count)
    implements AutoCloseable {
  private static final String MODELS = """
      {"models": [{"name": "slow", "version": 1, "views": 10, "crops": 1, "classes": 2}]}""";
  private static final String ANSWER = """
      {"frames": 9, "fps": 25.0, "views": 10, "crops": 1, "decodeMs": 1, "inferenceMs": 2, "model": "slow", "modelVersion": 1,
       "top": [{"label": 1, "name": "b", "probability": 0.75}, {"label": 0, "name": "a", "probability": 0.25}]}""";

  static SlowServer start(int millis) throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    SlowServer server = new SlowServer(http, Executors.newCachedThreadPool(), new AtomicInteger());
    http.setExecutor(server.threads);
    http.createContext("/v1/models", exchange -> {
      boolean list = exchange.getRequestMethod().equals("GET");
      exchange.getRequestBody().readAllBytes();
      if (!list) {
        server.count.incrementAndGet();
        pause(millis);
      }
      say(exchange, list ? MODELS : ANSWER);
    });
    http.start();
    return server;
  }

  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void say(HttpExchange exchange, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  String url() {
    return "http://127.0.0.1:" + http.getAddress().getPort();
  }

  /** Videos that it was asked about. */
  int asked() {
    return count.get();
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
