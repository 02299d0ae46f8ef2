package x3d.graph;

import java.util.Objects;

/**
 * One dimension of a shape: a fixed size, or a symbol whose value is known only when the graph runs
 * (ONNX {@code dim_param}). Two symbols are the same dimension when their texts are equal.
 *
 * @param size the number of elements, or -1 for a symbol
 * @param symbol the name, or null for a fixed size
 */
public record Dim(long size, String symbol) {
  public Dim {
    if ((symbol == null) == (size < 0)) {
      throw new GraphException(
          "a dimension is a size of 0 or more, or a symbol; got " + size + ", " + symbol);
    }
  }

  public static Dim of(long size) {
    return new Dim(size, null);
  }

  public static Dim of(String symbol) {
    return new Dim(-1, Objects.requireNonNull(symbol));
  }

  public boolean fixed() {
    return symbol == null;
  }

  /** Positions of a window of {@code kernel} at {@code stride} over this dimension plus {@code pads}: floor((d + pads - kernel) / stride) + 1. */
  Dim windows(long kernel, long stride, long pads) {
    long change = pads - kernel;
    if (fixed()) {
      return of(Math.max(0, Math.floorDiv(size + change, stride) + 1));
    }
    if (stride == 1) {
      return change == -1 ? this : of(symbol + (change + 1 < 0 ? "" : "+") + (change + 1));
    }
    return of("floor((" + symbol + (change < 0 ? "" : "+") + change + ")/" + stride + ")+1");
  }

  @Override
  public String toString() {
    return fixed() ? Long.toString(size) : symbol;
  }
}
