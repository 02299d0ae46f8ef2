package x3d.profile;

import java.util.Locale;

/** What the thread that trains or classifies does for a while. */
public enum Span {
  /** One update, or one look at a video: all the others lie in it. */
  STEP,
  /** Waiting for clips. */
  DATA,
  /** Waiting for the sessions: their nodes run meanwhile. */
  COMPUTE,
  /** Sums over replicas and ranks, and the way of new parameters to all of them. */
  EXCHANGE,
  OPTIMIZER;

  /** As the trace has it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
