package x3d.train;

/** A run that cannot go on; the message says in one line what happened, where, and what helps. */
public final class TrainingException extends RuntimeException {
  TrainingException(String message) {
    super(message);
  }

  TrainingException(String message, Throwable cause) {
    super(message, cause);
  }
}
