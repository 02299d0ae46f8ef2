package x3d.serve.http;

import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Between the connection and the endpoints: keys, headers, errors and the log are the same for all. */
public final class Front {
  private static final Logger LOG = LoggerFactory.getLogger(Front.class);
  private static final Logger ACCESS = LoggerFactory.getLogger("x3d.serve.access");

  /** How much of a refused upload is read, for how long, and of how many at the same time. */
  private static final long DISCARD_BYTES = 64L << 20;

  private static final long DISCARD_NANOS = 2_000_000_000L;
  private static final int DISCARDS = 16;

  /** Between looks whether more of a refused upload has come. */
  private static final long DISCARD_LOOK_MILLIS = 5;

  private static final String REFUSED = "x3d.refused";

  private final Listener listener;
  private final List<Route> routes;
  private final Optional<ApiKeys> keys;
  private final RequestMeter meter;
  private final Semaphore discards = new Semaphore(DISCARDS);

  /** Told of each request when it has been answered. */
  public interface RequestMeter {
    /**
     * @param route its path as declared, or {@code -}
     * @param problem the id of its {@link Problem}, or {@code -}
     */
    void answered(String method, String route, int status, String problem, double millis);
  }

  public Front(Listener listener, List<Route> routes, Optional<ApiKeys> keys, RequestMeter meter) {
    this.listener = listener;
    this.routes = List.copyOf(routes);
    this.keys = keys;
    this.meter = meter;
  }

  public void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.prefer405over404 = true;
    config.http.strictContentTypes = false;
    config.jetty.modifyServer(server -> server.setErrorHandler(new PlainErrors()));
    config.jetty.addConnector((server, http) -> {
      try {
        return listener.connector(server, http);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    config.routes.before(this::greet);
    for (Route route : routes) {
      config.routes.addHttpHandler(route.method(), route.path(), request -> {
        if (keys.isPresent() && !route.open()) {
          keys.get().require(request);
        }
        route.handler().handle(request);
      });
    }
    config.routes.exception(Refusal.class, (e, request) -> refuse(request, e));
    config.routes.exception(
        HttpResponseException.class,
        (e, request) -> answer(request, Problem.of(e.getStatus()), e.getStatus(), described(e)));
    config.routes.exception(Exception.class, (e, request) -> fail(request, e));
    config.requestLogger.http(this::log);
  }

  private void greet(Context request) {
    request.header(Correlation.HEADER, Correlation.of(request).requestId());
    SecurityHeaders.ALWAYS.forEach(request::header);
    if (listener.tls()) {
      SecurityHeaders.SECURE.forEach(request::header);
    }
  }

  private void refuse(Context request, Refusal refusal) {
    refusal.headers().forEach(request::header);
    answer(
        request,
        refusal.problem(),
        refusal.problem().status(),
        String.valueOf(refusal.getMessage()));
  }

  private void fail(Context request, Exception failure) {
    LOG.error(
        "{} {} {} failed", Correlation.of(request), request.method(), request.path(), failure);
    answer(request, Problem.FAILED, 500, "the server failed; its log says why");
  }

  /**
   * Answers with a problem, on a connection that ends with it. What is left of the upload is read first, within bounds: a
   * connection closed with bytes unread is reset, and the client would lose the answer while it still sends.
   */
  private void answer(Context request, Problem problem, int status, String detail) {
    request.attribute(REFUSED, problem.id());
    boolean sending = request.header("Expect") == null; // such a client waits to be told to send
    if (sending && problem != Problem.SLOW_UPLOAD && problem != Problem.CLIENT_GONE) {
      discardBody(request);
    }
    request.header("Connection", "close");
    request.status(status);
    request.contentType(Problem.MEDIA_TYPE);
    request.result(problem.body(status, detail, Correlation.of(request).requestId()));
  }

  /** Never waits in a read, where a client that sends nothing would hold the thread, and never on many threads. */
  private void discardBody(Context request) {
    if (!discards.tryAcquire()) {
      return;
    }
    long deadline = System.nanoTime() + DISCARD_NANOS;
    Request upload = ServletContextRequest.getServletContextRequest(request.req());
    try {
      for (long left = DISCARD_BYTES; left > 0 && System.nanoTime() < deadline; ) {
        Content.Chunk chunk = upload.read();
        if (chunk == null) {
          Thread.sleep(DISCARD_LOOK_MILLIS);
        } else {
          left -= chunk.remaining();
          chunk.release();
          if (chunk.isLast() || Content.Chunk.isFailure(chunk)) {
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      discards.release();
    }
  }

  /** Javalin's words for an unknown path or method, with what there is instead. */
  private static String described(HttpResponseException failure) {
    return failure.getDetails().isEmpty()
        ? failure.getMessage()
        : failure.getMessage() + ": " + String.join(", ", failure.getDetails().values());
  }

  /** One line a request. The query is left out: it is the client's, and the path is enough to find it. */
  private void log(Context request, Float millis) {
    String method = request.method().name();
    int status = request.statusCode();
    String problem = Optional.ofNullable(request.<String>attribute(REFUSED)).orElse("-");
    String route = routes.stream()
        .filter(known -> known.method().equals(request.method()))
        .map(Route::path)
        .filter(path -> matches(path, request.path()))
        .findFirst()
        .orElse("-");
    meter.answered(method, route, status, problem, millis);
    ACCESS.info(
        "{} {} {} {} problem={} bytes={} ms={} client={}",
        Correlation.of(request),
        method,
        harmless(request.path()),
        status,
        problem,
        request.req().getContentLengthLong(),
        String.format(Locale.ROOT, "%.1f", millis),
        request.ip());
  }

  private static boolean matches(String declared, String path) {
    return path.matches(declared.replaceAll("\\{[a-z]+}", "[^/]+"));
  }

  /** A path as it may stand in a line of a log. */
  private static String harmless(String path) {
    String visible = path.replaceAll("[^\\x21-\\x7e]", "?");
    return visible.length() > 200 ? visible.substring(0, 200) + "..." : visible;
  }
}
