package x3d.tools.bench;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whether to run beside a peer. */
final class PeerOptions {
  @Option(
      names = "--peer",
      paramLabel = "PYTHON",
      description = {
        "A python that has torch (and for videos av): it does the same work in a second process,",
        "in rounds that take turns with ours."
      })
  private String python;

  /** Whether there is to be a peer. */
  boolean wanted() {
    return python != null;
  }

  /** Starts the peer, if there is to be one; the caller closes it. */
  Rival start(String script, List<String> arguments) throws IOException {
    return new Rival(
        python == null ? Optional.empty() : Optional.of(Peer.start(python, script, arguments)));
  }
}
