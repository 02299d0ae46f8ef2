package x3d.serve.client;

import java.io.IOException;

/** There is no server at the address, or none that takes connections: nothing was asked. */
public final class UnreachableException extends IOException {
  UnreachableException(String message, IOException cause) {
    super(message, cause);
  }
}
