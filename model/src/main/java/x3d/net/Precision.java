package x3d.net;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import x3d.graph.ElementType;
import x3d.graph.Elementwise;
import x3d.graph.Tensor;

/**
 * In which numbers a network is computed, under the names of NVIDIA Apex's optimisation levels. Whatever it is, parameters,
 * statistics, gradients, logits and loss are float32 outside, and batch normalisation and all means and softmaxes are
 * computed in float32. Sums within a product or a gradient are the provider's; ONNX Runtime's are float32 inside.
 */
public enum Precision {
  /** Everything in float32. */
  FLOAT32("O0", ElementType.FLOAT, ElementType.FLOAT),
  /** Convolutions and matrix products in float16, what lies between them in float32. */
  FLOAT16_PRODUCTS("O1", ElementType.FLOAT16, ElementType.FLOAT),
  /** Weights and activations in float16, as Apex has it with {@code keep_batchnorm_fp32}. */
  FLOAT16("O2", ElementType.FLOAT16, ElementType.FLOAT16);

  private final String id;
  private final ElementType products;
  private final ElementType activations;

  Precision(String id, ElementType products, ElementType activations) {
    this.id = id;
    this.products = products;
    this.activations = activations;
  }

  /** Apex's name in options and recipes. */
  public String id() {
    return id;
  }

  /** The name in the metadata of model files. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** @throws IllegalArgumentException if there is none of that name */
  public static Precision of(String id) {
    for (Precision p : values()) {
      if (p.id.equals(id)) {
        return p;
      }
    }
    String known = Arrays.stream(values()).map(Precision::id).collect(Collectors.joining(", "));
    throw new IllegalArgumentException("no precision '" + id + "'; there are: " + known);
  }

  /** A tensor as convolutions and matrix products take it. */
  Tensor factor(Tensor x) {
    return Elementwise.cast(x, products);
  }

  /** A tensor as it is handed from layer to layer. */
  Tensor activation(Tensor x) {
    return Elementwise.cast(x, activations);
  }

  /** A tensor in float32, for what float16 is too coarse or too narrow for. */
  static Tensor exact(Tensor x) {
    return Elementwise.cast(x, ElementType.FLOAT);
  }
}
