package x3d.grad;

import static x3d.graph.Elementwise.scale;
import static x3d.graph.Movement.concat;
import static x3d.graph.Movement.pad;
import static x3d.graph.Movement.reshape;
import static x3d.graph.Movement.slice;
import static x3d.graph.Movement.transpose;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import x3d.graph.Dim;
import x3d.graph.Node;
import x3d.graph.Shape;
import x3d.graph.Tensor;

/** Rules of {@link x3d.graph.Movement}. */
final class MovementRules {
  /** dx = dy in the shape of x. */
  static final GradientRule RESHAPE =
      c -> c.give(0, () -> reshape(c.dy(), c.input(0).shape()));

  /** dx = dy with the axes put back. */
  static final GradientRule TRANSPOSE = c -> {
    long[] perm = c.node().integers("perm");
    int[] inverse = new int[perm.length];
    for (int i = 0; i < perm.length; i++) {
      inverse[(int) perm[i]] = i;
    }
    c.give(0, () -> transpose(c.dy(), inverse));
  };

  /** dx = dy where it was taken from, zero elsewhere. */
  static final GradientRule SLICE = c -> {
    Node n = c.node();
    long[] starts = n.input(1).constant().longs();
    long[] axes = n.input(3).constant().longs();
    long[] steps = n.input(4).constant().longs();
    c.give(0, () -> {
      Tensor dx = c.dy();
      for (int i = 0; i < axes.length; i++) {
        int axis = (int) axes[i];
        dx = scatter(dx, axis, starts[i], steps[i], c.input(0).shape().size(axis));
      }
      return dx;
    });
  };

  /** Each part's gradient is its slice of dy. */
  static final GradientRule CONCAT = c -> {
    int axis = (int) c.node().integer("axis", 0);
    long start = 0;
    for (int i = 0; i < c.node().inputs().size(); i++) {
      long from = start;
      long to = start + c.input(i).shape().size(axis);
      c.give(i, () -> slice(c.dy(), axis, from, to, 1));
      start = to;
    }
  };

  /** dx = the pieces' gradients side by side; zeros for a piece that nobody used. */
  static final GradientRule SPLIT = c -> {
    int axis = (int) c.node().integer("axis", 0);
    c.give(0, () -> {
      List<Tensor> pieces = new ArrayList<>();
      for (int i = 0; i < c.node().outputs().size(); i++) {
        Tensor piece = c.output(i);
        pieces.add(c.dy(i) != null ? c.dy(i) : scale(piece, 0));
      }
      return concat(pieces, axis);
    });
  };

  /** dx = dy without the border. */
  static final GradientRule PAD = c -> {
    long[] pads = c.node().input(1).constant().longs();
    Tensor x = c.input(0);
    int rank = x.rank();
    int[] axes = new int[rank];
    long[] starts = new long[rank];
    long[] ends = new long[rank];
    long[] steps = new long[rank];
    for (int i = 0; i < rank; i++) {
      axes[i] = i;
      starts[i] = pads[i];
      ends[i] = c.output(0).shape().size(i) - pads[i + rank];
      steps[i] = 1;
    }
    c.give(0, () -> slice(c.dy(), axes, starts, ends, steps));
  };

  /** dx = dy in the shape of x. */
  static final GradientRule SQUEEZE = RESHAPE;

  static final GradientRule IDENTITY = c -> c.give(0, c::dy);

  static final Map<String, GradientRule> ALL = Map.of(
      "Reshape",
      RESHAPE,
      "Squeeze",
      SQUEEZE,
      "Transpose",
      TRANSPOSE,
      "Slice",
      SLICE,
      "Concat",
      CONCAT,
      "Split",
      SPLIT,
      "Pad",
      PAD,
      "Identity",
      IDENTITY);

  /**
   * The reverse of taking {@code start, start + step, ...}: x's elements at these places of an axis of
   * {@code size}, zeros between. By Reshape and Pad, since they are fast everywhere.
   */
  static Tensor scatter(Tensor x, int axis, long start, long step, long size) {
    Tensor spread = x;
    long count = x.shape().size(axis);
    if (step > 1) {
      long outer = x.shape().elements(0, axis);
      long inner = x.shape().elements(axis + 1, x.rank());
      Tensor flat = pad(
          reshape(x, outer * count, 1, inner), new long[] {0, 0, 0}, new long[] {0, step - 1, 0});
      List<Dim> dims = new ArrayList<>(x.shape().dims());
      dims.set(axis, Dim.of(count * step));
      spread = reshape(flat, new Shape(dims));
    }
    long have = count * step;
    if (start + have > size) {
      spread = slice(spread, axis, 0, size - start, 1);
      have = size - start;
    }
    long[] before = new long[x.rank()];
    long[] after = new long[x.rank()];
    before[axis] = start;
    after[axis] = size - start - have;
    return pad(spread, before, after);
  }

  private MovementRules() {}
}
