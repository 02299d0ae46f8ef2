package x3d.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The dimensions of a tensor, outermost first. */
public record Shape(List<Dim> dims) {
  public Shape {
    dims = List.copyOf(dims);
  }

  public static Shape of(long... sizes) {
    return new Shape(Arrays.stream(sizes).mapToObj(Dim::of).toList());
  }

  /** A shape of {@link Long}, {@link Integer}, {@link String} (symbols) and {@link Dim} elements. */
  public static Shape mixed(Object... dims) {
    List<Dim> list = new ArrayList<>();
    for (Object d : dims) {
      if (d instanceof Dim dim) {
        list.add(dim);
      } else if (d instanceof String symbol) {
        list.add(Dim.of(symbol));
      } else {
        list.add(Dim.of(((Number) d).longValue()));
      }
    }
    return new Shape(list);
  }

  public int rank() {
    return dims.size();
  }

  public Dim dim(int axis) {
    return dims.get(axis);
  }

  /** The size of a fixed dimension.
   *  @throws GraphException if it is a symbol */
  public long size(int axis) {
    Dim d = dims.get(axis);
    if (!d.fixed()) {
      throw new GraphException("dimension " + axis + " of " + this + " must be fixed here");
    }
    return d.size();
  }

  public boolean fixed() {
    return dims.stream().allMatch(Dim::fixed);
  }

  /** The number of elements of a fixed shape. */
  public long elements() {
    return elements(0, rank());
  }

  /** The product of the dimensions {@code from} (inclusive) to {@code to} (exclusive), all fixed. */
  public long elements(int from, int to) {
    long n = 1;
    for (int i = from; i < to; i++) {
      n *= size(i);
    }
    return n;
  }

  public long[] toArray() {
    return dims.stream().mapToLong(d -> d.fixed() ? d.size() : -1).toArray();
  }

  Shape with(int axis, Dim dim) {
    List<Dim> list = new ArrayList<>(dims);
    list.set(axis, dim);
    return new Shape(list);
  }

  @Override
  public String toString() {
    return dims.toString();
  }
}
