package x3d.net;

import java.util.Map;
import java.util.Set;
import x3d.graph.ElementType;
import x3d.graph.Graph;
import x3d.graph.OnnxFile;
import x3d.graph.Shape;
import x3d.graph.Tensor;

/**
 * The forward pass alone, for the batch statistics that precise batch normalisation averages. Inputs
 * {@code parameters} [P], {@code clips} [B, 3, T, H, W] and, if a stage is frozen, {@code statistics} [S]; output {@code
 * batch_statistics} [S] as of {@link TrainingStep}.
 */
public final class StatisticsStep {
  private StatisticsStep() {}

  /** Bytes of the model in float32, with no stage frozen. */
  public static byte[] build(X3DConfig config, int batch, Lowering lowering) {
    return build(config, batch, lowering, Precision.FLOAT32, ClipType.FLOAT32, Set.of());
  }

  /** Bytes of the model.
   *  @param frozenStages of {@link X3D#STAGES}, whose own statistics the graph takes and hands on
   *  @throws IllegalArgumentException if lowering, precision and clips do not go together */
  public static byte[] build(
      X3DConfig config,
      int batch,
      Lowering lowering,
      Precision precision,
      ClipType clipType,
      Set<String> frozenStages) {
    clipType.require(precision);
    X3D net = new X3D(config);
    Graph g = new Graph("statistics_step");
    Tensor parameters =
        g.input("parameters", ElementType.FLOAT, Shape.of(net.parameters().size()));
    Tensor statistics = frozenStages.isEmpty()
        ? null
        : g.input("statistics", ElementType.FLOAT, Shape.of(net.statistics().size()));
    Tensor clips = g.input(
        "clips",
        clipType.element(),
        Shape.of(batch, 3, config.numFrames(), config.crop(), config.crop()));
    FlatModules modules = new FlatModules(net, parameters, statistics, frozenStages);
    new Forward(
            g,
            net,
            lowering.spelling(
                clips.shape().dim(0), config.numFrames(), Purpose.TRAINING, precision),
            precision,
            modules)
        .logits(clips, null);
    g.output("batch_statistics", modules.measured());
    return new OnnxFile(g, Map.of()).toBytes();
  }
}
