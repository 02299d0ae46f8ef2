package x3d.serve.model;

import java.util.Map;
import x3d.classify.Classifier;

/** The use of a model for one request, whatever replaces it meanwhile. */
public final class ModelLease implements AutoCloseable {
  private final LoadedModel model;
  private boolean closed;

  ModelLease(LoadedModel model) {
    this.model = model;
  }

  public String name() {
    return model.name();
  }

  /** From 1 on, one more with each replaced file. */
  public int version() {
    return model.version();
  }

  /** The last part of the file's path. */
  public String fileName() {
    return String.valueOf(model.file().getFileName());
  }

  public Classifier classifier() {
    return model.classifier();
  }

  /** What clients are told of the model, without its class names. */
  public Map<String, Object> fields() {
    return model.fields();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      model.release();
    }
  }
}
