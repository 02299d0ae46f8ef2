package x3d.tools.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import x3d.net.Factors;
import x3d.net.InferenceModel;
import x3d.net.Lowering;
import x3d.net.Precision;
import x3d.net.X3D;
import x3d.net.X3DConfig;
import x3d.tools.ClipOptions;
import x3d.tools.NetworkOptions;
import x3d.tools.PrecisionOfModel;
import x3d.weights.ParameterLayout;
import x3d.weights.Weights;

/** Which model is measured: a file, or an X3D with drawn weights. */
final class ModelOptions {
  private static final String USUAL_LOWERING = "conv3d";

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "A model file. Default: an X3D with drawn weights, as the next options say.")
  private Path model;

  @Mixin
  private NetworkOptions network;

  @Mixin
  private ClipOptions clips;

  @Option(
      names = "--lowering",
      paramLabel = "L",
      description = {
        "How the file of drawn weights is spelled. Default: " + USUAL_LOWERING
            + ", which runs with our own kernels",
        "where the JVM has the Vector API."
      })
  private String lowering;

  @Option(
      names = "--precision",
      paramLabel = "P",
      converter = PrecisionOfModel.class,
      description =
          "What the file of drawn weights computes in: float32 or float16. Default: float32.")
  private Precision precision;

  /**
   * A model file to measure, and whether it goes when it is closed.
   *
   * @param name for the report
   */
  record Model(Path file, boolean temporary, String name) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      if (temporary) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** The file that was given, or a new one. */
  Model model() throws IOException {
    if (model != null) {
      if (lowering != null) {
        throw new IllegalArgumentException(
            "--lowering is for drawn weights; a model file has its own");
      }
      if (precision != null) {
        throw new IllegalArgumentException(
            "--precision is for drawn weights; a model file has its own");
      }
      return new Model(model, false, model.toString());
    }
    X3DConfig config = network.resolve();
    Lowering spelling = Lowering.of(lowering == null ? USUAL_LOWERING : lowering);
    byte[] onnx = InferenceModel.build(
        config,
        drawn(config),
        clips.metadata(config, network.recipe(), List.of(), Factors.toMap(config)),
        spelling,
        precision == null ? Precision.FLOAT32 : precision);
    Path file = Files.createTempFile("x3d-bench", ".onnx");
    file.toFile().deleteOnExit(); // should the bench be interrupted
    Files.write(file, onnx);
    return new Model(
        file,
        true,
        "drawn weights, a file in " + spelling.id()
            + (precision == Precision.FLOAT16 ? ", float16" : ""));
  }

  /** The factors of a model that says of itself what its provenance holds. */
  X3DConfig config(Map<String, String> provenance) {
    return network.resolve(provenance);
  }

  private static Weights drawn(X3DConfig config) {
    X3D net = new X3D(config);
    float[] parameters = net.parameters().initialise(1);
    for (ParameterLayout.Slice slice : net.parameters().slices()) {
      if (slice.name().endsWith(".c_bn.weight")) { // zero at the start of a training
        Arrays.fill(parameters, slice.offset(), slice.offset() + slice.length(), 1);
      }
    }
    return net.parameters()
        .unpack(parameters, Map.of())
        .and(net.statistics().unpack(net.statistics().initialise(1), Map.of()));
  }
}
