package x3d.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.SmallModel;
import x3d.runtime.Device;
import x3d.serve.http.Listener;

final class TlsTest {
  private static final char[] PASSWORD = "password".toCharArray();

  @TempDir
  Path folder;

  private static String pem(String what, byte[] content) {
    return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(content)
        + "\n-----END " + what + "-----\n";
  }

  @Test
  void certificatesOfPemFilesAreSpokenWith() throws Exception {
    Path store = folder.resolve("store");
    int made = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            "x",
            "-keyalg",
            "EC",
            "-dname",
            "CN=localhost",
            "-ext",
            "SAN=dns:localhost",
            "-storetype",
            "PKCS12",
            "-keystore",
            store.toString(),
            "-storepass",
            "password")
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start()
        .waitFor();
    assertEquals(0, made, () -> "keytool failed");
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(new ByteArrayInputStream(Files.readAllBytes(store)), PASSWORD);
    Path certificate = Files.writeString(
        folder.resolve("cert.pem"), pem("CERTIFICATE", keys.getCertificate("x").getEncoded()));
    Path key = Files.writeString(
        folder.resolve("key.pem"), pem("PRIVATE KEY", keys.getKey("x", PASSWORD).getEncoded()));
    ServerOptions options = ServerOptions.of(SmallModel.writeTo(folder), List.of(Device.cpu(1)));
    try (Server server = Server.start(options.with(Listener.onPort(0).with(certificate, key)))) {
      HttpClient client = HttpClient.newBuilder().sslContext(trusting(keys)).build();
      HttpResponse<String> response = client.send(
          HttpRequest.newBuilder(
                  URI.create("https://localhost:" + server.port() + "/v1/classify?views=30"))
              .header("Content-Type", "video/mp4")
              .POST(BodyPublishers.ofFile(SmallModel.video("part_0.mp4", folder)))
              .build(),
          BodyHandlers.ofString());
      assertEquals(200, response.statusCode(), response.body());
      assertEquals(
          "max-age=31536000",
          response.headers().firstValue("Strict-Transport-Security").orElse(""));
    }
    IOException failure = assertThrows(
        IOException.class,
        () -> Server.start(options.with(Listener.onPort(0).with(certificate, certificate))));
    assertTrue(failure.getMessage().contains("PKCS #8"), failure.getMessage());
  }

  private static SSLContext trusting(KeyStore keys) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("x", keys.getCertificate("x"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
