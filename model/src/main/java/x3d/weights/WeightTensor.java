package x3d.weights;

import java.util.Arrays;

/** A float32 tensor in row-major order. The values are owned, not copied: whoever passes them in gives them away. */
public final class WeightTensor {
  private final int[] shape;
  private final float[] values;

  /**
   * @param shape non-negative extents; empty for a scalar
   * @param values as many as the shape says; not copied
   * @throws WeightsException if the two disagree
   */
  public WeightTensor(int[] shape, float[] values) {
    if (size(shape) != values.length) {
      throw new WeightsException("a tensor of shape " + Arrays.toString(shape) + " takes "
          + size(shape) + " values, not " + values.length);
    }
    this.shape = shape.clone();
    this.values = values;
  }

  /** The extents, as a copy. */
  public int[] shape() {
    return shape.clone();
  }

  /** The values themselves, not a copy. */
  public float[] values() {
    return values;
  }

  public int size() {
    return values.length;
  }

  /**
   * How many elements a tensor of this shape has; 1 for a scalar's empty shape.
   *
   * @throws WeightsException if an extent is negative or the product exceeds an array
   */
  public static int size(int[] shape) {
    long size = 1;
    for (int extent : shape) {
      if (extent < 0) {
        throw new WeightsException(
            "a shape has no negative extent, but " + Arrays.toString(shape) + " does");
      }
      size = extent == 0 ? 0 : size * extent;
      if (size > Integer.MAX_VALUE) {
        throw new WeightsException("a tensor of shape " + Arrays.toString(shape)
            + " exceeds the 2^31-1 elements of an array");
      }
    }
    return (int) size;
  }

  /** Equal shapes and bitwise equal values (NaN equals NaN, 0 differs from -0). */
  @Override
  public boolean equals(Object other) {
    return other instanceof WeightTensor that
        && Arrays.equals(shape, that.shape)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(shape) + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "float" + Arrays.toString(shape);
  }
}
