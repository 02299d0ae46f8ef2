package x3d.tools;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import x3d.classify.Classifier;
import x3d.classify.Views;
import x3d.cli.DeviceOptions;
import x3d.collective.Collective;
import x3d.collective.Cores;
import x3d.runtime.Device;
import x3d.runtime.Provider;

/** The options of every command that shows videos to a model. */
final class ViewOptions {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description = "The .onnx model file.")
  private Path model;

  @Option(
      names = "--views",
      paramLabel = "N",
      description = "Clips of each video. Default: what the model file says.")
  private Integer views;

  @Option(
      names = "--crops",
      paramLabel = "N",
      description = "Squares of each clip: 1 (centre) or 3. Default: what the model file says.")
  private Integer crops;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of the network. Default: all cores, shared among the ranks of a host.")
  private Integer threads;

  @Mixin
  private DeviceOptions devices;

  Path model() {
    return model;
  }

  /** What the model runs on in a rank of a job, which has its part of the host's cores and devices. Every rank must call it. */
  List<Device> devices(Collective job) {
    int share = threads == null ? Cores.share(job) : threads;
    return devices.provider() == Provider.CPU
        ? devices.forInference(share)
        : devices.ofRank(share, 1, job.localRank(), job.localSize());
  }

  Views views(Classifier classifier) {
    Views usual = classifier.defaultViews();
    return new Views(views == null ? usual.views() : views, crops == null ? usual.crops() : crops);
  }
}
