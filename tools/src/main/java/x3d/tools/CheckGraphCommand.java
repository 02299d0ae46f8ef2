package x3d.tools;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.graph.GraphException;
import x3d.graph.OnnxFile;
import x3d.net.CannOperators;
import x3d.net.CannOperators.Refused;

/** Says which nodes of a model a provider would leave to the host, without a device. */
@Command(
    name = "check-graph",
    description = "Name every node of a model that an execution provider would refuse, and why.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the provider takes every node",
      "1:it refuses some, or the model cannot be read",
      "2:wrong call"
    },
    sortOptions = false)
final class CheckGraphCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "A .onnx file that x3d wrote.")
  private Path file;

  @Option(
      names = "--ep",
      required = true,
      paramLabel = "PROVIDER",
      description = "cann. No device is needed.")
  private String provider;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (!provider.equalsIgnoreCase("cann")) {
      throw new ParameterException(
          spec.commandLine(),
          "--ep " + provider + ": only cann's rules are known without a device; other providers"
              + " say what they leave to the CPU when a command runs with --strict-ep");
    }
    OnnxFile model = read();
    List<Refused> refused = CannOperators.refusedOf(model.graph());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("file", file.toString());
      fields.put("provider", "cann");
      fields.put("nodes", model.graph().liveNodes().size());
      fields.put("refused", refused);
      out.println(Json.line(fields));
    } else {
      refused.forEach(r -> out.println(r.name() + "  " + r.operator() + ": " + r.reason()));
      out.println("cann refuses " + refused.size() + " of "
          + model.graph().liveNodes().size() + " nodes of " + file);
    }
    out.flush();
    return refused.isEmpty() ? 0 : 1;
  }

  private OnnxFile read() throws IOException {
    try {
      return OnnxFile.fromBytes(Files.readAllBytes(file));
    } catch (GraphException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }
}
