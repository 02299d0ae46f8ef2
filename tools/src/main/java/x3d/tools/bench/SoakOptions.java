package x3d.tools.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whether to look at memory over a long run. */
final class SoakOptions {
  @Option(
      names = "--soak",
      paramLabel = "N",
      description = {
        "After the rounds do the work N times more (steps, videos) and report memory at the start, the",
        "quarters and the end; exit 1 if it grew by more than --max-growth."
      })
  private Long count;

  @Option(
      names = "--max-growth",
      paramLabel = "MIB",
      description =
          "Growth that a soak passes, of the heap and of resident memory each. Default: ${DEFAULT-VALUE}.")
  private long bound = 64;

  Optional<Soak> run(Contender.Work work) throws IOException, InterruptedException {
    if (count == null) {
      return Optional.empty();
    }
    if (count < 1) {
      throw new IllegalArgumentException("--soak is " + count + "; it must be 1 or more");
    }
    return Optional.of(Soak.of(count, bound << 20, work));
  }

  /** The exit code, and a line on the growth if it is too much. */
  static int verdict(Optional<Soak> soak, PrintWriter err, String command) {
    if (soak.isEmpty() || soak.get().flat()) {
      return 0;
    }
    err.println(command + ": memory grew by more than " + (soak.get().bound() >> 20)
        + " MiB over the soak");
    err.flush();
    return 1;
  }
}
