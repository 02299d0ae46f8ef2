package x3d.net;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import x3d.grad.Gradients;
import x3d.graph.ElementType;
import x3d.graph.Functions;
import x3d.graph.Graph;
import x3d.graph.OnnxFile;
import x3d.graph.Shape;
import x3d.graph.Tensor;
import x3d.weights.ParameterLayout;

/**
 * One training step of one device as an ONNX graph: forward, loss and backward.
 *
 * <p>Inputs: {@code parameters} [P]; {@code statistics} [S] only if batch normalisation or a stage is frozen;
 * {@code clips} [B, 3, T, H, W], of the {@link ClipType}; {@code labels} INT64 [B]; {@code dropout_mask} [B, C5], 0 or 1 / (1 -
 * rate); {@code loss_scale} [1]. Outputs: {@code loss} [1], not scaled; {@code logits} [B, K]; {@code
 * gradients} [P] of loss_scale · loss, 0 in frozen stages, where none is computed; and unless batch normalisation is frozen
 * {@code batch_statistics} [S], means and variances (divisor m - 1) of the batch, and of frozen stages those that came in.
 *
 * @param onnx bytes of the model; not copied
 */
public record TrainingStep(
    X3DConfig config,
    Options options,
    ParameterLayout parameters,
    ParameterLayout statistics,
    byte[] onnx) {
  /**
   * How the step is built.
   *
   * @param batch clips of one device's step
   * @param labelSmoothing from 0 (none) to below 1
   * @param frozenBatchNorm normalise by the running statistics instead of the batch's
   * @param precision one that the lowering takes
   * @param clips one that the precision takes
   * @param frozenStages of {@link X3D#STAGES}, not all: they have no gradient and normalise by the running statistics
   */
  public record Options(
      int batch,
      Lowering lowering,
      double labelSmoothing,
      boolean frozenBatchNorm,
      Precision precision,
      ClipType clips,
      Set<String> frozenStages) {
    public Options {
      clips.require(precision);
      frozenStages = Set.copyOf(frozenStages);
      if (!X3D.STAGES.containsAll(frozenStages) || frozenStages.size() == X3D.STAGES.size()) {
        throw new IllegalArgumentException(
            "frozen stages are some of " + X3D.STAGES + ", not all; got " + frozenStages);
      }
      if (batch < 1 || !(labelSmoothing >= 0 && labelSmoothing < 1)) {
        throw new IllegalArgumentException(
            "a training step needs a batch of 1 or more and label smoothing from 0 to below 1; got "
                + batch + " and " + labelSmoothing);
      }
    }

    /** With no stage frozen. */
    public Options(
        int batch,
        Lowering lowering,
        double labelSmoothing,
        boolean frozenBatchNorm,
        Precision precision,
        ClipType clips) {
      this(batch, lowering, labelSmoothing, frozenBatchNorm, precision, clips, Set.of());
    }

    /** In float32, with no stage frozen. */
    public Options(int batch, Lowering lowering, double labelSmoothing, boolean frozenBatchNorm) {
      this(batch, lowering, labelSmoothing, frozenBatchNorm, Precision.FLOAT32, ClipType.FLOAT32);
    }

    /** Stages that normalise by the running statistics. */
    Set<String> settledStages() {
      return frozenBatchNorm ? Set.copyOf(X3D.STAGES) : frozenStages;
    }

    /** Whether the graph takes the running statistics. */
    public boolean readsStatistics() {
      return !settledStages().isEmpty();
    }

    /** Whether the graph measures the batch's. */
    public boolean measuresStatistics() {
      return !frozenBatchNorm;
    }
  }

  public static TrainingStep build(X3DConfig config, Options options) {
    X3D net = new X3D(config);
    return new TrainingStep(
        config,
        options,
        net.parameters(),
        net.statistics(),
        new OnnxFile(graph(net, options), Map.of()).toBytes());
  }

  static Graph graph(X3D net, Options options) {
    X3DConfig config = net.config();
    int batch = options.batch();
    Graph g = new Graph("training_step");
    Tensor parameters =
        g.input("parameters", ElementType.FLOAT, Shape.of(net.parameters().size()));
    Tensor statistics = options.readsStatistics()
        ? g.input("statistics", ElementType.FLOAT, Shape.of(net.statistics().size()))
        : null;
    Tensor clips = g.input(
        "clips",
        options.clips().element(),
        Shape.of(batch, 3, config.numFrames(), config.crop(), config.crop()));
    Tensor labels = g.input("labels", ElementType.INT64, Shape.of(batch));
    Tensor dropoutMask =
        g.input("dropout_mask", ElementType.FLOAT, Shape.of(batch, config.dimC5()));
    Tensor lossScale = g.input("loss_scale", ElementType.FLOAT, Shape.of(1));
    FlatModules modules = new FlatModules(net, parameters, statistics, options.settledStages());
    Precision precision = options.precision();
    Spelling spelling = options
        .lowering()
        .spelling(clips.shape().dim(0), config.numFrames(), Purpose.TRAINING, precision);
    Tensor logits = new Forward(g, net, spelling, precision, modules).logits(clips, dropoutMask);
    Tensor loss = Functions.softmaxCrossEntropy(logits, labels, options.labelSmoothing());
    g.output("loss", loss);
    g.output("logits", logits);
    g.output("gradients", gradients(loss, lossScale, modules, options.frozenStages()));
    if (options.measuresStatistics()) {
      g.output("batch_statistics", modules.measured());
    }
    return g;
  }

  private static Tensor gradients(
      Tensor loss, Tensor lossScale, FlatModules modules, Set<String> frozen) {
    Map<String, Tensor> trained = new LinkedHashMap<>(modules.pieces());
    trained.keySet().removeIf(name -> frozen.contains(X3D.stage(name)));
    List<String> names = new ArrayList<>(trained.keySet());
    List<Tensor> gradients = Gradients.of(loss, lossScale, new ArrayList<>(trained.values()));
    for (int i = 0; i < names.size(); i++) {
      trained.put(names.get(i), gradients.get(i));
    }
    return modules.flat(trained);
  }
}
