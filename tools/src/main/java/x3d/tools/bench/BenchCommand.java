package x3d.tools.bench;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code x3d-tools bench}: how fast it is here, and how much memory it takes. */
@Command(
    name = "bench",
    description =
        "Measure training, inference, loading or serving on this machine, beside PyTorch if wanted.",
    subcommands = {
      BenchTrainCommand.class,
      BenchInferCommand.class,
      BenchLoadCommand.class,
      BenchServeCommand.class,
      BenchRooflineCommand.class
    })
public final class BenchCommand implements Runnable {
  @Spec
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "which bench? train, infer, load, serve or roofline");
  }
}
