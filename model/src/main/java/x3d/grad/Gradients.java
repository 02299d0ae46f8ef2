package x3d.grad;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import x3d.graph.Call;
import x3d.graph.Dim;
import x3d.graph.Elementwise;
import x3d.graph.Function;
import x3d.graph.Graph;
import x3d.graph.GraphException;
import x3d.graph.Movement;
import x3d.graph.Reduction;
import x3d.graph.Tensor;

/**
 * Reverse-mode differentiation: extends a graph by the nodes that compute gradients. Only gradients
 * that somebody needs are emitted; several uses of a tensor are summed.
 */
public final class Gradients {
  private static final Map<String, GradientRule> RULES = new HashMap<>();

  static {
    RULES.putAll(ElementwiseRules.ALL);
    RULES.putAll(ReductionRules.ALL);
    RULES.putAll(MovementRules.ALL);
    RULES.putAll(LinearRules.ALL);
    RULES.putAll(FunctionRules.ALL);
    RULES.putAll(ChannelwiseRules.ALL);
    RULES.putAll(TrainingOperatorRules.ALL);
  }

  private final Map<Tensor, List<Tensor>> contributions = new IdentityHashMap<>();

  private Gradients() {}

  /**
   * Gradients of {@code y} by each of {@code inputs}.
   *
   * @param dy the gradient of what is minimised by {@code y}, in y's shape
   * @return in the order of {@code inputs}, each in its input's shape
   * @throws GraphException if an operator on the way has no rule, or y does not depend on an input
   */
  public static List<Tensor> of(Tensor y, Tensor dy, List<Tensor> inputs) {
    return new Gradients().run(y, dy, inputs);
  }

  private List<Tensor> run(Tensor y, Tensor dy, List<Tensor> inputs) {
    Graph graph = y.graph();
    List<Call> calls = calls(graph);
    Set<Tensor> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    needed.addAll(inputs);
    for (Call call : calls) {
      if (call.inputs().stream().anyMatch(needed::contains)) {
        needed.addAll(call.outputs());
      }
    }
    contribute(y, dy);
    Set<Tensor> wanted = new HashSet<>(inputs);
    for (int i = calls.size() - 1; i >= 0; i--) {
      Call call = calls.get(i);
      if (call.inputs().stream().noneMatch(needed::contains)
          || call.outputs().stream().noneMatch(contributions::containsKey)) {
        continue;
      }
      GradientRule rule = RULES.get(call.kind());
      if (rule == null) {
        throw new GraphException(
            "no gradient rule for operator " + call.kind() + " ('" + call.name() + "')");
      }
      graph.scope("gradient/" + call.name(), () -> {
        Map<Tensor, Tensor> outputGradients = new IdentityHashMap<>();
        call.outputs()
            .forEach(t -> outputGradients.put(t, contributions.containsKey(t) ? total(t) : null));
        rule.apply(new Backward(this, call, outputGradients, needed));
        return null;
      });
      call.outputs().stream().filter(t -> !wanted.contains(t)).forEach(contributions::remove);
    }
    return inputs.stream().map(this::required).toList();
  }

  /** The graph's functions, and the nodes outside of functions, in order. */
  private static List<Call> calls(Graph graph) {
    List<Call> calls = new ArrayList<>();
    int next = 0;
    for (Function f : graph.functions()) {
      calls.addAll(graph.nodes().subList(next, f.first()));
      calls.add(f);
      next = f.end();
    }
    calls.addAll(graph.nodes().subList(next, graph.nodes().size()));
    return calls;
  }

  void contribute(Tensor tensor, Tensor gradient) {
    contributions
        .computeIfAbsent(tensor, t -> new ArrayList<>())
        .add(unbroadcast(gradient, tensor));
  }

  private Tensor total(Tensor tensor) {
    List<Tensor> parts = contributions.get(tensor);
    Tensor sum = parts.stream().reduce(Elementwise::add).orElseThrow();
    contributions.put(tensor, new ArrayList<>(List.of(sum)));
    return sum;
  }

  private Tensor required(Tensor input) {
    if (!contributions.containsKey(input)) {
      throw new GraphException("the result does not depend on " + input);
    }
    return total(input);
  }

  private static Tensor unbroadcast(Tensor gradient, Tensor tensor) {
    if (gradient.shape().equals(tensor.shape())) {
      return gradient;
    }
    int extra = gradient.rank() - tensor.rank();
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < gradient.rank(); i++) {
      if (i < extra
          || (tensor.shape().dim(i - extra).equals(Dim.of(1))
              && !gradient.shape().dim(i).equals(Dim.of(1)))) {
        axes.add(i);
      }
    }
    Tensor sum = axes.isEmpty()
        ? gradient
        : Reduction.reduceSum(
            gradient, axes.stream().mapToInt(Integer::intValue).toArray());
    return Movement.reshape(sum, tensor.shape());
  }
}
