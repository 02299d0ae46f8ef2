package x3d.serve;

import io.javalin.Javalin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import x3d.serve.admission.Admission;
import x3d.serve.api.ClassifyApi;
import x3d.serve.api.ModelsApi;
import x3d.serve.api.OpenInferenceApi;
import x3d.serve.api.OperatorApi;
import x3d.serve.http.ApiKeys;
import x3d.serve.http.Front;
import x3d.serve.http.OpenApi;
import x3d.serve.http.Route;
import x3d.serve.http.Schema;
import x3d.serve.model.Models;
import x3d.serve.ops.Metrics;
import x3d.serve.page.PageRoutes;
import x3d.serve.upload.Receiver;
import x3d.serve.upload.TemporaryArea;
import x3d.serve.upload.UrlSource;

/**
 * An HTTP server for model files, running from {@link #start} until {@link #close}.
 *
 * <p>A request is let in or refused before anything of it is read ({@link Admission}), its videos are received into files
 * that are deleted when it ends, however it ends ({@link Receiver}), and it is worked on when its turn comes.
 */
public final class Server implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /** Beside those of requests that are let in: for the ones that are refused, and for what operators ask. */
  private static final int SPARE_THREADS = 64;

  /** Between looks at files that may be replaced. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** For answers that are already on their way, and for requests on their way here to be told to ask another. */
  private static final Duration LAST_WORDS = Duration.ofMillis(200);

  private final ServerOptions options;
  private final Admission admission;
  private final Javalin http;
  /** What is to be closed, last first. */
  private final Deque<AutoCloseable> owned = new ArrayDeque<>();

  private Server(ServerOptions options) throws IOException {
    this.options = options;
    try {
      Metrics metrics = own(new Metrics());
      Models models = own(
          new Models(options.models(), options.devices(), options.work().batchDelay(), metrics));
      TemporaryArea area =
          own(TemporaryArea.open(options.uploads(), options.limits().areaBytes()));
      metrics.gauge("x3d.upload.bytes", "Bytes of uploads that lie here", area::used);
      Optional<ApiKeys> keys = keys();
      ScheduledExecutorService looker = own(looker());
      looker.scheduleWithFixedDelay(
          () -> look(models, keys), LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
      ServerOptions.Work work = options.work();
      admission = new Admission(work.concurrency(), work.queue(), metrics);
      List<Route> routes = routes(models, area, metrics, keys.isPresent());
      Front front = new Front(options.listener(), routes, keys, metrics::answered);
      http = Javalin.create(config -> {
        front.configure(config);
        config.jetty.threadPool =
            new QueuedThreadPool(work.concurrency() + work.queue() + SPARE_THREADS, 8, 60_000);
        config.jetty.modifyServer(jetty -> jetty.setStopTimeout(work.grace().toMillis() + 1));
      });
    } catch (IOException | RuntimeException e) {
      closeOwned();
      throw e;
    }
  }

  private <T extends AutoCloseable> T own(T resource) {
    owned.push(resource);
    return resource;
  }

  private ScheduledExecutorService own(ScheduledExecutorService threads) {
    owned.push(() -> {
      threads.shutdown();
      threads.awaitTermination(1, TimeUnit.MINUTES); // a model that is just being loaded
    });
    return threads;
  }

  private static ScheduledExecutorService looker() {
    return Executors.newSingleThreadScheduledExecutor(task -> {
      Thread thread = new Thread(task, "x3d-files");
      thread.setDaemon(true);
      return thread;
    });
  }

  private Optional<ApiKeys> keys() throws IOException {
    return options.access().keys().isEmpty()
        ? Optional.empty()
        : Optional.of(new ApiKeys(options.access().keys().get()));
  }

  private static void look(Models models, Optional<ApiKeys> keys) {
    try {
      models.reload();
      keys.ifPresent(ApiKeys::reload);
    } catch (RuntimeException e) {
      LOG.error("looking for replaced files failed", e); // and is tried again
    }
  }

  private List<Route> routes(Models models, TemporaryArea area, Metrics metrics, boolean keys) {
    Optional<UrlSource> urls = options.access().urlHosts().isEmpty()
        ? Optional.empty()
        : Optional.of(new UrlSource(options.access().urlHosts(), options.limits()));
    Receiver receiver = new Receiver(area, options.limits(), urls);
    List<Route> routes = new ArrayList<>();
    routes.addAll(new ClassifyApi(
            models, admission, receiver, options.limits(), options.work().times(), metrics)
        .routes());
    routes.addAll(new ModelsApi(models).routes());
    routes.addAll(new OpenInferenceApi(
            models, admission, receiver, options.limits(), options.work().times(), metrics)
        .routes());
    routes.addAll(new OperatorApi(models, admission, metrics).routes());
    routes.add(Route.get(
        "/openapi.json",
        "openapi",
        "This document.",
        true,
        Schema.of("object"),
        request -> request.json(OpenApi.document(routes, keys))));
    List<Route> all = new ArrayList<>(routes); // pages are for people, the document for programs
    all.addAll(PageRoutes.of(options.limits().bytes()));
    return all;
  }

  /**
   * Loads and tries the models, then listens.
   *
   * @throws IOException if there is no place for uploads, or a file of keys or certificates cannot be used
   */
  public static Server start(ServerOptions options) throws IOException {
    Server server = new Server(options);
    try {
      server.http.start();
      return server;
    } catch (UncheckedIOException e) {
      server.closeOwned();
      throw e.getCause();
    } catch (RuntimeException e) {
      server.closeOwned();
      throw e;
    }
  }

  /** The port that it listens on. */
  public int port() {
    return http.port();
  }

  /** Takes no more requests, answers those that it has taken, within the grace, then stops and frees the models. */
  @Override
  public void close() {
    admission.drain();
    try {
      if (!admission.awaitEmpty(options.work().grace())) {
        LOG.warn("requests are still being answered after the grace: they are given up");
        admission.hurry();
        admission.awaitEmpty(options.work().grace());
      }
      Thread.sleep(LAST_WORDS.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.stop();
    closeOwned();
  }

  private void closeOwned() {
    while (!owned.isEmpty()) {
      try {
        owned.pop().close();
      } catch (Exception e) {
        LOG.error("closing failed", e);
      }
    }
  }
}
