package x3d.graph;

/** Element types of tensors, with their number in ONNX's {@code TensorProto.DataType}. */
public enum ElementType {
  FLOAT(1, true),
  INT64(7, false),
  BOOL(9, false),
  DOUBLE(11, true);

  private final int onnx;
  private final boolean floating;

  ElementType(int onnx, boolean floating) {
    this.onnx = onnx;
    this.floating = floating;
  }

  public int onnx() {
    return onnx;
  }

  public boolean floating() {
    return floating;
  }

  static ElementType ofOnnx(int code) {
    for (ElementType type : values()) {
      if (type.onnx == code) {
        return type;
      }
    }
    throw new GraphException("element type " + code + " of TensorProto.DataType is not supported");
  }
}
