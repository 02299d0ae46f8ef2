package x3d.net;

import x3d.graph.Dim;
import x3d.graph.ElementType;
import x3d.graph.Graph;
import x3d.graph.OnnxFile;
import x3d.graph.Shape;
import x3d.graph.Tensor;
import x3d.weights.Weights;

/**
 * The model that is exported: input {@code clips} [N, 3, T, H, W], output {@code probabilities} [N, K];
 * batch normalisation is folded away. N is free; with {@link Lowering#CONV3D} so are H and W, from the
 * training crop up.
 */
public final class InferenceModel {
  private InferenceModel() {}

  /**
   * Bytes of the model.
   *
   * @param weights parameters and running statistics under SlowFast's names
   * @throws x3d.weights.WeightsException if one is missing
   */
  public static byte[] build(
      X3DConfig config, Weights weights, ModelMetadata metadata, Lowering lowering) {
    return new OnnxFile(graph(config, weights, lowering), metadata.toMap()).toBytes();
  }

  static Graph graph(X3DConfig config, Weights weights, Lowering lowering) {
    X3D net = new X3D(config);
    Graph g = new Graph(Variant.nameOf(config));
    Dim batch = Dim.of("batch");
    boolean free = lowering != Lowering.PLANES;
    Dim height = free ? Dim.of("height") : Dim.of(config.crop());
    Dim width = free ? Dim.of("width") : Dim.of(config.crop());
    Tensor clips = g.input(
        "clips", ElementType.FLOAT, Shape.mixed(batch, 3, config.numFrames(), height, width));
    Spelling spelling = lowering.spelling(batch, config.numFrames(), Purpose.INFERENCE);
    g.output(
        "probabilities",
        new Forward(g, net, spelling, new ConstantModules(g, net, weights)).probabilities(clips));
    return g;
  }
}
