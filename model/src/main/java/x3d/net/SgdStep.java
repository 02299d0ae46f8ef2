package x3d.net;

import static x3d.graph.Elementwise.add;
import static x3d.graph.Elementwise.mul;
import static x3d.graph.Elementwise.scale;
import static x3d.graph.Elementwise.sqrt;
import static x3d.graph.Elementwise.sub;
import static x3d.graph.Movement.reshape;

import java.util.Map;
import x3d.graph.ElementType;
import x3d.graph.Graph;
import x3d.graph.OnnxFile;
import x3d.graph.Reduction;
import x3d.graph.Shape;
import x3d.graph.Tensor;

/**
 * SGD with momentum over flat vectors as ONNX graphs, for a device that keeps the vectors: PyTorch's {@code torch.optim.SGD}.
 *
 * @param norm model of inputs {@code gradients} [P] and {@code factor} [1], and of the output {@code norm} [1], the L2 norm of
 *     factor · gradients
 * @param update model of inputs {@code parameters}, {@code momentum}, {@code gradients} and {@code decay}, each [P], and
 *     {@code factor}, {@code keep} (share of the gradient that enters the momentum) and {@code rate}, each [1]; of {@code
 *     rate_scales} [P] if rates differ; and of the outputs {@code new_parameters} and {@code new_momentum} [P]. The arrays are
 *     not copied
 */
public record SgdStep(byte[] norm, byte[] update) {
  /**
   * @param size P
   * @param momentum share of the old direction that is kept, from 0 to below 1
   * @param nesterov whether the step looks ahead along the momentum
   * @param ratesDiffer whether each parameter has a factor of its own to the rate
   */
  public static SgdStep build(int size, double momentum, boolean nesterov, boolean ratesDiffer) {
    return new SgdStep(norm(size), update(size, momentum, nesterov, ratesDiffer));
  }

  private static byte[] norm(int size) {
    Graph g = new Graph("gradient_norm");
    Tensor gradients = g.input("gradients", ElementType.FLOAT, Shape.of(size));
    Tensor factor = g.input("factor", ElementType.FLOAT, Shape.of(1));
    Tensor scaled = mul(gradients, factor);
    Tensor squares = Reduction.reduceSum(mul(scaled, scaled), 0);
    g.output("norm", reshape(sqrt(squares), 1));
    return new OnnxFile(g, Map.of()).toBytes();
  }

  private static byte[] update(int size, double momentum, boolean nesterov, boolean ratesDiffer) {
    Graph g = new Graph("sgd_step");
    Tensor parameters = g.input("parameters", ElementType.FLOAT, Shape.of(size));
    Tensor old = g.input("momentum", ElementType.FLOAT, Shape.of(size));
    Tensor gradients = g.input("gradients", ElementType.FLOAT, Shape.of(size));
    Tensor decay = g.input("decay", ElementType.FLOAT, Shape.of(size));
    Tensor factor = g.input("factor", ElementType.FLOAT, Shape.of(1));
    Tensor keep = g.input("keep", ElementType.FLOAT, Shape.of(1));
    Tensor rate = g.input("rate", ElementType.FLOAT, Shape.of(1));
    Tensor direction = add(mul(gradients, factor), mul(decay, parameters));
    Tensor moved = add(scale(old, momentum), mul(direction, keep));
    Tensor step = nesterov ? add(direction, scale(moved, momentum)) : moved;
    Tensor rates =
        ratesDiffer ? mul(g.input("rate_scales", ElementType.FLOAT, Shape.of(size)), rate) : rate;
    g.output("new_parameters", sub(parameters, mul(step, rates)));
    g.output("new_momentum", moved);
    return new OnnxFile(g, Map.of()).toBytes();
  }
}
