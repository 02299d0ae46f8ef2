package x3d.tools;

import java.util.LinkedHashMap;
import java.util.Map;
import x3d.weights.WeightTensor;
import x3d.weights.Weights;

/** What weights say of their network: their metadata, and where that is silent, their shapes. */
final class WeightFacts {
  private WeightFacts() {}

  /** Facts under the names of {@link Factors}. Depth and width are not guessed: several factors give the same shapes. */
  static Map<String, String> of(Weights weights) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("channelwise", Boolean.toString(!Weights.dense(weights)));
    WeightTensor classifier = weights.tensors().get("head.projection.weight");
    if (classifier != null && classifier.shape().length == 2) {
      facts.put("num_classes", Integer.toString(classifier.shape()[0]));
      facts.put("dim_c5", Integer.toString(classifier.shape()[1]));
    }
    facts.putAll(weights.metadata());
    return facts;
  }
}
