package x3d.serve.model;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import x3d.cli.Program;
import x3d.runtime.Device;
import x3d.serve.http.FileStamp;
import x3d.serve.http.Problem;
import x3d.serve.http.Refusal;
import x3d.serve.ops.Metrics;

/** The models that are served. Requests get them by {@link #lease}; {@link #reload} looks for files that were replaced. */
public final class Models implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Models.class);

  private final List<Device> devices;
  private final Duration delay;
  private final Metrics metrics;
  private final Map<String, Slot> slots = new LinkedHashMap<>();

  /** A name, and what stands for it now. */
  private static final class Slot {
    final ModelFile source;
    volatile LoadedModel model;
    /** Of the file as it was last read. */
    FileStamp read;
    /** Of the file as it was last seen: one that is still being written differs from look to look. */
    FileStamp seen;

    Slot(ModelFile source) {
      this.source = source;
      read = FileStamp.of(source.file());
      seen = read;
    }
  }

  /**
   * Loads all models; the first is the one of requests that name none.
   *
   * @param delay how long clips of several requests may be gathered, on devices where batches pay
   * @throws x3d.runtime.RuntimeFailure if a file cannot be read or is no ONNX model
   * @throws IllegalArgumentException if one is no model of x3d, or two have the same name
   */
  public Models(List<ModelFile> files, List<Device> devices, Duration delay, Metrics metrics) {
    this.devices = List.copyOf(devices);
    this.delay = delay;
    this.metrics = metrics;
    try {
      for (ModelFile file : files) {
        if (slots.containsKey(file.name())) {
          throw new IllegalArgumentException("two models are called '" + file.name()
              + "'; give them names with --model NAME=FILE");
        }
        Slot slot = new Slot(file);
        slot.model = LoadedModel.read(file, 1, devices, delay);
        slots.put(file.name(), slot);
        metrics.gauge(
            "x3d.model.version",
            "Which replacement of the model's file is in use, from 1 on",
            () -> slot.model.version(),
            "model",
            file.name());
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** In the order that they were given. */
  public List<String> names() {
    return List.copyOf(slots.keySet());
  }

  /** The model of requests that name none. */
  public String defaultName() {
    return slots.keySet().iterator().next();
  }

  /**
   * The model that stands for a name now, for as long as the lease is open.
   *
   * @throws Refusal with 404 if there is none
   */
  public ModelLease lease(String name) {
    Slot slot = slots.get(name);
    if (slot == null) {
      throw new Refusal(
          Problem.NOT_FOUND, "there is no model '" + name + "'; there are " + names());
    }
    while (true) {
      LoadedModel model = slot.model;
      if (model.hold()) {
        return new ModelLease(model);
      }
      Thread.onSpinWait(); // it has just been replaced
    }
  }

  /** Looks once whether files were replaced, and takes those that are whole: unchanged since the last look. */
  public void reload() {
    for (Slot slot : slots.values()) {
      FileStamp now = FileStamp.of(slot.source.file());
      boolean settled = now.equals(slot.seen);
      slot.seen = now;
      if (settled && now.exists() && !now.equals(slot.read)) {
        slot.read = now;
        replace(slot);
      }
    }
  }

  private void replace(Slot slot) {
    String name = slot.source.name();
    LoadedModel old = slot.model;
    try {
      slot.model = LoadedModel.read(slot.source, old.version() + 1, devices, delay);
    } catch (RuntimeException e) {
      metrics.reloaded(name, false);
      LOG.error(
          "model {}: the new file cannot be used, so version {} stays: {}",
          name,
          old.version(),
          Program.oneLine(e));
      return;
    }
    old.retire();
    metrics.reloaded(name, true);
    LOG.info("model {}: its file was replaced, this is version {}", name, old.version() + 1);
  }

  /** Nobody must hold a lease any more, or the models outlive this call until the last is given back. */
  @Override
  public void close() {
    slots.values().forEach(slot -> slot.model.retire());
  }
}
