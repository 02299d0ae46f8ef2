package x3d.graph;

/** A graph that cannot be: names the operator, its inputs and their shapes. */
public final class GraphException extends RuntimeException {
  public GraphException(String message) {
    super(message);
  }
}
