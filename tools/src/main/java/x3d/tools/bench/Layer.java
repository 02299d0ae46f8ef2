package x3d.tools.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import x3d.graph.Node;
import x3d.graph.OnnxFile;
import x3d.graph.Shape;
import x3d.graph.Tensor;
import x3d.net.InferenceModel;
import x3d.net.Lowering;
import x3d.net.ModelMetadata;
import x3d.net.X3D;
import x3d.net.X3DConfig;
import x3d.tools.Extent;

/**
 * A convolution (or matrix product) of a network with what follows it, for one clip.
 *
 * @param stage such as s2, or head
 * @param first whether it reads the clips themselves, which need no gradient
 * @param in elements that it reads besides the weights
 * @param out elements that it writes
 * @param macs multiplications with addition
 */
record Layer(
    String stage,
    Roofline.Kind kind,
    After after,
    boolean first,
    long in,
    long out,
    long weights,
    long macs) {
  /** What comes after a convolution: bytes moved and operations done for each element of its output. */
  enum After {
    NOTHING(0, 0, 0, 0),
    /** Batch norm, with relu or without. */
    NORM(0, 0, 4 * (3 + 5), 14),
    /** Batch norm, swish. */
    SWISH(4 * 2, 10, 4 * (3 + 5) + 4 * (2 + 3), 14 + 25),
    /** Batch norm, squeeze-excitation, swish. */
    GATED_SWISH(4 * 3, 12, 4 * (3 + 5) + 4 * (3 + 5), 14 + 30),
    /** Batch norm, residual sum, relu. */
    SUM(4 * 3, 2, 4 * (3 + 5) + 4 * (3 + 3), 14 + 3);

    private final int inferenceBytes;
    private final int inferenceFlops;
    private final int trainingBytes;
    private final int trainingFlops;

    After(int inferenceBytes, int inferenceFlops, int trainingBytes, int trainingFlops) {
      this.inferenceBytes = inferenceBytes;
      this.inferenceFlops = inferenceFlops;
      this.trainingBytes = trainingBytes;
      this.trainingFlops = trainingFlops;
    }
  }

  /** The layers of a network in its order. */
  static List<Layer> of(X3DConfig config) {
    X3D net = new X3D(config);
    byte[] onnx = InferenceModel.build(
        config,
        net.parameters()
            .unpack(new float[net.parameters().size()], Map.of())
            .and(net.statistics().unpack(net.statistics().initialise(1), Map.of())),
        ModelMetadata.of(config, 1, config.crop(), List.of(), Map.of()),
        Lowering.CONV3D);
    List<Node> nodes = OnnxFile.fromBytes(onnx).graph().nodes();
    Set<String> names = nodes.stream().map(Node::name).collect(Collectors.toSet());
    long crop = config.crop();
    Map<String, Long> oneClip = Map.of("batch", 1L, "height", crop, "width", crop);
    List<Layer> layers = new ArrayList<>();
    for (Node node : nodes) {
      if (node.opType().equals("Conv") || node.opType().equals("MatMul")) {
        layers.add(of(node, layers.isEmpty(), names, oneClip));
      }
    }
    return layers;
  }

  private static Layer of(Node node, boolean first, Set<String> names, Map<String, Long> oneClip) {
    Shape weights = node.input(1).shape();
    long out = elements(node.output(0), oneClip);
    // [out, in / groups, kernel...] of a convolution, [in, out] of a matrix product
    long inner =
        node.opType().equals("Conv") ? weights.elements(1, weights.rank()) : weights.size(0);
    return new Layer(
        node.name().replaceAll("[./].*", ""),
        kind(node, weights),
        first ? After.NOTHING : after(node.name(), names),
        first,
        elements(node.input(0), oneClip),
        out,
        weights.elements(),
        out * inner);
  }

  private static Roofline.Kind kind(Node node, Shape weights) {
    if (node.name().startsWith("head/")) {
      return Roofline.Kind.HEAD;
    }
    if (node.opType().equals("MatMul") || weights.elements(2, weights.rank()) == 1) {
      return Roofline.Kind.POINTWISE;
    }
    return node.integer("group", 1) > 1 ? Roofline.Kind.CHANNELWISE : Roofline.Kind.DENSE;
  }

  private static After after(String name, Set<String> names) {
    if (name.startsWith("head/") || name.contains("branch2.se")) {
      return After.NOTHING;
    }
    if (name.endsWith("branch2.b/Conv")) {
      boolean gated = names.contains(name.replace("branch2.b/Conv", "branch2.se/MatMul"));
      return gated ? After.GATED_SWISH : After.SWISH;
    }
    return name.endsWith("branch2.c/Conv") ? After.SUM : After.NORM;
  }

  private static long elements(Tensor tensor, Map<String, Long> oneClip) {
    return tensor.shape().dims().stream()
        .mapToLong(dim -> Extent.of(dim, oneClip))
        .reduce(1, Math::multiplyExact);
  }

  /** The forward pass, the gradient by input or the gradient by weights of some clips: all of the same size. */
  Roofline.Operation pass(int clips) {
    return new Roofline.Operation(
        stage, kind, 2.0 * macs * clips, 4.0 * ((in + out) * clips + weights));
  }

  /** What follows at inference. */
  Roofline.Operation inferenceAfter() {
    return following((double) after.inferenceFlops * out, (double) after.inferenceBytes * out);
  }

  /** What follows, forward and backward, in training. */
  Roofline.Operation trainingAfter(int clips) {
    double elements = (double) out * clips;
    return following(after.trainingFlops * elements, after.trainingBytes * elements);
  }

  private Roofline.Operation following(double flops, double bytes) {
    return new Roofline.Operation(stage, Roofline.Kind.ELEMENTWISE, flops, bytes);
  }
}
