package x3d.classify;

import java.util.Optional;
import x3d.net.Lowering;
import x3d.runtime.Profiling;

/**
 * How a model is loaded.
 *
 * @param lowering how it is spelled to run; empty for what is fastest on its device
 * @param profiling whether its sessions note when their nodes run
 */
public record Loading(Optional<Lowering> lowering, Profiling profiling) {
  static final Loading USUAL = new Loading(Optional.empty(), Profiling.OFF);
}
