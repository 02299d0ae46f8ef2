package x3d.graph;

/**
 * The value of an initializer. Exactly one array is set, by type. The arrays are not copied: who makes
 * a constant gives them away.
 */
public record Constant(ElementType type, float[] floats, long[] longs, double[] doubles) {
  public static Constant of(float... values) {
    return new Constant(ElementType.FLOAT, values, null, null);
  }

  public static Constant of(long... values) {
    return new Constant(ElementType.INT64, null, values, null);
  }

  public static Constant of(double... values) {
    return new Constant(ElementType.DOUBLE, null, null, values);
  }

  public int size() {
    return switch (type) {
      case FLOAT -> floats.length;
      case INT64 -> longs.length;
      case DOUBLE -> doubles.length;
      case BOOL -> throw new GraphException("boolean initializers are not supported");
    };
  }

  /** The elements at {@code indices}, in that order. */
  Constant gather(int[] indices) {
    int n = indices.length;
    switch (type) {
      case FLOAT -> {
        float[] out = new float[n];
        for (int i = 0; i < n; i++) out[i] = floats[indices[i]];
        return of(out);
      }
      case INT64 -> {
        long[] out = new long[n];
        for (int i = 0; i < n; i++) out[i] = longs[indices[i]];
        return of(out);
      }
      default -> {
        double[] out = new double[n];
        for (int i = 0; i < n; i++) out[i] = doubles[indices[i]];
        return of(out);
      }
    }
  }
}
