package x3d.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A client of a server on this machine. */
record Asking(int port) {
  static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String BOUNDARY = "a-boundary";

  Asking(Server server) {
    this(server.port());
  }

  HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(to(path));
  }

  HttpRequest.Builder posting(String path, String type, byte[] body) {
    return to(path).header("Content-Type", type).POST(BodyPublishers.ofByteArray(body));
  }

  HttpResponse<String> post(String path, String type, byte[] body) throws Exception {
    return send(posting(path, type, body));
  }

  /** Files by name, all in the field {@code video}. */
  HttpResponse<String> postAll(String path, Map<String, byte[]> files) throws Exception {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    files.forEach((name, content) -> {
      body.writeBytes(
          ("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"video\"; filename=\""
                  + name + "\"\r\n\r\n")
              .getBytes(StandardCharsets.UTF_8));
      body.writeBytes(content);
      body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
    });
    body.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
    return post(path, "multipart/form-data; boundary=" + BOUNDARY, body.toByteArray());
  }

  /** The body of an answer that must have this status. */
  static JsonNode json(int status, HttpResponse<String> response) throws IOException {
    assertEquals(status, response.statusCode(), response.body());
    return new ObjectMapper().readTree(response.body());
  }

  /** The value of a line of {@code /metrics}; 0 if there is none. */
  double metric(String line) throws Exception {
    return get("/metrics")
        .body()
        .lines()
        .filter(one -> one.startsWith(line + " "))
        .mapToDouble(one -> Double.parseDouble(one.substring(line.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  /** All that the server says to some bytes until it closes the connection. */
  String raw(String bytes) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
