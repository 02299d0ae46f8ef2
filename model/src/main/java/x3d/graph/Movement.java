package x3d.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Operators that move elements without computing. Reshape, transpose and slice of an initializer are
 * done when the graph is built: some providers refuse nodes whose inputs are all initializers.
 */
public final class Movement {
  private Movement() {}

  /** The same elements in another shape, which may have one symbolic dimension. ONNX Reshape-14. */
  public static Tensor reshape(Tensor x, Shape shape) {
    long free = shape.dims().stream().filter(d -> !d.fixed()).count();
    boolean fits = free == 0 && x.shape().fixed()
        ? x.shape().elements() == shape.elements()
        : free <= 1 || shape.equals(x.shape());
    if (!fits) {
      throw new GraphException("Reshape: " + x + " does not fit into " + shape);
    }
    if (shape.equals(x.shape())) {
      return x;
    }
    if (x.constant() != null) {
      return x.graph().initializer(x.name() + "/reshaped", shape, x.constant());
    }
    return x.graph()
        .node(
            "Reshape", List.of(x, x.graph().integers(shape.toArray())), x.type(), shape, Map.of());
  }

  public static Tensor reshape(Tensor x, long... sizes) {
    return reshape(x, Shape.of(sizes));
  }

  /** Without an axis of size 1; several other axes may be symbolic. ONNX Squeeze-13. */
  public static Tensor squeeze(Tensor x, int axis) {
    if (!x.shape().dim(axis).equals(Dim.of(1))) {
      throw new GraphException("Squeeze: axis " + axis + " of " + x + " is not 1");
    }
    List<Dim> dims = new ArrayList<>(x.shape().dims());
    dims.remove(axis);
    return x.graph()
        .node("Squeeze", List.of(x, x.graph().integers(axis)), x.type(), new Shape(dims), Map.of());
  }

  /** Axis i of the result is axis {@code permutation[i]} of {@code x}. ONNX Transpose-13. */
  public static Tensor transpose(Tensor x, int... permutation) {
    int[] sorted = permutation.clone();
    Arrays.sort(sorted);
    for (int i = 0; i < sorted.length; i++) {
      if (sorted.length != x.rank() || sorted[i] != i) {
        throw new GraphException(
            "Transpose: " + Arrays.toString(permutation) + " does not permute the axes of " + x);
      }
    }
    Shape shape = new Shape(Arrays.stream(permutation).mapToObj(x.shape()::dim).toList());
    if (x.constant() != null) {
      return x.graph()
          .initializer(
              x.name() + "/transposed",
              shape,
              x.constant().gather(transposed(x.shape(), permutation)));
    }
    long[] perm = Arrays.stream(permutation).asLongStream().toArray();
    return x.graph()
        .node("Transpose", List.of(x), x.type(), shape, Map.of("perm", Attribute.of(perm)));
  }

  private static int[] transposed(Shape shape, int[] permutation) {
    int rank = shape.rank();
    long[] strides = new long[rank];
    for (int i = rank - 1; i >= 0; i--) {
      strides[i] = shape.elements(i + 1, rank);
    }
    int[] indices = new int[Math.toIntExact(shape.elements())];
    for (int i = 0; i < indices.length; i++) {
      long rest = i;
      long source = 0;
      for (int axis = rank - 1; axis >= 0; axis--) {
        long size = shape.size(permutation[axis]);
        source += rest % size * strides[permutation[axis]];
        rest /= size;
      }
      indices[i] = (int) source;
    }
    return indices;
  }

  /** Elements {@code start}, {@code start + step}, ... below {@code end} of one axis. ONNX Slice-13. */
  public static Tensor slice(Tensor x, int axis, long start, long end, long step) {
    return slice(x, new int[] {axis}, new long[] {start}, new long[] {end}, new long[] {step});
  }

  /** {@link #slice(Tensor, int, long, long, long)} on several axes at once; ranges lie inside. */
  public static Tensor slice(Tensor x, int[] axes, long[] starts, long[] ends, long[] steps) {
    Shape shape = x.shape();
    boolean whole = true;
    for (int i = 0; i < axes.length; i++) {
      long size = x.shape().size(axes[i]);
      if (starts[i] < 0 || ends[i] > size || starts[i] >= ends[i] || steps[i] < 1) {
        throw new GraphException("Slice: [" + starts[i] + ":" + ends[i] + ":" + steps[i]
            + "] of axis " + axes[i] + " is not inside of " + x);
      }
      whole &= starts[i] == 0 && ends[i] == size && steps[i] == 1;
      shape = shape.with(axes[i], Dim.of((ends[i] - starts[i] + steps[i] - 1) / steps[i]));
    }
    if (whole) {
      return x;
    }
    if (x.constant() != null) {
      return x.graph()
          .initializer(
              x.name() + "/sliced",
              shape,
              x.constant().gather(sliced(x.shape(), shape, axes, starts, steps)));
    }
    Graph g = x.graph();
    long[] a = Arrays.stream(axes).asLongStream().toArray();
    return g.node(
        "Slice",
        List.of(x, g.integers(starts), g.integers(ends), g.integers(a), g.integers(steps)),
        x.type(),
        shape,
        Map.of());
  }

