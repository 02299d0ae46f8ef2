package x3d.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Matrix products, convolutions and pooling. */
public final class Linear {
  private Linear() {}

  /** Product of the last two axes, the ones before broadcast. ONNX MatMul-13. */
  public static Tensor matMul(Tensor a, Tensor b) {
    Shape lead = null;
    boolean fits = a.rank() >= 2
        && b.rank() >= 2
        && a.type() == b.type()
        && a.shape().dim(a.rank() - 1).equals(b.shape().dim(b.rank() - 2));
    if (fits) {
      lead = Elementwise.broadcast(lead(a), lead(b));
    }
    if (lead == null) {
      throw new GraphException("MatMul: " + a + " and " + b + " do not go together");
    }
    List<Dim> dims = new ArrayList<>(lead.dims());
    dims.add(a.shape().dim(a.rank() - 2));
    dims.add(b.shape().dim(b.rank() - 1));
    return a.graph().node("MatMul", List.of(a, b), a.type(), new Shape(dims), Map.of());
  }

  private static Shape lead(Tensor t) {
    return new Shape(t.shape().dims().subList(0, t.rank() - 2));
  }

  /** Where a convolution's kernel goes: an entry a spatial axis; the same padding before and after. */
  public record Window(long[] strides, long[] pads) {
    public Window {
      strides = strides.clone();
      pads = pads.clone();
    }

    @Override
    public long[] strides() {
      return strides.clone();
    }

    @Override
    public long[] pads() {
      return pads.clone();
    }
  }

  /**
   * Convolution (cross-correlation). ONNX Conv-11.
   *
   * @param x [N, C, spatial...]
   * @param w [M, C / groups, kernel...]
   * @param bias [M], or null
   * @return [N, M, (spatial + 2 pads - kernel) / strides + 1...]
   */
  public static Tensor conv(Tensor x, Tensor w, Tensor bias, Window window, long groups) {
    int spatial = x.rank() - 2;
    long[] strides = window.strides();
    long[] pads = window.pads();
    boolean fits = spatial >= 1
        && w.rank() == x.rank()
        && strides.length == spatial
        && pads.length == spatial
        && x.shape().size(1) == w.shape().size(1) * groups
        && w.shape().size(0) % groups == 0
        && x.type() == w.type()
        && (bias == null || bias.shape().equals(Shape.of(w.shape().size(0))));
    if (!fits) {
      throw new GraphException("Conv: x " + x + " and w " + w
          + (bias == null ? "" : " and bias " + bias) + " with " + groups + " groups, strides "
          + Arrays.toString(strides) + ", pads " + Arrays.toString(pads) + " do not go together");
    }
    List<Dim> dims = new ArrayList<>(List.of(x.shape().dim(0), w.shape().dim(0)));
    long[] bothPads = new long[2 * spatial];
    for (int i = 0; i < spatial; i++) {
      Dim out = x.shape().dim(i + 2).windows(w.shape().size(i + 2), strides[i], 2 * pads[i]);
      if (out.fixed() && out.size() == 0) {
        throw new GraphException("Conv: the kernel of " + w + " is larger than " + x);
      }
      dims.add(out);
      bothPads[i] = pads[i];
      bothPads[i + spatial] = pads[i];
    }
    Map<String, Attribute> attributes = Map.of(
        "strides", Attribute.of(strides),
        "pads", Attribute.of(bothPads),
        "group", Attribute.of(groups),
        "kernel_shape", Attribute.of(Arrays.copyOfRange(w.shape().toArray(), 2, w.rank())));
    return x.graph()
        .node(
            "Conv",
            bias == null ? List.of(x, w) : List.of(x, w, bias),
            x.type(),
            new Shape(dims),
            attributes);
  }

  /** Mean over windows at stride 1 without padding. ONNX AveragePool-11.
   *  @param kernel an entry a spatial axis of x [N, C, spatial...] */
  public static Tensor averagePool(Tensor x, long... kernel) {
    if (kernel.length != x.rank() - 2) {
      throw new GraphException(
          "AveragePool: kernel " + Arrays.toString(kernel) + " does not fit " + x);
    }
    List<Dim> dims = new ArrayList<>(x.shape().dims().subList(0, 2));
    for (int i = 0; i < kernel.length; i++) {
      Dim out = x.shape().dim(i + 2).windows(kernel[i], 1, 0);
      if (out.fixed() && out.size() == 0) {
        throw new GraphException(
            "AveragePool: kernel " + Arrays.toString(kernel) + " is larger than " + x);
      }
      dims.add(out);
    }
    return x.graph()
        .node(
            "AveragePool",
            List.of(x),
            x.type(),
            new Shape(dims),
            Map.of("kernel_shape", Attribute.of(kernel)));
  }
}
