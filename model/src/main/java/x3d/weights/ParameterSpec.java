package x3d.weights;

import java.util.Arrays;
import java.util.Objects;

/**
 * One tensor of a layout.
 *
 * @param name SlowFast's, such as {@code s2.pathway0_res0.branch2.b.weight}
 * @param shape extents, row-major
 * @param initialization how it starts
 * @param batchNorm whether it belongs to a BN, and so follows {@code BN.WEIGHT_DECAY} and {@code frozen BN}
 */
public record ParameterSpec(
    String name, int[] shape, Initialization initialization, boolean batchNorm) {
  public ParameterSpec {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(initialization, "initialization");
    shape = shape.clone();
  }

  /** The extents, as a copy. */
  @Override
  public int[] shape() {
    return shape.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ParameterSpec that
        && name.equals(that.name)
        && Arrays.equals(shape, that.shape)
        && initialization == that.initialization
        && batchNorm == that.batchNorm;
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, Arrays.hashCode(shape), initialization, batchNorm);
  }

  @Override
  public String toString() {
    return name + Arrays.toString(shape);
  }
}
