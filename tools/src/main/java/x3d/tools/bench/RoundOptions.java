package x3d.tools.bench;

import picocli.CommandLine.Option;

/** How often work is measured. */
final class RoundOptions {
  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds that count. Default: ${DEFAULT-VALUE}.")
  private int rounds = 5;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description = "Rounds before them that do not. Default: ${DEFAULT-VALUE}.")
  private int warmUp = 2;

  /** @throws IllegalArgumentException if there are no rounds */
  Measurement.Plan plan() {
    return new Measurement.Plan(warmUp, rounds);
  }
}
