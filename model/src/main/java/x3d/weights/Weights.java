package x3d.weights;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Tensors by SlowFast's names, in a stable order, with what is known of their origin as text. */
public final class Weights {
  private final Map<String, WeightTensor> tensors;
  private final Map<String, String> metadata;

  /** Both maps are copied and keep their order; the tensors are not copied. */
  public Weights(Map<String, WeightTensor> tensors, Map<String, String> metadata) {
    this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  public Map<String, WeightTensor> tensors() {
    return tensors;
  }

  public Map<String, String> metadata() {
    return metadata;
  }

  /** @throws WeightsException if there is none of this name */
  public WeightTensor get(String name) {
    WeightTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new WeightsException("no tensor " + name + " among these " + tensors.size());
    }
    return tensor;
  }

  /**
   * These tensors and then those: parameters and statistics become one file.
   *
   * @throws WeightsException if a name is in both
   */
  public Weights and(Weights more) {
    Map<String, WeightTensor> all = new LinkedHashMap<>(tensors);
    more.tensors.forEach((name, tensor) -> {
      if (all.put(name, tensor) != null) {
        throw new WeightsException("both weights hold a tensor " + name);
      }
    });
    return new Weights(all, merged(metadata, more.metadata));
  }

  /** The same tensors with these entries added to the metadata, or replaced there. */
  public Weights withMetadata(Map<String, String> more) {
    return new Weights(tensors, merged(metadata, more));
  }

  private static Map<String, String> merged(Map<String, String> first, Map<String, String> second) {
    Map<String, String> all = new LinkedHashMap<>(first);
    all.putAll(second);
    return all;
  }

  /**
   * Whether these are the dense form of X3D that the Ascend port trains: {@code groups} left out of the stem's 5x1x1
   * and of every 3x3x3 convolution, so that their weights are {@code [C, C, ...]} instead of {@code [C, 1, ...]}.
   *
   * @throws WeightsException if there are no such convolutions, or some are dense and some are not (SlowFast's
   *     {@code X3D.CHANNELWISE_3x3x3 False} with its channelwise stem: a third network)
   */
  public static boolean dense(Weights weights) {
    String first = null;
    boolean dense = false;
    for (Map.Entry<String, WeightTensor> entry : weights.tensors.entrySet()) {
      String name = entry.getKey();
      if (!name.equals("s1.pathway0_stem.conv.weight") && !name.endsWith(".branch2.b.weight")) {
        continue;
      }
      int[] shape = entry.getValue().shape();
      if (shape.length != 5) {
        throw new WeightsException(name + " has shape " + Arrays.toString(shape)
            + ", not that of a 3-D convolution, [out, in, kt, kh, kw]");
      }
      boolean thisDense = shape[1] != 1;
      if (first != null && dense != thisDense) {
        throw new WeightsException("neither channelwise nor dense: " + first + " is " + form(dense)
            + ", " + name + " is " + form(thisDense) + "; X3D has all of them alike");
      }
      first = Objects.requireNonNullElse(first, name);
      dense = thisDense;
    }
    if (first == null) {
      throw new WeightsException("no X3D among " + weights.tensors.size()
          + " tensors: neither s1.pathway0_stem.conv.weight nor any branch2.b.weight");
    }
    return dense;
  }

  private static String form(boolean dense) {
    return dense ? "dense" : "channelwise";
  }

  /** Equal tensors under equal names, and equal metadata; order does not count. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Weights that
        && tensors.equals(that.tensors)
        && metadata.equals(that.metadata);
  }

  @Override
  public int hashCode() {
    return Objects.hash(tensors, metadata);
  }

  @Override
  public String toString() {
    return tensors.size() + " tensors " + metadata;
  }
}
