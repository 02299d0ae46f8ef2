package x3d.serve;

import io.javalin.http.HttpStatus;

/** A request that is answered with an error: the status and the text of {@code {"error": ...}}. */
final class Refusal extends RuntimeException {
  private final HttpStatus status;

  Refusal(HttpStatus status, String message) {
    super(message);
    this.status = status;
  }

  HttpStatus status() {
    return status;
  }
}
