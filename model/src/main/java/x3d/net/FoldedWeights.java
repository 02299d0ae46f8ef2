package x3d.net;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import x3d.graph.Constant;
import x3d.graph.Graph;
import x3d.graph.Tensor;
import x3d.weights.ParameterLayout;
import x3d.weights.WeightTensor;
import x3d.weights.Weights;

/**
 * The numbers of an inference graph: parameters under SlowFast's names, with batch normalisation folded into the
 * convolution before it, which has a bias then, {@code conv.bias}.
 */
final class FoldedWeights {
  private static final String RESHAPED = "/reshaped";
  private static final String TRANSPOSED = "/transposed";
  private static final String ROUNDED = "/float16";

  private FoldedWeights() {}

  /** Folds parameters and running statistics.
   *  @throws x3d.weights.WeightsException if one is missing */
  static Weights fold(X3D net, Weights weights) {
    Map<String, WeightTensor> folded = new LinkedHashMap<>();
    for (ParameterLayout.Slice slice : net.parameters().slices()) {
      if (!slice.spec().batchNorm()) {
        folded.put(slice.name(), weights.get(slice.name()));
      }
    }
    net.norms().forEach((conv, norm) -> fold(weights, conv, norm, folded));
    return new Weights(folded, weights.metadata());
  }

  private static void fold(
      Weights weights, String conv, String norm, Map<String, WeightTensor> folded) {
    float[] gamma = weights.get(norm + ".weight").values();
    float[] beta = weights.get(norm + ".bias").values();
    float[] mean = weights.get(norm + ".running_mean").values();
    float[] variance = weights.get(norm + ".running_var").values();
    WeightTensor weight = weights.get(conv + ".weight");
    float[] scaled = weight.values().clone();
    float[] bias = new float[gamma.length];
    int each = scaled.length / gamma.length;
    for (int c = 0; c < gamma.length; c++) {
      double factor = gamma[c] / Math.sqrt(variance[c] + X3D.BN_EPSILON);
      bias[c] = (float) (beta[c] - mean[c] * factor);
      for (int i = c * each; i < (c + 1) * each; i++) {
        scaled[i] = (float) (scaled[i] * factor);
      }
    }
    folded.put(conv + ".weight", new WeightTensor(weight.shape(), scaled));
    folded.put(conv + ".bias", new WeightTensor(new int[] {bias.length}, bias));
  }

  /** The numbers in a graph that was made with {@link ConstantModules} and {@link Lowering#CONV3D}; empty if one of its constants tells
   *  nothing. */
  static Optional<Weights> of(Graph graph) {
    Map<String, WeightTensor> found = new LinkedHashMap<>();
    for (Map.Entry<Tensor, Constant> entry : graph.initializers().entrySet()) {
      String name = entry.getKey().name();
      float[] values = entry.getValue().floats();
      if (values == null || !name.contains(".")) {
        continue;
      }
      int[] shape =
          entry.getKey().shape().dims().stream().mapToInt(d -> (int) d.size()).toArray();
      // The graph's own constants bear the names of what was done to them.
      while (name.endsWith(TRANSPOSED) || name.endsWith(RESHAPED) || name.endsWith(ROUNDED)) {
        if (name.endsWith(TRANSPOSED)) {
          if (shape.length != 2) {
            return Optional.empty();
          }
          values = transposed(values, shape[0], shape[1]);
          shape = new int[] {shape[1], shape[0]};
          name = name.substring(0, name.length() - TRANSPOSED.length());
        } else {
          name = name.substring(0, name.lastIndexOf('/'));
        }
      }
      found.put(name, new WeightTensor(shape, values));
    }
    return Optional.of(new Weights(found, Map.of()));
  }

  private static float[] transposed(float[] values, int rows, int columns) {
    float[] turned = new float[values.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        turned[c * rows + r] = values[r * columns + c];
      }
    }
    return turned;
  }
}
