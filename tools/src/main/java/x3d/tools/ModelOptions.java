package x3d.tools;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import x3d.cli.DeviceOptions;
import x3d.collective.Collective;
import x3d.collective.Cores;
import x3d.runtime.Device;
import x3d.runtime.Provider;

/** The options of every command that shows videos to a model: the model, and what it runs on. */
public class ModelOptions {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description = "The .onnx model file.")
  private Path model;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of the network. Default: all cores, shared among the ranks of a host.")
  private Integer threads;

  @Mixin
  private DeviceOptions devices;

  /** The model file. */
  public final Path model() {
    return model;
  }

  /** What the model runs on in a rank of a job, which has its part of the host's cores and devices. Every rank must call it. */
  public final List<Device> devices(Collective job) {
    int share = threads == null ? Cores.share(job) : threads;
    return devices.provider() == Provider.CPU
        ? devices.forInference(share)
        : devices.ofRank(share, 1, job.localRank(), job.localSize());
  }
}
