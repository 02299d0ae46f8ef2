package x3d.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import x3d.weights.PytorchCheckpoint;
import x3d.weights.Safetensors;
import x3d.weights.WeightTensor;
import x3d.weights.Weights;

/**
 * The file of another training that a run starts from: PyTorch's {@code .pyth} or {@code .pt}, or safetensors, a checkpoint of
 * ours among them.
 *
 * @param sha256 of the file: which weights a run began with, wherever the file lies later
 */
record Pretrained(Path file, String sha256) {
  /** What {@code TRAIN.CHECKPOINT_FILE_PATH} names, if it does. */
  static Optional<Pretrained> of(Recipe recipe) {
    String file = recipe.text("TRAIN.CHECKPOINT_FILE_PATH");
    return file.isEmpty() ? Optional.empty() : Optional.of(at(Path.of(file)));
  }

  /** @throws TrainingException if there is no such file, or it cannot be read */
  static Pretrained at(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new TrainingException("cannot start from " + file + ": "
          + (Files.exists(file) ? "it is no file" : "no such file"));
    }
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return new Pretrained(file, HexFormat.of().formatHex(digest));
    } catch (IOException e) {
      throw new TrainingException("cannot start from " + file + ": " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /** What is in the file. */
  Contents read() {
    return contents(file);
  }

  /** The weights in a file and what else is known of them; what a checkpoint of ours holds of momentum is left out and counted. */
  static Contents contents(Path file) {
    if (!file.toString().endsWith(".safetensors")) {
      return new Contents(PytorchCheckpoint.read(file), 0);
    }
    Weights all = Safetensors.read(file).weights();
    Map<String, WeightTensor> tensors = new LinkedHashMap<>(all.tensors());
    tensors.keySet().removeIf(name -> name.startsWith(Checkpoint.MOMENTUM));
    return new Contents(
        new Weights(tensors, all.metadata()), all.tensors().size() - tensors.size());
  }

  /**
   * What is in the file.
   *
   * @param momenta how many tensors of momentum it has beside the weights
   */
  record Contents(Weights weights, int momenta) {}
}
