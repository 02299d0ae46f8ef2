package x3d.net;

import x3d.graph.ElementType;

/** In which numbers a graph takes its clips. */
public enum ClipType {
  FLOAT32(ElementType.FLOAT),
  /** Half the bytes to send to a device; the same results in a {@link Precision} whose first step is to round them. */
  FLOAT16(ElementType.FLOAT16);

  private final ElementType element;

  ClipType(ElementType element) {
    this.element = element;
  }

  ElementType element() {
    return element;
  }

  /** @throws IllegalArgumentException if a network of {@code precision} would not compute the same of such clips */
  void require(Precision precision) {
    if (this == FLOAT16 && precision == Precision.FLOAT32) {
      throw new IllegalArgumentException(
          "clips in float16 would be rounded before a network in float32; use float32 clips, or "
              + Precision.FLOAT16_PRODUCTS.id() + " or " + Precision.FLOAT16.id());
    }
  }
}
