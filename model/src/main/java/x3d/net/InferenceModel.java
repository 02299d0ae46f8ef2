package x3d.net;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import x3d.graph.Dim;
import x3d.graph.ElementType;
import x3d.graph.Graph;
import x3d.graph.GraphException;
import x3d.graph.OnnxFile;
import x3d.graph.Shape;
import x3d.graph.Tensor;
import x3d.weights.Weights;
import x3d.weights.WeightsException;

/**
 * The model that is exported: input {@code clips} [N, 3, T, H, W], output {@code probabilities} [N, K];
 * batch normalisation is folded away. N is free; with {@link Lowering#CONV3D} so are H and W, from the
 * training crop up.
 */
public final class InferenceModel {
  private static final String CROP = "x3d.crop";
  private static final String PRECISION = "x3d.precision";

  private InferenceModel() {}

  /**
   * Bytes of the model in float32.
   *
   * @param weights parameters and running statistics under SlowFast's names
   * @throws x3d.weights.WeightsException if one is missing
   */
  public static byte[] build(
      X3DConfig config, Weights weights, ModelMetadata metadata, Lowering lowering) {
    return build(config, weights, metadata, lowering, Precision.FLOAT32);
  }

  /**
   * Bytes of the model; in {@link Precision#FLOAT16} half as many. Clips and probabilities are float32 in any precision.
   *
   * @param weights parameters and running statistics under SlowFast's names
   * @throws x3d.weights.WeightsException if one is missing
   * @throws IllegalArgumentException if the lowering does not take the precision
   */
  public static byte[] build(
      X3DConfig config,
      Weights weights,
      ModelMetadata metadata,
      Lowering lowering,
      Precision precision) {
    Map<String, String> said = new TreeMap<>(metadata.toMap());
    if (precision != Precision.FLOAT32) {
      said.put(PRECISION, precision.word());
    }
    return new OnnxFile(graph(config, weights, lowering, precision), said).toBytes();
  }

  /** Whether a model file says in its metadata that it computes in float16. */
  public static boolean saysFloat16(Map<String, String> metadata) {
    return Precision.FLOAT16.word().equals(metadata.get(PRECISION));
  }

  /**
   * The same model in another lowering and the same precision, metadata included.
   *
   * @param onnx a model in {@link Lowering#CONV3D}, in float32 or {@link Precision#FLOAT16}
   * @return empty if the bytes are not those that this version writes for the numbers in them: then nobody knows what
   *     the model computes; or if the lowering does not take the model's precision
   */
  public static Optional<byte[]> respelled(byte[] onnx, Lowering lowering) {
    OnnxFile file;
    try {
      file = OnnxFile.fromBytes(onnx);
    } catch (GraphException e) {
      return Optional.empty();
    }
    Optional<Tensor> clips =
        file.graph().inputs().stream().filter(t -> t.name().equals("clips")).findFirst();
    if (clips.isEmpty() || clips.get().rank() != 5 || !file.metadata().containsKey(CROP)) {
      return Optional.empty();
    }
    Precision precision = precision(file.graph());
    if (!lowering.takes(precision)) {
      return Optional.empty();
    }
    try {
      int frames = (int) clips.get().shape().size(2);
      int crop = Integer.parseInt(file.metadata().get(CROP));
      return FoldedWeights.of(file.graph())
          .flatMap(folded -> FactorSearch.of(folded, frames, crop)
              .filter(config -> Arrays.equals(
                  onnx,
                  new OnnxFile(
                          foldedGraph(config, folded, Lowering.CONV3D, precision), file.metadata())
                      .toBytes()))
              .map(config -> new OnnxFile(
                      foldedGraph(config, folded, lowering, precision), file.metadata())
                  .toBytes()));
    } catch (WeightsException | GraphException | IllegalArgumentException e) {
      return Optional.empty(); // a foreign model: whoever loads it says what is wrong with it
    }
  }

  private static Precision precision(Graph graph) {
    boolean narrow =
        graph.initializers().keySet().stream().anyMatch(t -> t.type() == ElementType.FLOAT16);
    return narrow ? Precision.FLOAT16 : Precision.FLOAT32;
  }

  static Graph graph(X3DConfig config, Weights weights, Lowering lowering, Precision precision) {
    return foldedGraph(config, FoldedWeights.fold(new X3D(config), weights), lowering, precision);
  }

  private static Graph foldedGraph(
      X3DConfig config, Weights weights, Lowering lowering, Precision precision) {
    X3D net = new X3D(config);
    Graph g = new Graph(Variant.nameOf(config));
    Dim batch = Dim.of("batch");
    boolean free = lowering.takesAnySize();
    Dim height = free ? Dim.of("height") : Dim.of(config.crop());
    Dim width = free ? Dim.of("width") : Dim.of(config.crop());
    Tensor clips = g.input(
        "clips", ElementType.FLOAT, Shape.mixed(batch, 3, config.numFrames(), height, width));
    Spelling spelling = lowering.spelling(batch, config.numFrames(), Purpose.INFERENCE, precision);
    Modules modules = new ConstantModules(g, net, weights);
    g.output(
        "probabilities", new Forward(g, net, spelling, precision, modules).probabilities(clips));
    return g;
  }
}
