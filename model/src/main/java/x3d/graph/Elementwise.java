package x3d.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Operators that work element by element; two operands are broadcast as NumPy does. */
public final class Elementwise {
  private Elementwise() {}

  /** a + b. ONNX Add-14. */
  public static Tensor add(Tensor a, Tensor b) {
    return binary("Add", a, b, a.type());
  }

  /** a - b. ONNX Sub-14. */
  public static Tensor sub(Tensor a, Tensor b) {
    return binary("Sub", a, b, a.type());
  }

  /** a b. ONNX Mul-14. */
  public static Tensor mul(Tensor a, Tensor b) {
    return binary("Mul", a, b, a.type());
  }

  /** a / b. ONNX Div-14. */
  public static Tensor div(Tensor a, Tensor b) {
    return binary("Div", a, b, a.type());
  }

  /** The tensor times a constant. */
  public static Tensor scale(Tensor a, double factor) {
    return mul(a, a.graph().scalar(a.type(), factor));
  }

  /** The tensor plus a constant. */
  public static Tensor shift(Tensor a, double summand) {
    return add(a, a.graph().scalar(a.type(), summand));
  }

  /** -x. ONNX Neg-13. */
  public static Tensor neg(Tensor x) {
    return unary("Neg", x);
  }

  /** Square root. ONNX Sqrt-13. */
  public static Tensor sqrt(Tensor x) {
    return unary("Sqrt", x);
  }

  /** 1 / x. ONNX Reciprocal-13. */
  public static Tensor reciprocal(Tensor x) {
    return unary("Reciprocal", x);
  }

  /** e^x. ONNX Exp-13. */
  public static Tensor exp(Tensor x) {
    return unary("Exp", x);
  }

  /** Natural logarithm. ONNX Log-13. */
  public static Tensor log(Tensor x) {
    return unary("Log", x);
  }

  /** max(x, 0). ONNX Relu-14. */
  public static Tensor relu(Tensor x) {
    return unary("Relu", x);
  }

  /** 1 / (1 + e^-x). ONNX Sigmoid-13. */
  public static Tensor sigmoid(Tensor x) {
    return unary("Sigmoid", x);
  }

  /** -1, 0 or 1. ONNX Sign-13. */
  public static Tensor sign(Tensor x) {
    return unary("Sign", x);
  }

  /**
   * x in another floating type, rounded to nearest where that is narrower; x itself if it has the type. An
   * initializer's is made when the graph is built. ONNX Cast-13.
   */
  public static Tensor cast(Tensor x, ElementType type) {
    if (!x.type().floating() || !type.floating()) {
      throw new GraphException("Cast: needs floating types, got " + x + " and " + type);
    }
    if (x.type() == type) {
      return x;
    }
    if (x.constant() != null) {
      return x.graph()
          .initializer(
              x.name() + "/" + type.name().toLowerCase(Locale.ROOT),
              x.shape(),
              x.constant().as(type));
    }
    return x.graph()
        .node("Cast", List.of(x), type, x.shape(), Map.of("to", Attribute.of((long) type.onnx())));
  }

  /** The shape that NumPy's broadcasting gives; null where the shapes do not go together. */
  static Shape broadcast(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      int ia = i - rank + a.rank();
      int ib = i - rank + b.rank();
      Dim one = Dim.of(1);
      Dim da = ia < 0 ? one : a.dim(ia);
      Dim db = ib < 0 ? one : b.dim(ib);
      if (!da.equals(db) && !da.equals(one) && !db.equals(one)) {
        return null;
      }
      dims.add(da.equals(one) ? db : da);
    }
    return new Shape(dims);
  }

  private static Tensor binary(String opType, Tensor a, Tensor b, ElementType result) {
    Shape shape = broadcast(a.shape(), b.shape());
    if (shape == null || a.type() != b.type()) {
      throw new GraphException(opType + ": " + a + " and " + b + " cannot be broadcast together");
    }
    return a.graph().node(opType, List.of(a, b), result, shape, Map.of());
  }

  private static Tensor unary(String opType, Tensor x) {
    if (!x.type().floating()) {
      throw new GraphException(opType + ": needs a floating type, got " + x);
    }
    return x.graph().node(opType, List.of(x), x.type(), x.shape(), Map.of());
  }
}
