package x3d.net;

import java.util.LinkedHashMap;
import java.util.Map;

/** The factors of a network as text, as files keep them beside weights. */
public final class Factors {
  private Factors() {}

  /** As metadata of a safetensors file. */
  public static Map<String, String> toMap(X3DConfig config) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("width_factor", Double.toString(config.widthFactor()));
    facts.put("depth_factor", Double.toString(config.depthFactor()));
    facts.put("bottleneck_factor", Double.toString(config.bottleneckFactor()));
    facts.put("dim_c1", Integer.toString(config.dimC1()));
    facts.put("dim_c5", Integer.toString(config.dimC5()));
    facts.put("num_classes", Integer.toString(config.numClasses()));
    facts.put("frames", Integer.toString(config.numFrames()));
    facts.put("crop", Integer.toString(config.crop()));
    facts.put("channelwise", Boolean.toString(config.channelwise()));
    return facts;
  }

  /**
   * The factors in a safetensors file's metadata, each that is absent from {@code otherwise}.
   *
   * @throws IllegalArgumentException if one is no number
   */
  public static X3DConfig of(Map<String, String> facts, X3DConfig otherwise) {
    return new X3DConfig(
        real(facts, "width_factor", otherwise.widthFactor()),
        real(facts, "depth_factor", otherwise.depthFactor()),
        real(facts, "bottleneck_factor", otherwise.bottleneckFactor()),
        whole(facts, "dim_c1", otherwise.dimC1()),
        whole(facts, "dim_c5", otherwise.dimC5()),
        whole(facts, "num_classes", otherwise.numClasses()),
        whole(facts, "frames", otherwise.numFrames()),
        whole(facts, "crop", otherwise.crop()),
        facts.containsKey("channelwise")
            ? Boolean.parseBoolean(facts.get("channelwise"))
            : otherwise.channelwise());
  }

  private static double real(Map<String, String> facts, String key, double otherwise) {
    String text = facts.get(key);
    try {
      return text == null ? otherwise : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("metadata " + key + " is '" + text + "', not a number", e);
    }
  }

  private static int whole(Map<String, String> facts, String key, int otherwise) {
    String text = facts.get(key);
    try {
      return text == null ? otherwise : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "metadata " + key + " is '" + text + "', not a whole number", e);
    }
  }
}
