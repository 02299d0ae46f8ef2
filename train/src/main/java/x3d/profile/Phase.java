package x3d.profile;

import java.util.Locale;

/** The parts of a step, which together are all of it. */
public enum Phase {
  DATA("waiting for clips"),
  FORWARD("nodes of the forward pass"),
  BACKWARD("nodes of the gradients"),
  BETWEEN("in sessions, but in no node: between nodes, and where one session waits for another"),
  EXCHANGE("sums over replicas and ranks"),
  OPTIMIZER("new parameters"),
  OTHER("what is left of the step");

  private final String words;

  Phase(String words) {
    this.words = words;
  }

  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** For people. */
  public String words() {
    return words;
  }
}
