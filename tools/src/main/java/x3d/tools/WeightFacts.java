package x3d.tools;

import java.util.LinkedHashMap;
import java.util.Map;
import x3d.net.FactorSearch;
import x3d.net.Factors;
import x3d.net.Variant;
import x3d.net.X3DConfig;
import x3d.weights.Weights;

/** What weights say of their network: their metadata, and where that is silent, their shapes. */
final class WeightFacts {
  private WeightFacts() {}

  /** Facts under the names of {@link Factors}; frames and crop leave no trace in shapes. */
  static Map<String, String> of(Weights weights) {
    Map<String, String> facts = new LinkedHashMap<>();
    X3DConfig usual = Variant.S.config(1);
    FactorSearch.of(weights, usual.numFrames(), usual.crop())
        .map(Factors::toMap)
        .ifPresent(facts::putAll);
    facts.remove("frames");
    facts.remove("crop");
    facts.putAll(weights.metadata());
    return facts;
  }
}
