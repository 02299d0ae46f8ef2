package x3d.tools.bench;

/** The peer cannot be started, or went away. */
final class PeerFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  PeerFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
