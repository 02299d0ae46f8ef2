package x3d.tools;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import x3d.cli.DeviceOptions;
import x3d.collective.Collective;
import x3d.collective.Cores;
import x3d.net.Lowering;
import x3d.runtime.Device;
import x3d.runtime.Provider;
import x3d.train.Recipe;

/** The options of every command that shows videos to a model: the model, and what it runs on. */
public class ModelOptions {
  @ArgGroup(multiplicity = "1")
  private Source source;

  /** What looks at the videos: a model file or a checkpoint. */
  static final class Source {
    @Option(
        names = "--model",
        required = true,
        paramLabel = "FILE",
        description = "The .onnx model file.")
    private Path model;

    @ArgGroup(exclusive = false)
    private Checkpoint checkpoint;
  }

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

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of the network. Default: all cores, shared among the ranks of a host.")
  private Integer threads;

  @Mixin
  private DeviceOptions devices;

  /** What was named: the model file, or the checkpoint. */
  public final Path source() {
    return source.checkpoint == null ? source.model : source.checkpoint.file;
  }

  /** The model file; of a checkpoint one that is made, and gone when the program ends. */
  public final Path model() {
    if (source.checkpoint == null) {
      return source.model;
    }
    if (exported == null) {
      exported = exported();
    }
    return exported;
  }

  private Path exported() {
    try {
      byte[] model = CheckpointModel.of(
          source.checkpoint.file,
          Optional.ofNullable(source.checkpoint.recipe).map(Recipe::read),
          source.checkpoint.classes == null
              ? List.of()
              : CheckpointModel.names(source.checkpoint.classes),
          devices.provider() == Provider.CANN ? Lowering.PLANES : Lowering.CONV3D);
      Path file = Files.createTempFile("x3d-checkpoint-", ".onnx");
      file.toFile().deleteOnExit();
      return Files.write(file, model);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the model runs on in a rank of a job, which has its part of the host's cores and devices. Every rank must call it. */
  public final List<Device> devices(Collective job) {
    int share = threads == null ? Cores.share(job) : threads;
    return devices.provider() == Provider.CPU
        ? devices.forInference(share)
        : devices.ofRank(share, 1, job.localRank(), job.localSize());
  }
}
