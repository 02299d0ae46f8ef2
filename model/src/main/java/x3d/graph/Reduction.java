package x3d.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Operators that fold axes away, and the softmax family. Reduced axes stay, with size 1. */
public final class Reduction {
  private Reduction() {}

  /** Sum over {@code axes}. ONNX ReduceSum-13. */
  public static Tensor reduceSum(Tensor x, int... axes) {
    long[] a = Arrays.stream(axes).asLongStream().toArray();
    return x.graph()
        .node(
            "ReduceSum",
            List.of(x, x.graph().integers(a)),
            x.type(),
            reduced("ReduceSum", x, axes),
            Map.of("keepdims", Attribute.of(1L)));
  }

  /** Mean over {@code axes}. ONNX ReduceMean-13. */
  public static Tensor reduceMean(Tensor x, int... axes) {
    long[] a = Arrays.stream(axes).asLongStream().toArray();
    return x.graph()
        .node(
            "ReduceMean",
            List.of(x),
            x.type(),
            reduced("ReduceMean", x, axes),
            Map.of("axes", Attribute.of(a), "keepdims", Attribute.of(1L)));
  }

  /** e^x over its sum along {@code axis}. ONNX Softmax-13. */
  public static Tensor softmax(Tensor x, int axis) {
    axis("Softmax", x, axis);
    return x.graph()
        .node(
            "Softmax", List.of(x), x.type(), x.shape(), Map.of("axis", Attribute.of((long) axis)));
  }

  /** Logarithm of {@link #softmax}. ONNX LogSoftmax-13. */
  public static Tensor logSoftmax(Tensor x, int axis) {
    axis("LogSoftmax", x, axis);
    return x.graph()
        .node("LogSoftmax", List.of(x), x.type(), x.shape(), Map.of("axis", Attribute.of((long)
            axis)));
  }

  private static void axis(String opType, Tensor x, int axis) {
    if (axis < 0 || axis >= x.rank()) {
      throw new GraphException(opType + ": axis " + axis + " is outside of " + x);
    }
  }

  private static Shape reduced(String opType, Tensor x, int[] axes) {
    List<Dim> dims = new ArrayList<>(x.shape().dims());
    for (int axis : axes) {
      axis(opType, x, axis);
      dims.set(axis, Dim.of(1));
    }
    return new Shape(dims);
  }
}
