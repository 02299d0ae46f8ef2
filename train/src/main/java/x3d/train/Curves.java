package x3d.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import x3d.tensorboard.EventFile;

/**
 * The metrics of a run for TensorBoard, under the tags of SlowFast's {@code tools/train_net.py} where it has them. Unlike there a
 * validation's step is that of the training, so that both lie over one axis.
 */
final class Curves implements AutoCloseable {
  /** By kind of metric: which of its fields, and what TensorBoard calls it. */
  private static final Map<String, Map<String, String>> TAGS = Map.of(
      "train",
          Map.of(
              "loss", "Train/loss",
              "lr", "Train/lr",
              "top1_err", "Train/Top1_err",
              "top5_err", "Train/Top5_err",
              "grad_norm", "Train/grad_norm",
              "loss_scale", "Train/loss_scale",
              "dt_data", "Train/dt_data",
              "dt_step", "Train/dt_step",
              "fps", "Train/fps"),
      "val", Map.of("top1_err", "Val/Top1_err", "top5_err", "Val/Top5_err"),
      "overflow", Map.of("loss_scale", "Train/loss_scale", "overflows", "Train/overflows"),
      "memory",
          Map.of(
              "resident_bytes", "Memory/resident_bytes",
              "heap_bytes", "Memory/heap_bytes"));

  private final EventFile file;

  private Curves(EventFile file) {
    this.file = file;
  }

  /**
   * Begins a file if {@code TENSORBOARD.ENABLE} asks for one.
   *
   * @param step steps done so far
   */
  static Optional<Curves> of(Recipe recipe, long step) {
    if (!recipe.flag("TENSORBOARD.ENABLE")) {
      return Optional.empty();
    }
    Path folder = folder(recipe);
    try {
      return Optional.of(new Curves(EventFile.create(folder, step + 1, InstantSource.system())));
    } catch (IOException e) {
      throw new TrainingException("cannot write for TensorBoard to " + folder + ": " + e, e);
    }
  }

  /** SlowFast's: {@code TENSORBOARD.LOG_DIR} or {@code runs-DATASET}, in {@code OUTPUT_DIR}. */
  static Path folder(Recipe recipe) {
    String named = recipe.text("TENSORBOARD.LOG_DIR");
    return Path.of(recipe.text("OUTPUT_DIR"))
        .resolve(named.isEmpty() ? "runs-" + recipe.text("TRAIN.DATASET") : named);
  }

  /** Writes what a metric has for curves. */
  void metric(String type, long step, Map<String, ?> fields) {
    Map<String, Double> scalars = new LinkedHashMap<>();
    Map<String, String> tags = TAGS.getOrDefault(type, Map.of());
    fields.forEach((name, value) -> {
      if (tags.containsKey(name)) {
        scalars.put(tags.get(name), ((Number) value).doubleValue());
      }
    });
    if (scalars.isEmpty()) {
      return;
    }
    try {
      file.scalars(step, scalars);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
