package x3d.tools.plan;

import java.util.Map;
import java.util.stream.Collectors;
import x3d.graph.Graph;
import x3d.graph.Liveness;
import x3d.graph.OnnxFile;
import x3d.graph.Tensor;
import x3d.net.TrainingStep;
import x3d.train.Network;
import x3d.train.Recipe;

/**
 * What the training step of a recipe asks of a device, read off its graph. Every tensor of the graph has a size of the form
 * fixed + clips x each, so that two graphs tell of all batches.
 *
 * @param lowering how the graph is spelled
 * @param parameters how many there are, P
 * @param statistics how many BN statistics are measured, S; 0 where they are frozen
 * @param clips bytes of a clip
 * @param others bytes of the other inputs and outputs, of parameters and gradients apart
 * @param activations bytes of computed tensors alive, a moment each
 */
record Demand(
    String lowering,
    int parameters,
    int statistics,
    long clips,
    Linear others,
    Activations activations) {
  /** Graphs of one clip may lack nodes that all larger ones have. */
  private static final int FEW = 2;

  /** fixed + clips x each. */
  record Linear(long fixed, long each) {
    static Linear through(long atFew, long atOneMore) {
      long each = atOneMore - atFew;
      return new Linear(atFew - FEW * each, each);
    }

    long at(int clips) {
      return fixed + clips * each;
    }
  }

  /** Bytes alive at each node of the step. */
  record Activations(long[] fixed, long[] each) {
    static Activations of(Liveness few, Liveness oneMore) {
      int nodes = few.nodes().size();
      if (oneMore.nodes().size() != nodes) {
        throw new IllegalStateException("graphs of " + FEW + " and " + (FEW + 1) + " clips have "
            + nodes + " and " + oneMore.nodes().size() + " nodes");
      }
      long[] fixed = new long[nodes];
      long[] each = new long[nodes];
      for (int i = 0; i < nodes; i++) {
        Linear linear = Linear.through(few.bytes(i), oneMore.bytes(i));
        fixed[i] = linear.fixed;
        each[i] = linear.each;
      }
      return new Activations(fixed, each);
    }

    /** The most that is alive at once in a step of so many clips. */
    long peak(int clips) {
      long peak = 0;
      for (int i = 0; i < fixed.length; i++) {
        peak = Math.max(peak, fixed[i] + clips * each[i]);
      }
      return peak;
    }
  }

  static Demand of(Recipe recipe) {
    TrainingStep few = Network.step(recipe, FEW);
    Graph one = OnnxFile.fromBytes(few.onnx()).graph();
    Graph other = OnnxFile.fromBytes(Network.step(recipe, FEW + 1).onnx()).graph();
    Map<String, Long> sizes = sizes(one);
    Map<String, Long> larger = sizes(other);
    Linear others = new Linear(0, 0);
    for (String name : sizes.keySet()) {
      if (!name.equals("parameters") && !name.equals("gradients") && !name.equals("clips")) {
        Linear own = Linear.through(sizes.get(name), larger.get(name));
        others = new Linear(others.fixed + own.fixed, others.each + own.each);
      }
    }
    return new Demand(
        few.options().lowering().id(),
        few.parameters().size(),
        few.options().measuresStatistics() ? few.statistics().size() : 0,
        larger.get("clips") - sizes.get("clips"),
        others,
        Activations.of(Liveness.of(one), Liveness.of(other)));
  }

  /** Bytes of what goes in and comes out, by name. */
  private static Map<String, Long> sizes(Graph graph) {
    Map<String, Long> sizes =
        graph.inputs().stream().collect(Collectors.toMap(Tensor::name, t -> Liveness.bytes(t)));
    graph.outputs().forEach((tensor, name) -> sizes.put(name, Liveness.bytes(tensor)));
    return sizes;
  }

  /** Bytes of all parameters, and of all gradients: they are exchanged in float32. */
  long vector() {
    return 4L * parameters;
  }
}
