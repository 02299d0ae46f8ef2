package x3d.tools;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import x3d.net.Factors;
import x3d.net.InferenceModel;
import x3d.net.Lowering;
import x3d.net.ModelMetadata;
import x3d.net.Precision;
import x3d.net.Variant;
import x3d.net.X3D;
import x3d.net.X3DConfig;
import x3d.train.Network;
import x3d.weights.LoadReport;
import x3d.weights.Weights;

/** Makes a model file that says all that its users need to know. */
@Command(
    name = "export",
    description = "Make a self-describing model.onnx of weights.",
    sortOptions = false)
final class ExportCommand implements Callable<Integer> {
  @Option(
      names = "--weights",
      required = true,
      paramLabel = "FILE",
      description = "A safetensors file, a checkpoint of a run among them, or a .pyth or .pt.")
  private Path weightsFile;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The .onnx file to write.")
  private Path out;

  @Option(
      names = "--lowering",
      defaultValue = "conv3d",
      description =
          "conv3d (any clip size; x3d itself runs it with its kernels), planes (2-D convolutions only) or"
              + " kernels (with operators that only x3d has). Default: ${DEFAULT-VALUE}.")
  private String lowering;

  @Option(
      names = "--precision",
      defaultValue = "float32",
      converter = PrecisionOfModel.class,
      paramLabel = "P",
      description =
          "float32, or float16: half the file, for devices that compute in it; on a CPU it is slower. Clips and"
              + " probabilities are float32 either way. Default: ${DEFAULT-VALUE}.")
  private Precision precision;

  @Option(
      names = "--classes",
      paramLabel = "FILE",
      description = "Class names, one a line in label order. Without them classes go by number.")
  private Path classes;

  @Mixin
  private ClipOptions clips;

  @Mixin
  private NetworkOptions network;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Lowering spelling = Lowering.of(lowering);
    Weights weights = Network.weights(weightsFile);
    X3DConfig config = network.resolve(WeightFacts.of(weights));
    X3D net = new X3D(config);
    LoadReport.fill(
            weights,
            net.parameters(),
            new float[net.parameters().size()],
            net.statistics(),
            new float[net.statistics().size()])
        .requireExact();
    Json.save(
        out, InferenceModel.build(config, weights, metadata(config, weights), spelling, precision));
    spec.commandLine()
        .getOut()
        .println("wrote " + out + ": " + Variant.nameOf(config) + ", " + config.numClasses()
            + " classes, " + net.parameters().size() + " parameters");
    spec.commandLine().getOut().flush();
    return 0;
  }

  private ModelMetadata metadata(X3DConfig config, Weights weights) throws IOException {
    Map<String, String> provenance = new LinkedHashMap<>(weights.metadata());
    provenance.putAll(Factors.toMap(config));
    provenance.put("weights", weightsFile.getFileName().toString());
    provenance.put("parameters", Integer.toString(new X3D(config).parameters().size()));
    return clips.metadata(config, network.recipe(), names(config), provenance);
  }

  private List<String> names(X3DConfig config) throws IOException {
    if (classes == null) {
      return List.of();
    }
    List<String> names = CheckpointModel.names(classes);
    if (names.size() != config.numClasses()) {
      throw new IllegalArgumentException(classes + " names " + names.size()
          + " classes, and the weights have " + config.numClasses());
    }
    return names;
  }
}
