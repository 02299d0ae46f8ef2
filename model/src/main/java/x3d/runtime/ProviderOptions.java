package x3d.runtime;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a provider is set up, beyond what x3d chooses itself.
 *
 * @param values of the provider's own options, checked and as ONNX Runtime takes them; in the order of their names
 * @param strict whether a session of which the provider leaves nodes to the CPU is refused
 */
public record ProviderOptions(Map<String, String> values, boolean strict) {
  public static final ProviderOptions NONE = new ProviderOptions(Map.of(), false);

  public ProviderOptions {
    values = Collections.unmodifiableMap(new TreeMap<>(values));
  }
}
