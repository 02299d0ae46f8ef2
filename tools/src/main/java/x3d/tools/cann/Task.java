package x3d.tools.cann;

import java.util.List;

/**
 * One run of an operator on the device.
 *
 * @param name of the operator in its graph; empty where the summary has none
 * @param core what ran it, such as AI_CORE or AI_VECTOR_CORE; empty where the summary does not say
 * @param seconds on the device
 */
record Task(
    String name,
    String type,
    String core,
    double seconds,
    List<List<Long>> inputs,
    List<String> inputFormats,
    List<List<Long>> outputs,
    List<String> outputFormats) {
  /** Whether it turns its first input from one format into another. */
  boolean turns(String from, String to) {
    return first(inputFormats).equalsIgnoreCase(from) && first(outputFormats).equalsIgnoreCase(to);
  }

  private static String first(List<String> formats) {
    return formats.isEmpty() ? "" : formats.get(0);
  }
}
