package x3d.tools.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The middle and the ends of some figures. */
public record Spread(double median, double min, double max) {
  /** @param figures 1 or more */
  public static Spread of(double... figures) {
    double[] sorted = figures.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1]);
  }

  /** For JSON. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("median", median);
    fields.put("min", min);
    fields.put("max", max);
    return fields;
  }
}
