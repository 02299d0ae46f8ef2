package x3d.serve;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import x3d.runtime.Device;
import x3d.serve.api.Times;
import x3d.serve.http.Listener;
import x3d.serve.model.ModelFile;
import x3d.serve.upload.Limits;

/**
 * All that a server is told when it starts.
 *
 * @param models the files to serve, 1 or more; the first is the one of requests that name none
 * @param devices what the networks run on
 * @param listener where it listens
 * @param work how many requests are let in and how long they may take
 * @param limits of what a request may bring
 * @param uploads an existing folder; videos are received into a new one inside it
 * @param access who may ask, and what may be fetched
 */
public record ServerOptions(
    List<ModelFile> models,
    List<Device> devices,
    Listener listener,
    Work work,
    Limits limits,
    Path uploads,
    Access access) {
  public ServerOptions {
    models = List.copyOf(models);
    devices = List.copyOf(devices);
    if (models.isEmpty() || devices.isEmpty()) {
      throw new IllegalArgumentException("a server needs a model and a device, and has "
          + models.size() + " and " + devices.size());
    }
  }

  /**
   * @param concurrency videos that are decoded and classified at the same time
   * @param queue requests that are let in beside those
   * @param times of requests
   * @param grace that requests have to end when the server stops
   * @param batchDelay how long clips of several requests may be gathered, on devices where batches pay
   */
  public record Work(int concurrency, int queue, Times times, Duration grace, Duration batchDelay) {
    public static final Work USUAL = new Work(
        2,
        64,
        new Times(Duration.ofSeconds(120), Duration.ofSeconds(600)),
        Duration.ofSeconds(30),
        Duration.ofMillis(5));

    public Work {
      if (concurrency < 1 || queue < 0 || grace.isNegative() || batchDelay.isNegative()) {
        throw new IllegalArgumentException(
            "concurrency must be 1 or more, the queue, the grace and the delay of batches 0 or more, not "
                + concurrency + ", " + queue + ", " + grace.toMillis() + " ms, "
                + batchDelay.toMillis() + " ms");
      }
    }

    public Work withConcurrency(int other) {
      return new Work(other, queue, times, grace, batchDelay);
    }
  }

  /**
   * @param keys a file of keys of which each request must have one; empty if anyone may ask
   * @param urlHosts hosts from which videos may be fetched
   */
  public record Access(Optional<Path> keys, Set<String> urlHosts) {
    public static final Access ANYONE = new Access(Optional.empty(), Set.of());

    public Access {
      urlHosts = Set.copyOf(urlHosts);
    }
  }

  /** One model for anyone on this machine, on any free port. */
  public static ServerOptions of(Path model, List<Device> devices) {
    return new ServerOptions(
        List.of(ModelFile.of(model.toString())),
        devices,
        Listener.onPort(0),
        Work.USUAL,
        Limits.USUAL,
        Path.of(System.getProperty("java.io.tmpdir")),
        Access.ANYONE);
  }

  public ServerOptions with(List<ModelFile> other) {
    return new ServerOptions(other, devices, listener, work, limits, uploads, access);
  }

  public ServerOptions with(Listener other) {
    return new ServerOptions(models, devices, other, work, limits, uploads, access);
  }

  public ServerOptions with(Work other) {
    return new ServerOptions(models, devices, listener, other, limits, uploads, access);
  }

  public ServerOptions with(Limits other) {
    return new ServerOptions(models, devices, listener, work, other, uploads, access);
  }

  public ServerOptions with(Path otherUploads) {
    return new ServerOptions(models, devices, listener, work, limits, otherUploads, access);
  }

  public ServerOptions with(Access other) {
    return new ServerOptions(models, devices, listener, work, limits, uploads, other);
  }
}
