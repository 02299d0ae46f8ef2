package x3d.serve;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import x3d.classify.Classification;
import x3d.classify.Classifier;
import x3d.video.VideoException;

/**
 * An HTTP server for one model file, running from {@link #start} until {@link #close}.
 *
 * <p>A request's video is received into a temporary file, which is deleted when the request ends, however it ends. Uploads
 * arrive side by side; classification is bounded by {@link ServerOptions#concurrency}, so that memory is.
 */
public final class Server implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /** How long {@link #close} waits for the answers that are being worked out. */
  private static final long GRACE_MILLIS = 30_000;

  /** How much of a refused upload is read, and until when a further read begins. */
  private static final long DISCARD_BYTES = 64L << 20;

  private static final long DISCARD_NANOS = 5_000_000_000L;

  private final ServerOptions options;
  private final Classifier classifier;
  private final Path uploads;
  private final Semaphore turns;
  private final Javalin http;

  private Server(ServerOptions options, Classifier classifier, Path uploads) {
    this.options = options;
    this.classifier = classifier;
    this.uploads = uploads;
    this.turns = new Semaphore(options.concurrency(), true);
    this.http = Javalin.create(this::configure);
  }

  /**
   * Opens the model and listens.
   *
   * @throws IOException if there is no place for uploads
   */
  public static Server start(ServerOptions options) throws IOException {
    Classifier classifier = Classifier.open(options.model(), options.devices());
    Path uploads = null;
    try {
      uploads = Files.createTempDirectory(options.uploads(), "x3d-serve");
      Server server = new Server(options, classifier, uploads);
      server.http.start(options.host(), options.port());
      return server;
    } catch (IOException | RuntimeException e) {
      classifier.close();
      if (uploads != null) {
        delete(uploads);
      }
      throw e;
    }
  }

  /** The port that it listens on. */
  public int port() {
    return http.port();
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.jetty.modifyServer(jetty -> jetty.setStopTimeout(GRACE_MILLIS));
    config.http.prefer405over404 = true;
    config.http.strictContentTypes = false;
    config.routes.post("/v1/classify", this::classify);
    config.routes.get("/healthz", this::health);
    config.routes.exception(
        Refusal.class, (e, request) -> refuse(request, e.status(), e.getMessage()));
    config.routes.exception(
        HttpResponseException.class,
        (e, request) -> refuse(request, HttpStatus.forStatus(e.getStatus()), described(e)));
    config.routes.exception(Exception.class, (e, request) -> {
      LOG.error("{} {} failed", request.method(), request.path(), e);
      refuse(request, HttpStatus.INTERNAL_SERVER_ERROR, "the server failed; its log says why");
    });
  }

  /**
   * Answers with a refusal, on a connection that ends with it. What is left of the upload is read first, within bounds: a
   * connection closed with bytes unread is reset, and the client would lose the answer while it still sends.
   */
  private static void refuse(Context request, HttpStatus status, String message) {
    boolean sending = request.header("Expect") == null; // such a client waits to be told to send
    if (sending) {
      discardBody(request);
    }
    request.header("Connection", "close");
    request.status(status).json(Map.of("error", message));
  }

  private static void discardBody(Context request) {
    long deadline = System.nanoTime() + DISCARD_NANOS;
    byte[] buffer = new byte[64 * 1024];
    try {
      InputStream body = request.req().getInputStream();
      for (long left = DISCARD_BYTES; left > 0 && System.nanoTime() < deadline; ) {
        int n = body.read(buffer);
        if (n < 0) {
          return;
        }
        left -= n;
      }
    } catch (IOException | IllegalStateException e) {
      LOG.debug("the rest of a refused upload cannot be read", e);
    }
  }

  /** Javalin's words for an unknown path or method, with what there is instead. */
  private static String described(HttpResponseException failure) {
    return failure.getDetails().isEmpty()
        ? failure.getMessage()
        : failure.getMessage() + ": " + String.join(", ", failure.getDetails().values());
  }

  private void health(Context request) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("status", "ok");
    answer.put("model", String.valueOf(options.model().getFileName()));
    answer.put("classes", classifier.classNames().size());
    request.json(answer);
  }

  private Question question(Context request) {
    Question question = Question.of(request, classifier.defaultViews());
    try {
      classifier.require(question.views());
      return question;
    } catch (IllegalArgumentException e) {
      throw new Refusal(HttpStatus.BAD_REQUEST, e.getMessage());
    }
  }

  private void classify(Context request) throws IOException, InterruptedException {
    Question question = question(request);
    try (Upload upload = Upload.receive(request, uploads, options.maxUpload())) {
      turns.acquire();
      try {
        Classification answer = classifier.classify(upload.file(), question.views());
        request.json(answer.fields(question.top()));
      } finally {
        turns.release();
      }
    } catch (VideoException e) {
      throw new Refusal(
          HttpStatus.UNPROCESSABLE_CONTENT, "not a video that can be used: " + reason(e));
    }
  }

  /** The message without the file's name, which is the server's own. */
  private static String reason(VideoException failure) {
    String name = failure.video().getFileName() + ": ";
    String message = failure.getMessage();
    return message.startsWith(name) ? message.substring(name.length()) : message;
  }

  /** Answers the requests that are being worked on, then stops and frees the model. */
  @Override
  public void close() {
    http.stop();
    // A thread that outlasted the grace may still be inside the network, which must not be freed
    // under it.
    turns.acquireUninterruptibly(options.concurrency());
    classifier.close();
    delete(uploads);
  }

  private static void delete(Path folder) {
    try (Stream<Path> found = Files.walk(folder)) {
      List<Path> deepestFirst = found.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + folder, e);
    }
  }
}
