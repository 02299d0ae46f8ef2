package x3d.classify;

import java.time.Duration;
import java.util.Optional;
import x3d.net.Lowering;
import x3d.runtime.Profiling;

/**
 * How a model is loaded.
 *
 * @param lowering how it is spelled to run; empty for what is fastest on its device
 * @param profiling whether its sessions note when their nodes run
 * @param delay how long a clip may wait for clips of other callers, to run in one batch with them; the CPU, where batches do not
 *     pay, waits for none
 */
public record Loading(Optional<Lowering> lowering, Profiling profiling, Duration delay) {
  static final Loading USUAL = new Loading(Optional.empty(), Profiling.OFF);

  /** Without waiting for other callers. */
  public Loading(Optional<Lowering> lowering, Profiling profiling) {
    this(lowering, profiling, Duration.ZERO);
  }

  /** For many who ask at the same time. */
  public static Loading forMany(Duration delay) {
    return new Loading(Optional.empty(), Profiling.OFF, delay);
  }
}
