package x3d.tools;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.cli.DeviceOptions;
import x3d.net.Lowering;
import x3d.net.Precision;
import x3d.runtime.Device;
import x3d.train.Comparison;
import x3d.train.Comparison.Tolerance;

/** {@code x3d-tools compare}: our graphs against another framework's numbers. */
@Command(
    name = "compare",
    description =
        "Compare a network, its gradients and a short training with the numbers of another framework, kept in a folder.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all differences are within tolerance",
      "1:one is beyond, or the case cannot be run",
      "2:wrong call"
    })
final class CompareCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Parameters(
      paramLabel = "CASE_DIR",
      description =
          "Folder with case.json, weights.safetensors, batch.safetensors and what else is known.")
  private Path folder;

  @Option(
      names = "--lowering",
      paramLabel = "L",
      defaultValue = "conv3d",
      description =
          "conv3d, planes, conv3d_fused, planes_fused or kernels (default: ${DEFAULT-VALUE}).")
  private String lowering;

  @Option(
      names = "--precision",
      paramLabel = "LEVEL",
      defaultValue = "O0",
      converter = PrecisionLevel.class,
      description = {
        "O0, O1 or O2, as APEX.OPT_LEVEL (default: ${DEFAULT-VALUE}). O1 and O2 round to float16, so give",
        "a tolerance: expect 1e-3 of probabilities, loss and BN statistics. Gradients differ by 1e-2 and,",
        "in batches of a few clips, where a rounding may turn a relu on or off, by 1e-1 and more; losses of",
        "the trajectory likewise, and weights after it, some of which begin at 0, by their own size."
      })
  private Precision precision;

  @Option(
      names = "--tolerance",
      paramLabel = "X",
      description =
          "Greatest difference of any part. Default: probabilities, loss and BN statistics 1e-5, gradients 1e-4, losses of the trajectory 1e-3, weights after it 1e-2.")
  private Double tolerance;

  @Option(names = "--threads", paramLabel = "N", description = "Threads (default: all cores).")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Mixin
  private DeviceOptions devices;

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    Tolerance limit = tolerance == null ? Tolerance.DEFAULT : Tolerance.of(tolerance);
    Comparison result = Comparison.of(folder, spelling(), precision, device(), limit);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(new ObjectMapper().writeValueAsString(result));
    } else {
      print(out, result, limit);
    }
    out.flush();
    return result.passed() ? 0 : 1;
  }

  private Device device() {
    List<Device> asked = devices.forInference(threads);
    if (asked.size() > 1) {
      throw new ParameterException(
          spec.commandLine(), "--devices: one device is compared at a time; got " + asked.size());
    }
    return asked.get(0);
  }

  private Lowering spelling() {
    Lowering spelling;
    try {
      spelling = Lowering.of(lowering);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--lowering: " + e.getMessage());
    }
    if (!spelling.takes(precision)) {
      throw new ParameterException(
          spec.commandLine(),
          "--precision: " + spelling.id() + " computes in float32 only, O0; got " + precision.id());
    }
    return spelling;
  }

  private static void print(PrintWriter out, Comparison c, Tolerance limit) {
    out.printf(
        "%-24s %12s %12s%n",
        "lowering " + c.lowering() + ", " + c.precision(), "difference", "tolerance");
    row(out, "eval probabilities", c.evalProbabilities(), limit.evalProbabilities());
    row(out, "loss", c.loss(), limit.loss());
    row(out, "gradients", c.gradients(), limit.gradients());
    row(out, "batch statistics", c.batchStatistics(), limit.batchStatistics());
    row(out, "trajectory", c.trajectory(), limit.trajectory());
    row(out, "weights after steps", c.weightsAfterSteps(), limit.weightsAfterSteps());
    out.println("worst gradient: " + c.worstGradient());
    out.println(c.passed() ? "passed" : "FAILED");
  }

  private static void row(PrintWriter out, String part, Double difference, double limit) {
    String shown = difference == null ? "not given" : String.format("%.2e", difference);
    String mark = difference == null || difference <= limit ? "" : "  <- beyond";
    out.printf("%-24s %12s %12.0e%s%n", part, shown, limit, mark);
  }
}
