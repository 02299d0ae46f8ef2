package x3d.graph;

import x3d.number.Float16;

/**
 * The value of an initializer. Exactly one array is set, by type; FLOAT16 has its numbers in {@code floats}, each one
 * that float16 has. The arrays are not copied: who makes a constant gives them away.
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

  /** The numbers of a floating type that are nearest to {@code values}. */
  static Constant of(ElementType type, double... values) {
    if (type == ElementType.DOUBLE) {
      return of(values);
    }
    float[] narrow = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = type == ElementType.FLOAT16 ? Float16.rounded(values[i]) : (float) values[i];
    }
    return new Constant(type, narrow, null, null);
  }

  /** This constant of a floating type in another one. */
  Constant as(ElementType other) {
    double[] values = doubles;
    if (type != ElementType.DOUBLE) {
      values = new double[floats.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = floats[i];
      }
    }
    return of(other, values);
  }

  public int size() {
    return switch (type) {
      case FLOAT, FLOAT16 -> floats.length;
      case INT64 -> longs.length;
      case DOUBLE -> doubles.length;
      case BOOL -> throw new GraphException("boolean initializers are not supported");
    };
  }

  /** The elements at {@code indices}, in that order. */
  Constant gather(int[] indices) {
    int n = indices.length;
    switch (type) {
      case FLOAT, FLOAT16 -> {
        float[] out = new float[n];
        for (int i = 0; i < n; i++) out[i] = floats[indices[i]];
        return new Constant(type, out, null, null);
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
