package x3d.tools;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import x3d.collective.Collective;
import x3d.runtime.Device;

/** The options of a command that shows videos to a model: the model, and what it runs on. */
public class ModelOptions {
  @ArgGroup(multiplicity = "1")
  private ModelSource source;

  @Mixin
  private ShareOptions share;

  /** What was named: the model file, or the checkpoint. */
  public final Path source() {
    return source.named();
  }

  /** The model file; of a checkpoint one that is made, and gone when the program ends. */
  public final Path model() {
    return source.file(share.provider());
  }

  /** What the model runs on in a rank of a job, which has its part of the host's cores and devices. Every rank must call it. */
  public final List<Device> devices(Collective job) {
    return share.devices(job);
  }
}
