package x3d.profile;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Something that took a while: a complete event of the Trace Event Format.
 *
 * @param category {@code Node} and {@code Session} are ONNX Runtime's, a {@link Span} ours
 * @param start in microseconds from the start of the trace
 * @param duration in microseconds
 * @param track the row it is drawn in; events of one row lie in each other or apart
 * @param args what else is known
 */
record TraceEvent(
    String name, String category, double start, double duration, int track, ObjectNode args) {
  double end() {
    return start + duration;
  }

  boolean is(Span span) {
    return category.equals(span.word());
  }

  boolean isNode() {
    return category.equals("Node");
  }

  TraceEvent between(double from, double to) {
    return new TraceEvent(name, category, from, to - from, track, args);
  }
}
