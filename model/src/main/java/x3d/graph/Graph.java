package x3d.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * An ONNX graph under construction. It grows only at its end, so its nodes are always in an order in
 * which they can run. Not for use by several threads.
 */
public final class Graph {
  /** The version of the standard operators that every graph is written in. */
  public static final int OPSET = 17;

  private final String name;
  private final List<Tensor> inputs = new ArrayList<>();
  private final Map<Tensor, String> outputs = new LinkedHashMap<>();
  private final Map<Tensor, Constant> initializers = new LinkedHashMap<>();
  private final Map<String, Tensor> sharedConstants = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Function> functions = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final Map<Tensor, Node> producers = new IdentityHashMap<>();
  private String scope = "";

  public Graph(String name) {
    this.name = name;
  }

  public String name() {
    return name;
  }

  public List<Tensor> inputs() {
    return Collections.unmodifiableList(inputs);
  }

  /** The graph's results with the names that they have outside. */
  public Map<Tensor, String> outputs() {
    return Collections.unmodifiableMap(outputs);
  }

  public Map<Tensor, Constant> initializers() {
    return Collections.unmodifiableMap(initializers);
  }

  public List<Node> nodes() {
    return Collections.unmodifiableList(nodes);
  }

  /** The nodes that a result depends on, in order. */
  public List<Node> liveNodes() {
    Set<Tensor> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    needed.addAll(outputs.keySet());
    LinkedList<Node> live = new LinkedList<>();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (node.outputs().stream().anyMatch(needed::contains)) {
        needed.addAll(node.inputs());
        live.addFirst(node);
      }
    }
    return live;
  }

  public List<Function> functions() {
    return Collections.unmodifiableList(functions);
  }

  /** The node that computes {@code tensor}, or null for inputs and initializers. */
  public Node producer(Tensor tensor) {
    return producers.get(tensor);
  }

  public Tensor input(String inputName, ElementType type, Shape shape) {
    Tensor t = new Tensor(this, unique(inputName), type, shape);
    inputs.add(t);
    return t;
  }

  /** Makes {@code tensor} a result of the graph, known outside as {@code outputName}. */
  public void output(String outputName, Tensor tensor) {
    own(tensor, "output " + outputName);
    Tensor named = node("Identity", List.of(tensor), tensor.type(), tensor.shape(), Map.of());
    outputs.put(named, reserve(outputName));
  }

  public Tensor initializer(String initializerName, Shape shape, Constant value) {
    if (shape.elements() != value.size()) {
      throw new GraphException("initializer " + initializerName + " of shape " + shape + " needs "
          + shape.elements() + " values, got " + value.size());
    }
    Tensor t = new Tensor(this, unique(initializerName), value.type(), shape);
    initializers.put(t, value);
    return t;
  }

  /** A scalar of the given floating type; one initializer for all uses of the same value. */
  public Tensor scalar(ElementType type, double value) {
    String key = type + ":" + value;
    return sharedConstants.computeIfAbsent(
        key,
        k -> initializer(
            "constant/" + type.name().toLowerCase() + "_" + value,
            Shape.of(),
            Constant.of(type, value)));
  }

  /** A vector of integers; one initializer for all uses of the same values. */
  public Tensor integers(long... values) {
    String key = Arrays.toString(values);
    return sharedConstants.computeIfAbsent(key, k -> {
      String label = key.length() > 40
          ? "ints_" + Integer.toHexString(key.hashCode())
          : key.replaceAll("[\\[\\]]", "").replace(", ", "_");
      return initializer("constant/" + label, Shape.of(values.length), Constant.of(values));
    });
  }

  Constant constantOf(Tensor t) {
    return initializers.get(t);
  }

  /** Runs {@code body} with {@code path} before the names of the nodes that it makes. */
  public <T> T scope(String path, Supplier<T> body) {
    String outer = scope;
    scope = outer.isEmpty() ? path : outer + "/" + path;
    try {
      return body.get();
    } finally {
      scope = outer;
    }
  }

  /** Results of a function's body. */
  public record Body(List<Tensor> outputs, List<Tensor> saved, Map<String, Double> numbers) {}

  /** Groups the nodes that {@code body} makes under one name. Functions do not nest. */
  public Function function(String kind, List<Tensor> arguments, Supplier<Body> body) {
    int first = nodes.size();
    Body made = scope(kind, body);
    Function f = new Function(
        kind,
        scope.isEmpty() ? kind : scope + "/" + kind,
        arguments,
        made.outputs(),
        made.saved(),
        made.numbers(),
        first,
        nodes.size());
    functions.add(f);
    return f;
  }

  /** Adds a node of the standard domain with one output. */
  Tensor node(
      String opType,
      List<Tensor> in,
      ElementType type,
      Shape shape,
      Map<String, Attribute> attributes) {
    return node(opType, "", in, List.of(shape), type, attributes).get(0);
  }

  /** Adds a node with an output for each of {@code shapes}. */
  public List<Tensor> node(
      String opType,
      String domain,
      List<Tensor> in,
      List<Shape> shapes,
      ElementType type,
      Map<String, Attribute> attributes) {
    return node(opType, domain, in, shapes, Collections.nCopies(shapes.size(), type), attributes);
  }

  /** Adds a node with an output for each of {@code shapes}, of the type at the same place. */
  List<Tensor> node(
      String opType,
      String domain,
      List<Tensor> in,
      List<Shape> shapes,
      List<ElementType> types,
      Map<String, Attribute> attributes) {
    in.forEach(t -> own(t, opType));
    String nodeName = unique(scope.isEmpty() ? opType : scope + "/" + opType);
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      out.add(new Tensor(this, reserve(nodeName + ":" + i), types.get(i), shapes.get(i)));
    }
    Node node = new Node(opType, domain, nodeName, in, out, attributes);
    nodes.add(node);
    out.forEach(t -> producers.put(t, node));
    return out;
  }

  /** Adds nodes, tensors and names as a file has them. */
  void restore(Node node) {
    names.add(node.name());
    node.outputs().forEach(t -> names.add(t.name()));
    nodes.add(node);
    node.outputs().forEach(t -> producers.put(t, node));
  }

  void restoreOutput(Tensor tensor, String outputName) {
    outputs.put(tensor, outputName);
  }

  private void own(Tensor t, String user) {
    if (t.graph() != this) {
      throw new GraphException(user + ": input " + t + " belongs to graph '" + t.graph().name
          + "', not to '" + name + "'");
    }
  }

  private String unique(String wanted) {
    String free = wanted;
    for (int i = 1; !names.add(free); i++) {
      free = wanted + "_" + i;
    }
    return free;
  }

  private String reserve(String wanted) {
    if (!names.add(wanted)) {
      throw new GraphException("the name '" + wanted + "' is taken in graph '" + name + "'");
    }
    return wanted;
  }
}
