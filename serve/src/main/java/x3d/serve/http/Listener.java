package x3d.serve.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * Where a server listens, and how.
 *
 * @param port 0 for any free one
 * @param certificate a PEM file with the server's certificate and those that vouch for it, or null for plain HTTP
 * @param key a PEM file with its private key, null as {@code certificate} is
 * @param idle after which a connection on which nothing moves is closed
 * @param connections at the same time; more wait to be taken
 */
public record Listener(
    String host, int port, Path certificate, Path key, Duration idle, int connections) {
  private static final int HEADER_BYTES = 16 * 1024;

  /** Plain HTTP on the loopback address. */
  public static Listener onPort(int port) {
    return new Listener("127.0.0.1", port, null, null, Duration.ofSeconds(20), 1000);
  }

  public Listener {
    if ((certificate == null) != (key == null)) {
      throw new IllegalArgumentException(
          "TLS needs a certificate and its key, and was given only one of them");
    }
    if (idle.isNegative() || idle.isZero() || connections < 1) {
      throw new IllegalArgumentException(
          "the idle time and the number of connections must be above 0, not " + idle.toMillis()
              + " ms and " + connections);
    }
  }

  public Listener with(Path newCertificate, Path newKey) {
    return new Listener(host, port, newCertificate, newKey, idle, connections);
  }

  public Listener with(Duration newIdle) {
    return new Listener(host, port, certificate, key, newIdle, connections);
  }

  public boolean tls() {
    return certificate != null;
  }

  /** @throws IOException if the certificate or its key cannot be used */
  ServerConnector connector(Server server, HttpConfiguration http) throws IOException {
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(HEADER_BYTES);
    ConnectionFactory[] layers;
    if (tls()) {
      http.addCustomizer(new SecureRequestCustomizer(false));
      SslContextFactory.Server ssl = new SslContextFactory.Server();
      ssl.setKeyStore(Pem.keyStore(certificate, key));
      ssl.setKeyStorePassword(Pem.PASSWORD);
      layers = new ConnectionFactory[] {
        new SslConnectionFactory(ssl, "http/1.1"), new HttpConnectionFactory(http)
      };
    } else {
      layers = new ConnectionFactory[] {new HttpConnectionFactory(http)};
    }
    ServerConnector connector = new ServerConnector(server, layers) {
      @Override
      protected SocketChannelEndPoint newEndPoint(
          SocketChannel channel, ManagedSelector selector, SelectionKey selected) {
        var end = new WatchedEndPoint(channel, selector, selected, getScheduler());
        end.setIdleTimeout(getIdleTimeout());
        return end;
      }
    };
    connector.setHost(host);
    connector.setPort(port);
    connector.setIdleTimeout(idle.toMillis());
    server.addBean(new NetworkConnectionLimit(connections, connector));
    return connector;
  }

  /** Whether the client of a request has closed its connection; to be asked once its body was read to the end. */
  public static boolean clientGone(HttpServletRequest request) {
    EndPoint end = ServletContextRequest.getServletContextRequest(request)
        .getConnectionMetaData()
        .getConnection()
        .getEndPoint();
    if (end instanceof SslConnection.SslEndPoint secure) {
      end = secure.getSslConnection().getEndPoint();
    }
    return end instanceof WatchedEndPoint watched && watched.clientGone();
  }
}
