package x3d.serve.model;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import x3d.classify.Classifier;
import x3d.classify.Loading;
import x3d.classify.Views;
import x3d.runtime.Device;

/**
 * A model as it was read from its file once. It is closed when the last of those who use it is done and it has been
 * {@link #retire retired}.
 */
final class LoadedModel {
  private final String name;
  private final int version;
  private final Instant loaded = Instant.now();
  private final Path file;
  private final Classifier classifier;
  /** Those who use it, and one for being the model of its name. */
  private int holders = 1;

  private LoadedModel(String name, int version, Path file, Classifier classifier) {
    this.name = name;
    this.version = version;
    this.file = file;
    this.classifier = classifier;
  }

  /** Reads a file and lets the model look at an empty clip, which is all it takes to find out that it works. */
  static LoadedModel read(ModelFile source, int version, List<Device> devices, Duration delay) {
    Classifier classifier = Classifier.open(source.file(), devices, Loading.forMany(delay));
    try {
      Views views = classifier.defaultViews();
      classifier.probabilities(FloatBuffer.allocate(classifier.clipSize(views)), views);
      return new LoadedModel(source.name(), version, source.file(), classifier);
    } catch (RuntimeException e) {
      classifier.close();
      throw e;
    }
  }

  String name() {
    return name;
  }

  int version() {
    return version;
  }

  Path file() {
    return file;
  }

  Classifier classifier() {
    return classifier;
  }

  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", name);
    fields.put("version", version);
    fields.put("loaded", loaded.toString());
    fields.putAll(classifier.fields());
    return fields;
  }

  /** Whether it may be used; if so {@link #release} must follow. */
  synchronized boolean hold() {
    if (holders == 0) {
      return false;
    }
    holders++;
    return true;
  }

  void release() {
    boolean last;
    synchronized (this) {
      last = --holders == 0;
    }
    if (last) {
      classifier.close();
    }
  }

  /** It is no longer the model of its name. */
  void retire() {
    release();
  }
}
