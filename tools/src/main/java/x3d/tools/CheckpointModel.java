package x3d.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import x3d.net.Factors;
import x3d.net.InferenceModel;
import x3d.net.Lowering;
import x3d.net.Precision;
import x3d.net.X3D;
import x3d.net.X3DConfig;
import x3d.train.Network;
import x3d.train.Recipe;
import x3d.weights.LoadReport;
import x3d.weights.Weights;

/** A model file made of a checkpoint. */
final class CheckpointModel {
  private CheckpointModel() {}

  /**
   * Exports a checkpoint.
   *
   * @param checkpoint PyTorch's {@code .pyth} or {@code .pt}, or safetensors, one of a run of ours among them
   * @param recipe of the network and its clips; without one what the checkpoint says of itself, or else what its shapes say and
   *     X3D-S's clips. The number of classes is the checkpoint's
   * @param classNames none, or as many as the checkpoint has
   * @return bytes of the model
   * @throws IllegalArgumentException if the checkpoint does not fit
   */
  static byte[] of(
      Path checkpoint, Optional<Recipe> recipe, List<String> classNames, Lowering lowering) {
    Weights weights = Network.weights(checkpoint);
    Optional<Recipe> meant = recipe.or(() -> own(checkpoint, weights));
    X3DConfig config = meant
        .map(r -> Network.config(r.with("MODEL.NUM_CLASSES", classes(checkpoint, weights))))
        .orElseGet(() -> new NetworkOptions().resolve(WeightFacts.of(weights)));
    X3D net = new X3D(config);
    LoadReport report = LoadReport.fill(
        weights,
        net.parameters(),
        new float[net.parameters().size()],
        net.statistics(),
        new float[net.statistics().size()]);
    if (!report.missing().isEmpty() || !report.mismatched().isEmpty()) {
      throw new IllegalArgumentException(checkpoint + " does not fit the network"
          + (recipe.isPresent() ? " of the recipe" : "; name its recipe with --recipe") + ": "
          + String.join("; ", report.toString().split("\\R")));
    }
    if (!classNames.isEmpty() && classNames.size() != config.numClasses()) {
      throw new IllegalArgumentException(checkpoint + " has " + config.numClasses()
          + " classes, and " + classNames.size() + " are named");
    }
    Map<String, String> provenance = new LinkedHashMap<>(weights.metadata());
    provenance.putAll(Factors.toMap(config));
    provenance.put("weights", checkpoint.getFileName().toString());
    return InferenceModel.build(
        config,
        weights,
        new ClipOptions().metadata(config, meant, classNames, provenance),
        lowering,
        Precision.FLOAT32);
  }

  private static Optional<Recipe> own(Path checkpoint, Weights weights) {
    return Optional.ofNullable(weights.metadata().get("recipe"))
        .map(yaml -> Recipe.read(yaml, checkpoint + " (its recipe)"));
  }

  private static int classes(Path checkpoint, Weights weights) {
    if (!weights.tensors().containsKey("head.projection.weight")) {
      throw new IllegalArgumentException(
          checkpoint + " holds no classifier: it has no head.projection.weight");
    }
    return weights.get("head.projection.weight").shape()[0];
  }

  /** Names in a file, one a line in label order. */
  static List<String> names(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .toList();
  }
}
