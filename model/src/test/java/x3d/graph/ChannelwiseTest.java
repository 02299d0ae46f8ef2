package x3d.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import x3d.graph.Channelwise.Affine;

class ChannelwiseTest {
  private static Tensor tensor(Graph g, String name, Object... dims) {
    return g.input(name, ElementType.FLOAT, Shape.mixed(dims));
  }

  private static Tensor volumes(Graph g) {
    return tensor(g, "x", "n", 6, 4, "h", 9);
  }

  private static Affine affine(Graph g, Object samples, int channels) {
    return new Affine(
        tensor(g, "center", 1, 6), tensor(g, "scale", samples, channels), tensor(g, "shift", 1, 6));
  }

  @Test
  void shapesFollowFromTheInputs() {
    Graph g = new Graph("g");
    Tensor x = volumes(g);
    Tensor w = tensor(g, "w", 6, 1, 3, 3, 3);
    Affine read = affine(g, "n", 6);
    Channelwise.Measured y = Channelwise.depthwiseConv(x, w, read, 2, true);
    Dim half = Dim.of("h").windows(1, 2, 0);
    assertEquals(Shape.mixed("n", 6, 4, half, 5), y.x().shape());
    assertEquals(Shape.mixed("n", 6), y.mean().shape());
    assertEquals(Shape.mixed("n", 6), y.squares().shape());
    assertEquals(x.shape(), Channelwise.affineSwish(x, read).shape());
    assertEquals(x.shape(), Channelwise.affineRelu(x, read, x, read).shape());
    assertEquals(y.x().shape(), Channelwise.subsampled(x, 2).taken().shape());
    Tensor dense = tensor(g, "dense", 8, 6, 1, 3, 3);
    assertEquals(
        Shape.mixed("n", 8, 4, half, 5), Channelwise.frameConv(x, dense, 2).shape());
  }

  private static Arguments refusal(Consumer<Graph> build, String message) {
    return Arguments.of(build, message);
  }

  static List<Arguments> refusals() {
    return List.of(
        refusal(
            g -> Channelwise.measured(tensor(g, "flat", 2, 6)),
            "Moments: needs FLOAT [N, C, T, H, W], got flat FLOAT[2, 6]"),
        refusal(
            g -> Channelwise.measured(g.input("wide", ElementType.DOUBLE, Shape.of(2, 6, 1, 1, 1))),
            "Moments: needs FLOAT [N, C, T, H, W], got wide DOUBLE[2, 6, 1, 1, 1]"),
        refusal(
            g ->
                Channelwise.depthwiseConv(volumes(g), tensor(g, "w", 5, 1, 3, 3, 3), null, 1, true),
            "DepthwiseConv: w must be [6, 1, kT, kH, kW] with odd sides, got w FLOAT[5, 1, 3, 3, 3]"),
        refusal(
            g ->
                Channelwise.depthwiseConv(volumes(g), tensor(g, "w", 6, 1, 3, 2, 3), null, 1, true),
            "DepthwiseConv: w must be [6, 1, kT, kH, kW] with odd sides, got w FLOAT[6, 1, 3, 2, 3]"),
        refusal(
            g ->
                Channelwise.depthwiseConv(volumes(g), tensor(g, "w", 6, 1, 3, 3, 3), null, 0, true),
            "DepthwiseConv: the stride must be 1 or more, got 0"),
        refusal(
            g -> Channelwise.depthwiseConv(
                volumes(g), tensor(g, "w", 6, 1, 3, 3, 3), affine(g, "m", 6), 1, true),
            "DepthwiseConv: scale must be FLOAT [n or 1, 6], got scale FLOAT[m, 6]"),
        refusal(
            g -> Channelwise.affineSwish(volumes(g), affine(g, 1, 7)),
            "AffineSwish: scale must be FLOAT [n or 1, 6], got scale FLOAT[1, 7]"),
        refusal(
            g -> Channelwise.affineRelu(
                volumes(g), affine(g, 1, 6), tensor(g, "other", "n", 6, 4, "h", 8), null),
            "AffineRelu: the shortcut must be [n, 6, 4, h, 9], got other FLOAT[n, 6, 4, h, 8]"),
        refusal(
            g -> Channelwise.affineRelu(volumes(g), affine(g, 1, 6), null, affine(g, 1, 6)),
            "AffineRelu: there is no shortcut to be read"),
        refusal(
            g -> Channelwise.subsampled(volumes(g), 0),
            "Subsample: the stride must be 1 or more, got 0"),
        refusal(
            g -> Channelwise.frameConv(volumes(g), tensor(g, "w", 8, 5, 1, 3, 3), 1),
            "FrameConv: w must be [O, 6, 1, kH, kW] with odd sides, got w FLOAT[8, 5, 1, 3, 3]"),
        refusal(
            g -> Channelwise.frameConv(volumes(g), tensor(g, "w", 8, 6, 3, 3, 3), 1),
            "FrameConv: w must be [O, 6, 1, kH, kW] with odd sides, got w FLOAT[8, 6, 3, 3, 3]"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void whatDoesNotFitIsRefused(Consumer<Graph> build, String message) {
    GraphException e = assertThrows(GraphException.class, () -> build.accept(new Graph("refusal")));
    assertEquals(message, e.getMessage());
  }

  @Test
  void aFileHoldsOnlyWhatAResultDependsOn() {
    Graph g = new Graph("g");
    Tensor x = volumes(g);
    Tensor w = tensor(g, "w", 6, 1, 3, 3, 3);
    Tensor unread = g.initializer("unread", Shape.of(1), Constant.of(1f));
    Channelwise.Measured y = Channelwise.depthwiseConv(x, w, null, 1, true);
    Tensor dead = Elementwise.mul(Channelwise.measured(x).mean(), unread);
    Elementwise.relu(dead);
    g.output("mean", y.mean());
    Graph written = OnnxFile.fromBytes(new OnnxFile(g, Map.of()).toBytes()).graph();
    assertEquals(
        List.of("DepthwiseConv", "Identity"),
        written.nodes().stream().map(Node::opType).toList());
    assertEquals(3, written.nodes().get(0).outputs().size());
    assertEquals(Map.of(), written.initializers());
    assertEquals(2, written.inputs().size());
    assertEquals(
        List.of("DepthwiseConv", "Identity", "Moments", "Mul", "Relu", "Identity"),
        g.nodes().stream().map(Node::opType).toList());
  }
}
