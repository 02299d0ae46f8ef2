package x3d.graph;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The memory that a graph's computed tensors hold while it runs in the order of its nodes: a tensor lives from the node that
 * computes it to the last one that reads it. Inputs, initializers and results are left out, for they are given from outside.
 * An operator that only gives a tensor another shape or name computes nothing: its output is its input's memory. That a
 * runtime may overwrite an input in place is left out too, so that it may need less than this; what its allocator keeps
 * between tensors comes on top.
 */
public final class Liveness {
  private static final Set<String> VIEWS =
      Set.of("Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten");

  private final List<Node> nodes;
  private final long[] bytes;

  private Liveness(List<Node> nodes, long[] bytes) {
    this.nodes = nodes;
    this.bytes = bytes;
  }

  /**
   * @param graph of fixed shapes
   * @throws GraphException if a shape is not fixed
   */
  public static Liveness of(Graph graph) {
    List<Node> nodes = graph.liveNodes();
    Map<Tensor, Tensor> memory = memory(nodes);
    Map<Tensor, Integer> last = new IdentityHashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (Tensor read : nodes.get(i).inputs()) {
        last.put(memory.getOrDefault(read, read), i);
      }
    }
    Set<Tensor> outside = Collections.newSetFromMap(new IdentityHashMap<>());
    graph.outputs().keySet().forEach(t -> outside.add(memory.getOrDefault(t, t)));
    long[] change = new long[nodes.size() + 1];
    for (int i = 0; i < nodes.size(); i++) {
      for (Tensor made : new HashSet<>(nodes.get(i).outputs())) {
        if (memory.get(made) == made && !outside.contains(made)) {
          long size = bytes(made);
          change[i] += size;
          change[last.getOrDefault(made, i) + 1] -= size;
        }
      }
    }
    Arrays.parallelPrefix(change, Long::sum);
    return new Liveness(nodes, Arrays.copyOf(change, nodes.size()));
  }

  /** Of each computed tensor the one whose memory it is. */
  private static Map<Tensor, Tensor> memory(List<Node> nodes) {
    Map<Tensor, Tensor> memory = new IdentityHashMap<>();
    for (Node node : nodes) {
      boolean view = VIEWS.contains(node.opType()) && node.domain().isEmpty();
      for (Tensor made : node.outputs()) {
        memory.put(made, view ? memory.getOrDefault(node.input(0), node.input(0)) : made);
      }
    }
    return memory;
  }

  /**
   * The bytes of a tensor's elements.
   *
   * @throws GraphException if its shape is not fixed
   */
  public static long bytes(Tensor tensor) {
    return tensor.shape().elements() * tensor.type().bytes();
  }

  /** The nodes, in order. */
  public List<Node> nodes() {
    return Collections.unmodifiableList(nodes);
  }

  /** Bytes alive while a node runs, its inputs and outputs included. */
  public long bytes(int node) {
    return bytes[node];
  }

  /** The most bytes that are ever alive. */
  public long peak() {
    return Arrays.stream(bytes).max().orElse(0);
  }
}
