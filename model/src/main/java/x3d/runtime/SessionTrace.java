package x3d.runtime;

/**
 * What ONNX Runtime noted of one session: when each run and each node in it began, and how long it took.
 *
 * @param json its own trace, an array of events of the Trace Event Format; their {@code ts} and {@code dur} are in
 *     microseconds. Not copied
 * @param startNanos what {@code ts} counts from, as {@link System#nanoTime} tells time
 */
public record SessionTrace(byte[] json, long startNanos) {}
