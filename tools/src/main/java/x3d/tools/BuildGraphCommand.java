package x3d.tools;

import java.io.IOException;
import java.nio.file.Path;
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
import x3d.net.ClipType;
import x3d.net.Factors;
import x3d.net.InferenceModel;
import x3d.net.Lowering;
import x3d.net.ModelMetadata;
import x3d.net.Precision;
import x3d.net.TrainingStep;
import x3d.net.Variant;
import x3d.net.X3DConfig;
import x3d.weights.ParameterLayout;
import x3d.weights.Weights;

/** Writes the graphs that training and validation run, and what their flat vectors hold. */
@Command(
    name = "build-graph",
    description = {
      "Write the ONNX graphs of a network: training.onnx (loss, gradients, batch statistics), inference.onnx"
          + " (probabilities, with fresh weights in it) and layout.json (where each weight lies in the flat vectors)."
    },
    sortOptions = false)
final class BuildGraphCommand implements Callable<Integer> {
  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where to write.")
  private Path folder;

  @Option(
      names = "--batch",
      defaultValue = "8",
      paramLabel = "N",
      description = "Clips of one training step. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--lowering",
      defaultValue = "conv3d",
      description =
          "conv3d, planes (2-D convolutions only), either followed by _fused (the training step in"
              + " ONNX Runtime's training operators), or kernels (with operators that only x3d has)."
              + " Default: ${DEFAULT-VALUE}.")
  private String lowering;

  @Option(
      names = "--precision",
      defaultValue = "O0",
      converter = PrecisionLevel.class,
      paramLabel = "LEVEL",
      description =
          "O0 (float32), O1 (convolutions and matrix products in float16) or O2 (weights and activations in float16),"
              + " as APEX.OPT_LEVEL. Default: ${DEFAULT-VALUE}.")
  private Precision precision;

  @Option(
      names = "--label-smoothing",
      defaultValue = "0",
      paramLabel = "X",
      description = "From 0 to below 1. Default: ${DEFAULT-VALUE}.")
  private double labelSmoothing;

  @Option(
      names = "--frozen-bn",
      description = "Normalise by running statistics, which become an input.")
  private boolean frozenBatchNorm;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "Of the fresh weights. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin
  private ClipOptions clips;

  @Mixin
  private NetworkOptions network;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Lowering spelling = Lowering.of(lowering);
    X3DConfig config = network.resolve();
    TrainingStep step = TrainingStep.build(
        config,
        new TrainingStep.Options(
            batch, spelling, labelSmoothing, frozenBatchNorm, precision, ClipType.FLOAT32));
    Json.save(folder.resolve("training.onnx"), step.onnx());
    Json.save(
        folder.resolve("inference.onnx"),
        InferenceModel.build(config, fresh(step), metadata(config), spelling, precision));
    Map<String, Object> layout = new LinkedHashMap<>();
    layout.put("network", Factors.toMap(config));
    layout.put("parameters", slices(step.parameters()));
    layout.put("statistics", slices(step.statistics()));
    Json.save(folder.resolve("layout.json"), Json.pretty(layout) + "\n");
    spec.commandLine()
        .getOut()
        .println("wrote training.onnx, inference.onnx and layout.json to " + folder + ": "
            + Variant.nameOf(config) + ", " + step.parameters().size() + " parameters, "
            + step.statistics().size() + " statistics");
    spec.commandLine().getOut().flush();
    return 0;
  }

  private Weights fresh(TrainingStep step) {
    return step.parameters()
        .unpack(step.parameters().initialise(seed), Map.of())
        .and(step.statistics().unpack(step.statistics().initialise(seed), Map.of()));
  }

  private ModelMetadata metadata(X3DConfig config) {
    return clips.metadata(
        config, network.recipe(), List.of(), Map.of("weights", "fresh, seed " + seed));
  }

  private static List<Map<String, Object>> slices(ParameterLayout layout) {
    return layout.slices().stream()
        .map(slice -> {
          Map<String, Object> fields = new LinkedHashMap<>();
          fields.put("name", slice.name());
          fields.put("shape", slice.spec().shape());
          fields.put("offset", slice.offset());
          fields.put("length", slice.length());
          fields.put("batchNorm", slice.spec().batchNorm());
          fields.put(
              "initialization", slice.spec().initialization().name().toLowerCase(Locale.ROOT));
          return fields;
        })
        .toList();
  }
}
