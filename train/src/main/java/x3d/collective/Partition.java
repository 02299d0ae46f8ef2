package x3d.collective;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A flat vector cut into consecutive slices, one a rank.
 *
 * @param bounds where slice <i>i</i> begins and, at <i>i</i> + 1, ends; from 0 to the length, never falling
 */
public record Partition(int[] bounds) {
  /** Refuses bounds that do not begin at 0 or that fall. */
  public Partition {
    bounds = bounds.clone();
    boolean rises = bounds.length > 1 && bounds[0] == 0;
    for (int i = 1; rises && i < bounds.length; i++) {
      rises = bounds[i] >= bounds[i - 1];
    }
    if (!rises) {
      throw new IllegalArgumentException(
          "a partition begins at 0 and never falls; got " + Arrays.toString(bounds));
    }
  }

  /**
   * Slices as equal as can be of whole blocks.
   *
   * @param length of the vector
   * @param block that no slice ends within
   * @param ranks how many slices
   */
  public static Partition even(int length, int block, int ranks) {
    long blocks = (length + (long) block - 1) / block;
    int[] bounds = new int[ranks + 1];
    for (int i = 0; i <= ranks; i++) {
      bounds[i] = (int) Math.min(length, blocks * i / ranks * block);
    }
    return new Partition(bounds);
  }

  @Override
  public int[] bounds() {
    return bounds.clone();
  }

  /** How many slices. */
  public int ranks() {
    return bounds.length - 1;
  }

  /** Of the whole vector. */
  public int length() {
    return bounds[bounds.length - 1];
  }

  /** Where a rank's slice begins. */
  public int from(int rank) {
    return bounds[rank];
  }

  /** Where a rank's slice ends, exclusive. */
  public int to(int rank) {
    return bounds[rank + 1];
  }

  /** Of a rank's slice. */
  public int length(int rank) {
    return to(rank) - from(rank);
  }

  /** Refuses a vector that is not as long as this, and as many ranks as it has no slices for. */
  void check(FloatBuffer vector, int ranks) {
    if (ranks != ranks()) {
      throw new IllegalArgumentException(
          "a partition for " + ranks() + " ranks where there are " + ranks);
    }
    checkLength(vector, "vector", length());
  }

  /** Refuses a buffer that is not as long as a rank's slice. */
  void checkOwn(FloatBuffer own, int rank) {
    checkLength(own, "own slice", length(rank));
  }

  private static void checkLength(FloatBuffer buffer, String name, int length) {
    if (buffer.limit() != length) {
      throw new IllegalArgumentException(
          "the " + name + " has " + buffer.limit() + " values where the partition has " + length);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Partition p && Arrays.equals(bounds, p.bounds);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bounds);
  }
}
