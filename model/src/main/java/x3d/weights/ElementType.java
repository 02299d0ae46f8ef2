package x3d.weights;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import x3d.number.Float16;

/** What an element of a stored tensor is: its name in safetensors, its storage class in PyTorch, its bytes. */
enum ElementType {
  F64("DoubleStorage", 8, true),
  F32("FloatStorage", 4, true),
  F16("HalfStorage", 2, true),
  BF16("BFloat16Storage", 2, true),
  I64("LongStorage", 8, false),
  I32("IntStorage", 4, false),
  I16("ShortStorage", 2, false),
  I8("CharStorage", 1, false),
  U8("ByteStorage", 1, false),
  BOOL("BoolStorage", 1, false);

  private final String torchStorage;
  private final int bytes;
  private final boolean floating;

  ElementType(String torchStorage, int bytes, boolean floating) {
    this.torchStorage = torchStorage;
    this.bytes = bytes;
    this.floating = floating;
  }

  /** PyTorch's class in module {@code torch}, such as {@code FloatStorage}. */
  String torchStorage() {
    return torchStorage;
  }

  int bytes() {
    return bytes;
  }

  boolean floating() {
    return floating;
  }

  static Optional<ElementType> named(String safetensorsName) {
    return Arrays.stream(values())
        .filter(type -> type.name().equals(safetensorsName))
        .findFirst();
  }

  static List<String> names() {
    return Arrays.stream(values()).map(Enum::name).toList();
  }

  /** Element {@code index} as float32: wider types are rounded to nearest, narrower ones are exact. */
  float floatAt(ByteBuffer data, int index) {
    int at = index * bytes;
    return switch (this) {
      case F64 -> (float) data.getDouble(at);
      case F32 -> data.getFloat(at);
      case F16 -> Float16.toFloat(data.getShort(at));
      case BF16 -> Float.intBitsToFloat(data.getShort(at) << 16);
      case I64, I32, I16, I8, U8, BOOL -> longAt(data, index);
    };
  }

  /** Element {@code index} of an integer type. */
  long longAt(ByteBuffer data, int index) {
    int at = index * bytes;
    return switch (this) {
      case I64 -> data.getLong(at);
      case I32 -> data.getInt(at);
      case I16 -> data.getShort(at);
      case I8 -> data.get(at);
      case U8, BOOL -> data.get(at) & 0xff;
      case F64, F32, F16, BF16 -> throw new IllegalStateException(this + " holds no integers");
    };
  }

  /** {@code count} elements from {@code index} on. */
  float[] floats(ByteBuffer data, int index, int count) {
    float[] values = new float[count];
    if (this == F32) {
      data.slice(index * bytes, count * bytes)
          .order(data.order())
          .asFloatBuffer()
          .get(values);
    } else {
      for (int i = 0; i < count; i++) {
        values[i] = floatAt(data, index + i);
      }
    }
    return values;
  }
}