  private static int[] sliced(Shape from, Shape to, int[] axes, long[] starts, long[] steps) {
    int rank = from.rank();
    long[] start = new long[rank];
    long[] step = new long[rank];
    Arrays.fill(step, 1);
    for (int i = 0; i < axes.length; i++) {
      start[axes[i]] = starts[i];
      step[axes[i]] = steps[i];
    }
    int[] indices = new int[Math.toIntExact(to.elements())];
    for (int i = 0; i < indices.length; i++) {
      long rest = i;
      long source = 0;
      for (int axis = rank - 1; axis >= 0; axis--) {
        source += (start[axis] + rest % to.size(axis) * step[axis]) * from.elements(axis + 1, rank);
        rest /= to.size(axis);
      }
      indices[i] = (int) source;
    }
    return indices;
  }

  /** Axes of size 1 repeated up to {@code shape}. ONNX Expand-13. */
  public static Tensor expand(Tensor x, Shape shape) {
    if (!shape.equals(Elementwise.broadcast(x.shape(), shape))) {
      throw new GraphException("Expand: " + x + " does not broadcast to " + shape);
    }
    return x.graph()
        .node("Expand", List.of(x, x.graph().integers(shape.toArray())), x.type(), shape, Map.of());
  }

  /** Tensors side by side along {@code axis}. ONNX Concat-13. */
  public static Tensor concat(List<Tensor> parts, int axis) {
    if (parts.size() == 1) {
      return parts.get(0);
    }
    Tensor first = parts.get(0);
    long total = 0;
    for (Tensor part : parts) {
      if (part.rank() != first.rank()
          || !part.shape().with(axis, Dim.of(0)).equals(first.shape().with(axis, Dim.of(0)))) {
        throw new GraphException(
            "Concat: " + part + " does not continue " + first + " along axis " + axis);
      }
      total += part.shape().size(axis);
    }
    return first
        .graph()
        .node(
            "Concat",
            parts,
            first.type(),
            first.shape().with(axis, Dim.of(total)),
            Map.of("axis", Attribute.of((long) axis)));
  }

  /** Pieces of the given sizes along {@code axis}; they add up to it. ONNX Split-13. */
  public static List<Tensor> split(Tensor x, int axis, long... sizes) {
    if (Arrays.stream(sizes).sum() != x.shape().size(axis)) {
      throw new GraphException(
          "Split: " + sizes.length + " pieces do not add up to axis " + axis + " of " + x);
    }
    List<Shape> shapes = new ArrayList<>();
    for (long size : sizes) {
      shapes.add(x.shape().with(axis, Dim.of(size)));
    }
    return x.graph()
        .node(
            "Split",
            "",
            List.of(x, x.graph().integers(sizes)),
            shapes,
            x.type(),
            Map.of("axis", Attribute.of((long) axis)));
  }

  /** Zeros around: {@code before[i]} and {@code after[i]} of them on axis i. ONNX Pad-13, constant mode. */
  public static Tensor pad(Tensor x, long[] before, long[] after) {
    Shape shape = x.shape();
    long[] pads = new long[2 * x.rank()];
    boolean none = true;
    for (int i = 0; i < x.rank(); i++) {
      if (before[i] < 0 || after[i] < 0) {
        throw new GraphException("Pad: negative padding on axis " + i + " of " + x);
      }
      if (before[i] + after[i] > 0) {
        none = false;
        shape = shape.with(i, Dim.of(x.shape().size(i) + before[i] + after[i]));
      }
      pads[i] = before[i];
      pads[i + x.rank()] = after[i];
    }
    if (none) {
      return x;
    }
    return x.graph().node("Pad", List.of(x, x.graph().integers(pads)), x.type(), shape, Map.of());
  }

  /** Elements of {@code axis} in the order of {@code indices}. ONNX Gather-13. */
  public static Tensor gather(Tensor x, int axis, long... indices) {
    for (long i : indices) {
      if (i < 0 || i >= x.shape().size(axis)) {
        throw new GraphException("Gather: index " + i + " is outside of axis " + axis + " of " + x);
      }
    }
    return x.graph()
        .node(
            "Gather",
            List.of(x, x.graph().integers(indices)),
            x.type(),
            x.shape().with(axis, Dim.of(indices.length)),
            Map.of("axis", Attribute.of((long) axis)));
  }

  /** A row a label: {@code on} at its index, {@code off} elsewhere. ONNX OneHot-11.
   *  @param labels INT64 [B], each from 0 to {@code depth} - 1
   *  @param type of the result, floating
   *  @return [B, depth] */
  public static Tensor oneHot(Tensor labels, int depth, ElementType type, double off, double on) {
    if (labels.type() != ElementType.INT64 || labels.rank() != 1) {
      throw new GraphException("OneHot: labels must be INT64 of rank 1, got " + labels);
    }
    Graph g = labels.graph();
    Tensor values = g.initializer("constant/off_on", Shape.of(2), Constant.of(type, off, on));
    return g.node(
        "OneHot",
        List.of(labels, g.integers(depth), values),
        type,
        Shape.mixed(labels.shape().dim(0), depth),
        Map.of("axis", Attribute.of(-1L)));
  }
}
