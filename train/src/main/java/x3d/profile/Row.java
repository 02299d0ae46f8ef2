package x3d.profile;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A line of a table: what belongs together, of one step of one rank.
 *
 * @param calls runs of nodes
 * @param millis with several sessions at once, the mean of theirs
 * @param share of the step, from 0 to 1
 * @param operations floating point operations
 * @param bytes read and written
 */
public record Row(
    String name, double calls, double millis, double share, double operations, double bytes) {
  /** Attained operations a second; 0 where no time was taken. */
  public double operationsPerSecond() {
    return millis > 0 ? operations / millis * 1e3 : 0;
  }

  /** Attained bytes a second. */
  public double bytesPerSecond() {
    return millis > 0 ? bytes / millis * 1e3 : 0;
  }

  /** For JSON. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", name);
    fields.put("calls", calls);
    fields.put("millis", millis);
    fields.put("share", share);
    fields.put("operations", operations);
    fields.put("bytes", bytes);
    fields.put("operationsPerSecond", operationsPerSecond());
    fields.put("bytesPerSecond", bytesPerSecond());
    return fields;
  }
}
