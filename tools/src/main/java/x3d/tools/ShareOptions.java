package x3d.tools;

import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import x3d.cli.DeviceOptions;
import x3d.collective.Collective;
import x3d.collective.Cores;
import x3d.runtime.Device;
import x3d.runtime.Provider;

/** What a network runs on here: a rank's part of the host's cores and devices. */
final class ShareOptions {
  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of the network. Default: all cores, shared among the ranks of a host.")
  private Integer threads;

  @Mixin
  private DeviceOptions devices;

  Provider provider() {
    return devices.provider();
  }

  /** Those of a rank of a job. Every rank must call it. */
  List<Device> devices(Collective job) {
    int share = threads == null ? Cores.share(job) : threads;
    return devices.provider() == Provider.CPU
        ? devices.forInference(share)
        : devices.ofRank(share, 1, job.localRank(), job.localSize());
  }
}
