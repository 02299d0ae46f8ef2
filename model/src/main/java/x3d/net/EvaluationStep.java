package x3d.net;

import java.util.Map;
import java.util.Set;
import x3d.graph.Dim;
import x3d.graph.ElementType;
import x3d.graph.Graph;
import x3d.graph.OnnxFile;
import x3d.graph.Shape;
import x3d.graph.Tensor;

/**
 * Evaluation with parameters that change between runs. Inputs {@code parameters} [P], {@code
 * statistics} [S], {@code clips} [N, 3, T, H, W] of any N; output {@code probabilities} [N, K].
 */
public final class EvaluationStep {
  private EvaluationStep() {}

  /** Bytes of the model in float32, for clips of the training crop. */
  public static byte[] build(X3DConfig config, Lowering lowering) {
    return build(config, lowering, Precision.FLOAT32, ClipType.FLOAT32);
  }

  /** Bytes of the model for clips of the training crop.
   *  @throws IllegalArgumentException if lowering, precision and clips do not go together */
  public static byte[] build(
      X3DConfig config, Lowering lowering, Precision precision, ClipType clipType) {
    clipType.require(precision);
    X3D net = new X3D(config);
    Graph g = new Graph("evaluation_step");
    Tensor parameters =
        g.input("parameters", ElementType.FLOAT, Shape.of(net.parameters().size()));
    Tensor statistics =
        g.input("statistics", ElementType.FLOAT, Shape.of(net.statistics().size()));
    Dim batch = Dim.of("batch");
    Tensor clips = g.input(
        "clips",
        clipType.element(),
        Shape.mixed(batch, 3, config.numFrames(), config.crop(), config.crop()));
    FlatModules modules = new FlatModules(net, parameters, statistics, Set.copyOf(X3D.STAGES));
    Spelling spelling = lowering.spelling(batch, config.numFrames(), Purpose.INFERENCE, precision);
    g.output(
        "probabilities", new Forward(g, net, spelling, precision, modules).probabilities(clips));
    return new OnnxFile(g, Map.of()).toBytes();
  }
}
