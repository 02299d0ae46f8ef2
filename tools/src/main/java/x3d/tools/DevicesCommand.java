package x3d.tools;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import x3d.runtime.Availability;
import x3d.runtime.Device;
import x3d.runtime.DeviceInfo;
import x3d.runtime.OrtLibrary;
import x3d.runtime.Problem;
import x3d.runtime.Provider;
import x3d.runtime.RuntimeFailure;
import x3d.runtime.TrainingKernels;

/** Says what networks can run on here, and what is in the way of the rest. */
@Command(
    name = "devices",
    description =
        "List the devices that networks can run on here, and why the others cannot be used.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done; with --ep, the provider can be used",
      "1:it cannot, or ONNX Runtime cannot be loaded",
      "2:wrong call"
    },
    sortOptions = false)
final class DevicesCommand implements Callable<Integer> {
  @Option(names = "--ep", paramLabel = "PROVIDER", description = "Only cpu, cuda or cann.")
  private String provider;

  @Option(
      names = "--ort-home",
      paramLabel = "DIR",
      description = "Look at the ONNX Runtime in this folder instead of the bundled one.")
  private Path home;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() {
    List<Provider> asked = asked();
    if (home != null) {
      OrtLibrary.use(home);
    }
    List<Availability> all = asked.stream().map(Provider::availability).toList();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("onnxruntime", OrtLibrary.version());
      fields.put("bundled", OrtLibrary.bundled());
      fields.put("providers", all.stream().map(DevicesCommand::fields).toList());
      out.println(Json.line(fields));
    } else {
      out.println("ONNX Runtime " + OrtLibrary.version()
          + (OrtLibrary.bundled() ? ", bundled" : ", your own"));
      all.forEach(a -> print(out, a));
    }
    out.flush();
    return provider == null || all.get(0).usable() ? 0 : 1;
  }

  private List<Provider> asked() {
    try {
      return provider == null ? Arrays.asList(Provider.values()) : List.of(Provider.of(provider));
    } catch (RuntimeFailure e) {
      throw new ParameterException(spec.commandLine(), "--ep: " + e.getMessage());
    }
  }

  private static void print(PrintWriter out, Availability a) {
    out.println(a.provider().id() + (a.usable() ? "" : "  cannot be used"));
    for (DeviceInfo d : a.devices()) {
      out.println("  " + d.index() + "  " + d.name()
          + (d.memoryBytes().isEmpty()
              ? ""
              : String.format(Locale.ROOT, ", %.1f GiB", d.memoryBytes().getAsLong() / 0x1p30)));
    }
    if (a.usable()) {
      out.println("  fused training operators, of which x3d needs none: "
          + (kernels(a).isEmpty() ? "none" : String.join(", ", kernels(a))));
    }
    for (Problem p : a.problems()) {
      out.println("  " + p.reason());
      out.println("    -> " + p.remedy());
    }
  }

  private static List<String> kernels(Availability a) {
    if (!a.usable()) {
      return List.of();
    }
    Device first = new Device(a.provider(), a.devices().get(0).index(), 1);
    return TrainingKernels.of(first).stream().map(TrainingKernels::operator).toList();
  }

  private static Map<String, Object> fields(Availability a) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("provider", a.provider().id());
    fields.put("usable", a.usable());
    fields.put("devices", a.devices().stream().map(DevicesCommand::fields).toList());
    fields.put("trainingKernels", kernels(a));
    fields.put("problems", a.problems());
    return fields;
  }

  private static Map<String, Object> fields(DeviceInfo d) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("index", d.index());
    fields.put("name", d.name());
    fields.put("memoryBytes", d.memoryBytes().isEmpty() ? null : d.memoryBytes().getAsLong());
    return fields;
  }
}
