package x3d.grad;

import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import x3d.graph.Call;
import x3d.graph.Function;
import x3d.graph.Graph;
import x3d.graph.Node;
import x3d.graph.Tensor;

/** One call on the way back: what a {@link GradientRule} sees and gives. */
final class Backward {
  private final Gradients engine;
  private final Call call;
  private final Map<Tensor, Tensor> outputGradients;
  private final Set<Tensor> needed;

  Backward(Gradients engine, Call call, Map<Tensor, Tensor> outputGradients, Set<Tensor> needed) {
    this.engine = engine;
    this.call = call;
    this.outputGradients = outputGradients;
    this.needed = needed;
  }

  Graph graph() {
    return call.output(0).graph();
  }

  Node node() {
    return (Node) call;
  }

  Function function() {
    return (Function) call;
  }

  Tensor input(int i) {
    return call.input(i);
  }

  Tensor output(int i) {
    return call.output(i);
  }

  int outputs() {
    return call.outputs().size();
  }

  /** The gradient of the first output. */
  Tensor dy() {
    return dy(0);
  }

  /** The gradient of output i; null if nothing that matters uses it. */
  Tensor dy(int i) {
    return outputGradients.get(call.output(i));
  }

  boolean needs(int i) {
    return i < call.inputs().size() && needed.contains(call.input(i));
  }

  /** Gives input i its gradient, which is computed only if somebody needs it. A gradient in the shape that i was broadcast to is summed. */
  void give(int i, Supplier<Tensor> gradient) {
    if (needs(i)) {
      engine.contribute(call.input(i), gradient.get());
    }
  }
}
