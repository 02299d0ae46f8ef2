package x3d.tools.bench;

import java.io.IOException;
import java.util.Optional;

/** A peer that may not be there, to be closed in either case. */
record Rival(Optional<Peer> contender) implements AutoCloseable {
  @Override
  public void close() throws IOException {
    if (contender.isPresent()) {
      contender.get().close();
    }
  }
}
