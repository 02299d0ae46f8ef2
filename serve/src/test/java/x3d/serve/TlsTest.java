package x3d.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.SmallModel;
import x3d.runtime.Device;
import x3d.serve.client.ClassifyClient;
import x3d.serve.client.Question;
import x3d.serve.client.Retries;
import x3d.serve.http.Listener;

final class TlsTest {
  @TempDir
  static Path folder;

  static SelfSigned own;
  static ServerOptions options;
  static Server server;

  @BeforeAll
  static void start() throws Exception {
    own = SelfSigned.in(folder, "own");
    options = ServerOptions.of(SmallModel.writeTo(folder), List.of(Device.cpu(1)));
    server = Server.start(options.with(Listener.onPort(0).with(own.certificate(), own.key())));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static ClassifyClient client() {
    return ClassifyClient.of(URI.create("https://localhost:" + server.port()))
        .withRetries(Retries.USUAL.withCount(0));
  }

  @Test
  void certificatesOfPemFilesAreSpokenWith() throws Exception {
    HttpClient any =
        HttpClient.newBuilder().sslContext(trusting(own.certificate())).build();
    var response = any.send(
        HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + "/v1/models"))
            .build(),
        BodyHandlers.ofString());
    assertEquals(200, response.statusCode(), response.body());
    assertEquals(
        "max-age=31536000",
        response.headers().firstValue("Strict-Transport-Security").orElse(""));
  }

  @Test
  void clientsTrustTheCertificatesThatTheyAreGiven() throws Exception {
    Path video = SmallModel.video("part_0.mp4", folder);
    assertEquals(
        5,
        client()
            .trusting(own.certificate())
            .classify(video, Question.USUAL)
            .top()
            .size());
  }

  @Test
  void clientsTrustNoOthers() throws Exception {
    Path other = SelfSigned.in(folder, "other").certificate();
    for (ClassifyClient client : List.of(client(), client().trusting(other))) {
      IOException failure = assertThrows(IOException.class, client::models);
      assertTrue(
          failure
              .getMessage()
              .startsWith("https://localhost:" + server.port() + ": its TLS is not accepted: "),
          failure.getMessage());
    }
  }

  @Test
  void filesWithoutCertificatesAreRefused() throws IOException {
    Path words = Files.writeString(folder.resolve("words.pem"), "no certificate");
    for (Path wrong : List.of(own.key(), words, Files.createFile(folder.resolve("empty.pem")))) {
      IOException failure = assertThrows(IOException.class, () -> client().trusting(wrong));
      assertTrue(failure.getMessage().startsWith(wrong + " "), failure.getMessage());
    }
  }

  @Test
  void serversDoNotStartWithAKeyThatIsNone() {
    IOException failure = assertThrows(
        IOException.class,
        () -> Server.start(
            options.with(Listener.onPort(0).with(own.certificate(), own.certificate()))));
    assertTrue(failure.getMessage().contains("PKCS #8"), failure.getMessage());
  }

  private static SSLContext trusting(Path certificate) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(certificate)) {
      trusted.setCertificateEntry(
          "x", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
