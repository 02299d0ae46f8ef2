package x3d.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The vectors that all kernels work with: as wide as the processor prefers. */
final class Lanes {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

  /** Floats in one vector. */
  static final int COUNT = FLOATS.length();

  /** The sum of one vector's floats, in their order: the Vector API leaves the order open, and results must repeat. */
  static double sum(float[] values, int from) {
    double sum = 0;
    for (int i = from; i < from + COUNT; i++) {
      sum += values[i];
    }
    return sum;
  }

  /** max(v, 0); NaN stays NaN. Several times cheaper than the Vector API's max, which must tell zeros apart. */
  static FloatVector relu(FloatVector v) {
    return v.blend(0, v.compare(VectorOperators.LT, 0));
  }

  private Lanes() {}
}
