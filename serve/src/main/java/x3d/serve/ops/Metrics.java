package x3d.serve.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.function.Supplier;

/** All that is counted and measured. The names are those of {@code docs/serving.md}, with dots for underscores. */
public final class Metrics implements AutoCloseable {
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofSeconds(60)
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final Timer queueWait = timer("x3d.queue.wait", "Waiting for a turn");
  private final Timer decode = timer("x3d.decode", "Reading, scaling and cropping one video");
  private final Timer inference = timer("x3d.inference", "From the first clip to the last answer");

  public Metrics() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  private Timer timer(String name, String description) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  /** A request was answered. @param problem its kind of error, or {@code -} */
  public void answered(String method, String route, int status, String problem, double millis) {
    Timer.builder("x3d.requests")
        .description("Requests that were answered")
        .tags("method", method, "route", route, "status", Integer.toString(status))
        .serviceLevelObjectives(BUCKETS)
        .register(registry)
        .record(Duration.ofNanos((long) (millis * 1e6)));
    if (!problem.equals("-")) {
      registry.counter("x3d.rejected", "reason", problem).increment();
    }
  }

  public void waited(Duration time) {
    queueWait.record(time);
  }

  /** A video was classified. @param clips views times crops */
  public void classified(String model, Duration decoding, Duration inferring, int clips) {
    decode.record(decoding);
    inference.record(inferring);
    clips(model, clips);
  }

  /** Clips were looked at. */
  public void clips(String model, int clips) {
    registry.counter("x3d.views", "model", model).increment(clips);
  }

  /** A model's file was replaced. @param taken whether the new one is in use now */
  public void reloaded(String model, boolean taken) {
    registry
        .counter("x3d.model.reloads", "model", model, "outcome", taken ? "taken" : "refused")
        .increment();
  }

  /** A value that is asked for whenever someone looks. @param tags key and value in turn */
  public void gauge(String name, String description, Supplier<Number> value, String... tags) {
    Gauge.builder(name, value)
        .description(description)
        .tags(Tags.of(tags))
        .strongReference(true)
        .register(registry);
  }

  /** In Prometheus' text format. */
  public String scrape() {
    return registry.scrape();
  }

  /** The media type of {@link #scrape}. */
  public static String mediaType() {
    return "text/plain; version=0.0.4; charset=utf-8";
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
