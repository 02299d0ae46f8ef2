package x3d.tools.bench;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a PyTorch peer's network runs on, and how. */
final class PeerPlacement {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--peer-device",
      paramLabel = "D",
      description = "What the peer runs on: cpu, cuda or cuda:1. Default: cpu.")
  private String device;

  @Option(
      names = "--peer-precision",
      paramLabel = "P",
      description = {
        "The peer's arithmetic: float32, tf32, or float16 (trains by autocast with a gradient",
        "scaler, infers with weights in float16; on a CPU bfloat16). Default: float32."
      })
  private String precision;

  @Option(
      names = "--peer-channels-last",
      description = "The peer's tensors are in channels_last_3d.")
  private boolean channelsLast;

  @Option(names = "--peer-compile", description = "The peer's network goes through torch.compile.")
  private boolean compiles;

  /**
   * As our scripts take them; none where nothing was asked for.
   *
   * @throws ParameterException if something was asked for and there is no peer
   */
  List<String> arguments(PeerOptions peers) {
    List<String> arguments = new ArrayList<>();
    if (device != null) {
      arguments.addAll(List.of("--device", device));
    }
    if (precision != null) {
      arguments.addAll(List.of("--precision", precision));
    }
    if (channelsLast) {
      arguments.add("--channels-last");
    }
    if (compiles) {
      arguments.add("--compile");
    }
    if (!arguments.isEmpty() && !peers.wanted()) {
      throw new ParameterException(
          spec.commandLine(),
          "--peer-" + arguments.get(0).substring(2) + ": of which --peer PYTHON?");
    }
    return arguments;
  }
}
