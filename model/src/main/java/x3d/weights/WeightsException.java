package x3d.weights;

/** Weights that cannot be read, written or matched. The message is one line: which file or tensor, what, what would be right. */
public final class WeightsException extends RuntimeException {
  public WeightsException(String message) {
    super(message);
  }

  public WeightsException(String message, Throwable cause) {
    super(message, cause);
  }

  /** On one line whatever the file says: names out of a hostile file must not steer a terminal or fake lines of a log. */
  String printableMessage() {
    return getMessage().replaceAll("\\p{Cntrl}", "?");
  }
}
