package x3d.tools.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import x3d.kernel.MachinePeak;
import x3d.net.Variant;
import x3d.net.X3D;
import x3d.net.X3DConfig;
import x3d.tools.NetworkOptions;

/** What a network must do and what this machine can do. */
@Command(
    name = "roofline",
    description = {
      "The operations and the memory traffic of a network, a stage and kind of operation, what this machine can",
      "do, and so the least time that each can take: one clip's inference, and one training step."
    },
    footer = {
      "%nBytes are float32 and counted as if every operation read its inputs from memory and wrote its output",
      "there once; a batch norm goes with its activation, and is folded away at inference. Work that caches or",
      "fuses more can beat the memory's share of the bound, not that of the operations."
    },
    sortOptions = false)
final class BenchRooflineCommand implements Callable<Integer> {
  @Mixin
  private NetworkOptions network;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Clips of the training step. Default: ${DEFAULT-VALUE}.")
  private int batch = 8;

  @Mixin
  private BenchOptions options;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (batch < 1) {
      throw new IllegalArgumentException("--batch is " + batch + "; it must be 1 or more");
    }
    X3DConfig config = network.resolve();
    MachinePeak peak = MachinePeak.measure(options.threads());
    Roofline inference = Roofline.inference(config);
    Roofline training = Roofline.training(config, batch);
    Machine machine = Machine.here();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("bench", "roofline");
    fields.put("network", Variant.nameOf(config));
    fields.put("parameters", new X3D(config).parameters().size());
    fields.put("macs", inference.macs());
    fields.put("batch", batch);
    fields.put("threads", options.threads());
    fields.put("flopsPerSecond", peak.flopsPerSecond());
    fields.put("bytesPerSecond", peak.bytesPerSecond());
    fields.put("inference", inference.fields(peak));
    fields.put("training", training.fields(peak));
    fields.put("machine", machine.fields());
    options.publish(
        fields,
        out -> print(out, fields, peak, List.of(inference, training), machine),
        spec.commandLine().getOut());
    return 0;
  }

  private void print(
      PrintWriter out,
      Map<String, Object> fields,
      MachinePeak peak,
      List<Roofline> both,
      Machine machine) {
    out.printf(
        Locale.ROOT,
        "network  %s, %d parameters, %.2f G multiply-adds a clip%n",
        fields.get("network"),
        fields.get("parameters"),
        both.get(0).macs() / 1e9);
    out.printf(
        Locale.ROOT,
        "machine can  %.1f Gflop/s of fused multiply-adds, %.1f GB/s of copying (read and written), on %d threads%n",
        peak.flopsPerSecond() / 1e9,
        peak.bytesPerSecond() / 1e9,
        options.threads());
    table(out, "inference, one clip", both.get(0), peak);
    table(out, "training step, batch " + batch, both.get(1), peak);
    out.println();
    out.println("machine  " + machine);
  }

  private static void table(PrintWriter out, String title, Roofline roofline, MachinePeak peak) {
    out.println();
    out.printf(
        "%-28s %9s %9s %12s %12s %12s%n",
        title, "Gflop", "MB", "compute ms", "memory ms", "at least ms");
    for (Roofline.Row row : roofline.rows()) {
      line(out, row.stage() + " " + row.kind().words(), row, peak);
    }
    line(out, "all", roofline.total(), peak);
  }

  private static void line(PrintWriter out, String name, Roofline.Row row, MachinePeak peak) {
    out.printf(
        Locale.ROOT,
        "  %-26s %9.3f %9.1f %12.3f %12.3f %12.3f%n",
        name,
        row.flops() / 1e9,
        row.bytes() / 1e6,
        1e3 * row.flops() / peak.flopsPerSecond(),
        1e3 * row.bytes() / peak.bytesPerSecond(),
        1e3 * row.seconds(peak));
  }
}
