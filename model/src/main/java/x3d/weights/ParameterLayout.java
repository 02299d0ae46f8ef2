package x3d.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Where each named tensor lies in one flat vector: one after the other, in the given order, without gaps. Parameters have
 * one layout; BN running statistics ({@code ...bn.running_mean}, {@code ...bn.running_var}) have another.
 */
public final class ParameterLayout {
  /**
   * Elements {@code [offset, offset + length)} of the flat vector.
   *
   * @param spec whose they are
   */
  public record Slice(ParameterSpec spec, int offset, int length) {
    public String name() {
      return spec.name();
    }
  }

  private final Map<String, Slice> slices = new LinkedHashMap<>();
  private final int size;

  /** @throws WeightsException if a name occurs twice or the whole exceeds an array */
  public ParameterLayout(List<ParameterSpec> specs) {
    int offset = 0;
    for (ParameterSpec spec : specs) {
      int length = WeightTensor.size(spec.shape());
      if (slices.put(spec.name(), new Slice(spec, offset, length)) != null) {
        throw new WeightsException(
            "a layout names each tensor once, but " + spec.name() + " occurs twice");
      }
      if (Integer.MAX_VALUE - length < offset) {
        throw new WeightsException(
            "a layout of over 2^31-1 elements does not fit one array, at " + spec.name());
      }
      offset += length;
    }
    size = offset;
  }

  /** Elements of the flat vector. */
  public int size() {
    return size;
  }

  public List<Slice> slices() {
    return List.copyOf(slices.values());
  }

  /** @throws WeightsException if the layout has none of this name */
  public Slice slice(String name) {
    Slice slice = slices.get(name);
    if (slice == null) {
      throw new WeightsException("no " + name + " in this layout of " + slices.size() + " tensors");
    }
    return slice;
  }

  boolean holds(String name) {
    return slices.containsKey(name);
  }

  /**
   * The flat vector of these weights. Tensors outside this layout are not looked at; {@link LoadReport} names them.
   *
   * @throws WeightsException if a tensor of the layout is missing or has another shape; names all such
   */
  public float[] pack(Weights weights) {
    float[] flat = new float[size];
    LoadReport.fill(weights, this, flat).requireAllFound();
    return flat;
  }

  /**
   * The inverse of {@link #pack}.
   *
   * @param flat as long as {@link #size}; copied
   */
  public Weights unpack(float[] flat, Map<String, String> metadata) {
    requireLength(flat);
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    for (Slice slice : slices.values()) {
      float[] values = new float[slice.length()];
      System.arraycopy(flat, slice.offset(), values, 0, values.length);
      tensors.put(slice.name(), new WeightTensor(slice.spec().shape(), values));
    }
    return new Weights(tensors, metadata);
  }

  /**
   * A fresh start. A function of the seed and, tensor by tensor, of name, shape and rule: what else is in the layout does
   * not change a tensor's values, nor does the JDK ({@link Random}'s sequences are specified).
   */
  public float[] initialise(long seed) {
    float[] flat = new float[size];
    for (Slice slice : slices.values()) {
      ParameterSpec spec = slice.spec();
      Random random = new Random(mix(seed, spec.name()));
      spec.initialization().fill(flat, slice.offset(), slice.length(), spec.shape(), random);
    }
    return flat;
  }

  /** SplitMix64's finalizer: {@link Random} alone gives neighbouring seeds similar beginnings. */
  private static long mix(long seed, String name) {
    long z = seed * 0x9E3779B97F4A7C15L + name.hashCode();
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  void requireLength(float[] flat) {
    if (flat.length != size) {
      throw new WeightsException(
          "this layout has " + size + " elements, the flat vector " + flat.length);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ParameterLayout that
        && new ArrayList<>(slices.values()).equals(new ArrayList<>(that.slices.values()));
  }

  @Override
  public int hashCode() {
    return slices.hashCode();
  }

  @Override
  public String toString() {
    return slices.size() + " tensors, " + size + " elements";
  }
}
