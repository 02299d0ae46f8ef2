package x3d.tools;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import x3d.net.Lowering;
import x3d.runtime.Provider;
import x3d.train.Recipe;

/** What looks at videos: a model file or a checkpoint. */
class ModelSource {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description = "The .onnx model file.")
  private Path model;

  @ArgGroup(exclusive = false)
  private Checkpoint checkpoint;

  /** A checkpoint, and what it may leave open. */
  static final class Checkpoint {
    @Option(
        names = "--checkpoint",
        required = true,
        paramLabel = "FILE",
        description = "A checkpoint instead of a model: .pyth, .pt or .safetensors.")
    private Path file;

    @Option(
        names = "--recipe",
        paramLabel = "FILE",
        description =
            "The checkpoint's recipe, a file or one that is shipped. Default: what it says"
                + " of itself, or what its shapes say and X3D-S's clips.")
    private Path recipe;

    @Option(
        names = "--classes",
        paramLabel = "FILE",
        description = "The checkpoint's class names, one a line. Default: numbers.")
    private Path classes;
  }

  /** The checkpoint as a model file, once it was asked for. */
  private Path exported;

  /** What was named: the model file, or the checkpoint. */
  final Path named() {
    return checkpoint == null ? model : checkpoint.file;
  }

  /** The model file; of a checkpoint one that is made for a provider, and gone when the program ends. */
  final Path file(Provider provider) {
    if (checkpoint == null) {
      return model;
    }
    if (exported == null) {
      exported = exported(provider);
    }
    return exported;
  }

  private Path exported(Provider provider) {
    try {
      byte[] made = CheckpointModel.of(
          checkpoint.file,
          Optional.ofNullable(checkpoint.recipe).map(Recipe::read),
          checkpoint.classes == null ? List.of() : CheckpointModel.names(checkpoint.classes),
          provider == Provider.CANN ? Lowering.PLANES : Lowering.CONV3D);
      Path file = Files.createTempFile("x3d-checkpoint-", ".onnx");
      file.toFile().deleteOnExit();
      return Files.write(file, made);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
