package x3d.graph;

/** A value in a graph: an input, an initializer or a node's output. Equal only to itself. */
public final class Tensor {
  private final Graph graph;
  private final String name;
  private final ElementType type;
  private final Shape shape;

  Tensor(Graph graph, String name, ElementType type, Shape shape) {
    this.graph = graph;
    this.name = name;
    this.type = type;
    this.shape = shape;
  }

  public Graph graph() {
    return graph;
  }

  public String name() {
    return name;
  }

  public ElementType type() {
    return type;
  }

  public Shape shape() {
    return shape;
  }

  public int rank() {
    return shape.rank();
  }

  /** The value, where it is known when the graph is built; null for inputs and computed tensors. */
  public Constant constant() {
    return graph.constantOf(this);
  }

  @Override
  public String toString() {
    return name + " " + type + shape;
  }
}
