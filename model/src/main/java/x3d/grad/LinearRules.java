package x3d.grad;

import static x3d.graph.Elementwise.mul;
import static x3d.graph.Linear.conv;
import static x3d.graph.Linear.matMul;
import static x3d.graph.Movement.concat;
import static x3d.graph.Movement.gather;
import static x3d.graph.Movement.pad;
import static x3d.graph.Movement.reshape;
import static x3d.graph.Movement.slice;
import static x3d.graph.Movement.transpose;
import static x3d.graph.Reduction.reduceSum;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import x3d.graph.Linear.Window;
import x3d.graph.Node;
import x3d.graph.Shape;
import x3d.graph.Tensor;

/** Rules of {@link x3d.graph.Linear}. */
final class LinearRules {
  /** da = dy bᵀ, db = aᵀ dy. */
  static final GradientRule MAT_MUL = c -> {
    c.give(0, () -> matMul(c.dy(), swapLast(c.input(1))));
    c.give(1, () -> matMul(swapLast(c.input(0)), c.dy()));
  };

  /**
   * dx = dy convolved with the mirrored kernel; dw = for each element of the kernel the product of dy
   * and the part of x that met this element; dbias = sum of dy.
   */
  static final GradientRule CONV = c -> {
    c.give(0, () -> convInput(c.node(), c.dy()));
    c.give(1, () -> convWeight(c.node(), c.dy()));
    c.give(2, () -> {
      int[] axes = IntStream.range(0, c.dy().rank()).filter(i -> i != 1).toArray();
      return reshape(reduceSum(c.dy(), axes), c.input(2).shape());
    });
  };

  static final Map<String, GradientRule> ALL = Map.of("MatMul", MAT_MUL, "Conv", CONV);

  private static Tensor swapLast(Tensor t) {
    int[] perm = IntStream.range(0, t.rank()).toArray();
    perm[t.rank() - 1] = t.rank() - 2;
    perm[t.rank() - 2] = t.rank() - 1;
    return transpose(t, perm);
  }

  /** Zeros between the elements of dy instead of ConvTranspose, which is 7 times slower on the CPU for depthwise kernels. */
  static Tensor convInput(Node node, Tensor dy) {
    Tensor x = node.input(0);
    Tensor w = node.input(1);
    int spatial = x.rank() - 2;
    long[] strides = node.integers("strides");
    long[] pads = node.integers("pads");
    long groups = node.integer("group", 1);
    Tensor mirrored = mirroredAndSwapped(w, groups);
    boolean pointwise =
        w.shape().elements(2, w.rank()) == 1 && Arrays.stream(pads).allMatch(p -> p == 0);
    if (pointwise) {
      Tensor dx = conv(dy, mirrored, null, new Window(ones(spatial), new long[spatial]), groups);
      for (int i = 0; i < spatial; i++) {
        dx = MovementRules.scatter(dx, i + 2, 0, strides[i], x.shape().size(i + 2));
      }
      return dx;
    }
    Tensor spread = dy;
    long[] newPads = new long[spatial];
    for (int i = 0; i < spatial; i++) {
      long kernel = w.shape().size(i + 2);
      newPads[i] = kernel - 1 - pads[i];
      long size = x.shape().size(i + 2) + kernel - 1 - 2 * newPads[i];
      spread = MovementRules.scatter(spread, i + 2, 0, strides[i], size);
    }
    return conv(spread, mirrored, null, new Window(ones(spatial), newPads), groups);
  }

  /** [O, I/g, k...] to [I, O/g, k...] with each kernel mirrored. */
  private static Tensor mirroredAndSwapped(Tensor w, long groups) {
    long out = w.shape().size(0);
    long in = w.shape().size(1);
    long kernel = w.shape().elements(2, w.rank());
    Tensor t = w;
    if (kernel > 1) {
      long[] reversed = new long[(int) kernel];
      Arrays.setAll(reversed, i -> kernel - 1 - i);
      t = gather(reshape(t, out * in, kernel), 1, reversed);
    }
    if (in > 1 || out > groups) {
      t = transpose(reshape(t, groups, out / groups, in, kernel), 0, 2, 1, 3);
    }
    long[] shape = w.shape().toArray();
    shape[0] = in * groups;
    shape[1] = out / groups;
    return reshape(t, shape);
  }

  private static Tensor convWeight(Node node, Tensor dy) {
    Tensor x = node.input(0);
    Tensor w = node.input(1);
    int spatial = x.rank() - 2;
    long[] strides = node.integers("strides");
    long[] pads = node.integers("pads");
    long groups = node.integer("group", 1);
    long out = w.shape().size(0);
    long in = w.shape().size(1);
    boolean depthwise = in == 1 && out == groups;
    long batch = x.shape().size(0);
    long positions = dy.shape().elements(2, dy.rank());
    long[] border = new long[x.rank()];
    System.arraycopy(pads, 0, border, 2, spatial);
    Tensor padded = pad(x, border, border);
    Tensor dyGroups = depthwise ? dy : reshape(dy, batch, groups, out / groups, positions);
    List<Tensor> taps = new ArrayList<>();
    for (long tap = 0; tap < w.shape().elements(2, w.rank()); tap++) {
      Tensor met = window(padded, w.shape(), dy.shape(), strides, tap);
      if (depthwise) {
        int[] axes = IntStream.range(0, x.rank()).filter(i -> i != 1).toArray();
        taps.add(reshape(reduceSum(mul(met, dy), axes), out, 1, 1));
      } else {
        Tensor metGroups = reshape(met, batch, groups, in, positions);
        Tensor product = matMul(dyGroups, transpose(metGroups, 0, 1, 3, 2));
        taps.add(reshape(reduceSum(product, 0), out, in, 1));
      }
    }
    return reshape(concat(taps, 2), w.shape());
  }

  /** The elements of x, in dy's order, that element {@code tap} of the kernel was multiplied with. */
  private static Tensor window(Tensor padded, Shape w, Shape dy, long[] strides, long tap) {
    int spatial = strides.length;
    int[] axes = new int[spatial];
    long[] starts = new long[spatial];
    long[] ends = new long[spatial];
    long rest = tap;
    for (int i = spatial - 1; i >= 0; i--) {
      axes[i] = i + 2;
      starts[i] = rest % w.size(i + 2);
      rest /= w.size(i + 2);
      ends[i] = starts[i] + (dy.size(i + 2) - 1) * strides[i] + 1;
    }
    return slice(padded, axes, starts, ends, strides);
  }

  private static long[] ones(int n) {
    long[] ones = new long[n];
    Arrays.fill(ones, 1);
    return ones;
  }

  private LinearRules() {}
}
