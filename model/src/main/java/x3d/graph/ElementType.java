package x3d.graph;

/** Element types of tensors, with their number in ONNX's {@code TensorProto.DataType}. */
public enum ElementType {
  FLOAT(1, 4, true),
  INT64(7, 8, false),
  BOOL(9, 1, false),
  FLOAT16(10, 2, true),
  DOUBLE(11, 8, true);

  private final int onnx;
  private final int bytes;
  private final boolean floating;

  ElementType(int onnx, int bytes, boolean floating) {
    this.onnx = onnx;
    this.bytes = bytes;
    this.floating = floating;
  }

  public int onnx() {
    return onnx;
  }

  /** What an element takes. */
  int bytes() {
    return bytes;
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
