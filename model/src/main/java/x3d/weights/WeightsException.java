package x3d.weights;

/** Weights that cannot be read, written or matched. The message is one line: which file or tensor, what, what would be right. */
public final class WeightsException extends RuntimeException {
  public WeightsException(String message) {
    super(message);
  }

  public WeightsException(String message, Throwable cause) {
    super(message, cause);
  }
}
