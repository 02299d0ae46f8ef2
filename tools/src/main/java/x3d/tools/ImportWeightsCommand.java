package x3d.tools;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.net.Factors;
import x3d.net.X3D;
import x3d.net.X3DConfig;
import x3d.weights.LoadReport;
import x3d.weights.PytorchCheckpoint;
import x3d.weights.Safetensors;
import x3d.weights.Weights;

/** Takes the weights out of a PyTorch checkpoint. */
@Command(
    name = "import-weights",
    description =
        "Turn a SlowFast or PyTorchVideo checkpoint (.pyth, .pt) into a safetensors file, and report every tensor.",
    sortOptions = false)
final class ImportWeightsCommand implements Callable<Integer> {
  @Parameters(paramLabel = "CHECKPOINT", description = "The .pyth or .pt file.")
  private Path checkpoint;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The safetensors file to write.")
  private Path out;

  @Option(names = "--json", description = "The report as one JSON object.")
  private boolean json;

  @Mixin
  private NetworkOptions network;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() {
    Weights weights = PytorchCheckpoint.read(checkpoint);
    X3DConfig config = network.resolve(WeightFacts.of(weights));
    X3D net = new X3D(config);
    float[] parameters = new float[net.parameters().size()];
    float[] statistics = new float[net.statistics().size()];
    LoadReport report =
        LoadReport.fill(weights, net.parameters(), parameters, net.statistics(), statistics);
    print(weights, report);
    if (!report.missing().isEmpty() || !report.mismatched().isEmpty()) {
      throw new IllegalArgumentException(
          checkpoint
              + " does not fit the network; nothing was written. The factors are options: --variant, --depth-factor, ...");
    }
    Map<String, String> facts = new LinkedHashMap<>(weights.metadata());
    facts.putAll(Factors.toMap(config));
    Safetensors.write(
        out,
        net.parameters()
            .unpack(parameters, facts)
            .and(net.statistics().unpack(statistics, Map.of())));
    if (!json) {
      spec.commandLine()
          .getOut()
          .println("wrote " + out + ": " + parameters.length + " parameters");
      spec.commandLine().getOut().flush();
    }
    return 0;
  }

  private void print(Weights weights, LoadReport report) {
    PrintWriter console = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>(weights.metadata());
      fields.put("loaded", report.loaded());
      fields.put("filledIn", report.filledIn());
      fields.put("missing", report.missing());
      fields.put("unexpected", report.unexpected());
      fields.put("mismatched", report.mismatched());
      console.println(Json.line(fields));
    } else {
      weights.metadata().forEach((fact, value) -> console.println(fact + ": " + value));
      console.println(report);
    }
    console.flush();
  }
}
