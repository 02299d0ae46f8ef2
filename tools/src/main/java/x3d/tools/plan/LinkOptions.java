package x3d.tools.plan;

import java.util.Optional;
import java.util.OptionalDouble;
import picocli.CommandLine.Option;

/** What joins devices, ranks and hosts. */
final class LinkOptions {
  /** Of two cores copying, where neither profile nor option says. */
  private static final double USUAL_HOST = 10e9;

  private static final double USUAL_HOST_LATENCY = 5e-6;

  @Option(
      names = "--host-bandwidth",
      paramLabel = "RATE",
      converter = Quantity.Rate.class,
      description =
          "Bytes a second between the ranks of a host, all together, as are sums of its devices."
              + " Default: the profile's, else 10G.")
  private Double host;

  @Option(
      names = "--host-latency",
      paramLabel = "TIME",
      converter = Quantity.Seconds.class,
      description = "Of a message between ranks of a host. Default: the profile's, else 5us.")
  private Double hostLatency;

  @Option(
      names = "--network-bandwidth",
      defaultValue = "12.5G",
      paramLabel = "RATE",
      converter = Quantity.Rate.class,
      description =
          "Bytes a second out of a host, and into it. Default: ${DEFAULT-VALUE}, 100 Gbit/s.")
  private double network;

  @Option(
      names = "--network-latency",
      defaultValue = "10us",
      paramLabel = "TIME",
      converter = Quantity.Seconds.class,
      description = "Of a message between hosts. Default: ${DEFAULT-VALUE}.")
  private double networkLatency;

  @Option(
      names = "--device-bandwidth",
      paramLabel = "RATE",
      converter = Quantity.Rate.class,
      description = "Bytes a second between a host and each device, such as 25G for PCIe 4."
          + " Without it the devices are the host's own cores and memory.")
  private Double device;

  Cluster.Links links(Optional<Profile.Exchange> measured) {
    return new Cluster.Links(
        host == null ? measured.map(Profile.Exchange::bytesPerSecond).orElse(USUAL_HOST) : host,
        hostLatency == null
            ? measured.map(Profile.Exchange::latencySeconds).orElse(USUAL_HOST_LATENCY)
            : hostLatency,
        network,
        networkLatency,
        device == null ? OptionalDouble.empty() : OptionalDouble.of(device));
  }
}
