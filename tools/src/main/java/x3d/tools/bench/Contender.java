package x3d.tools.bench;

import java.io.IOException;
import x3d.runtime.ProcessMemory;

/** One side of a measurement: work that can be done again and again. */
@FunctionalInterface
interface Contender {
  /**
   * Does one round.
   *
   * @throws IOException if it cannot be done
   */
  Round round() throws IOException, InterruptedException;

  /** Work whose rounds fail as they like. */
  @FunctionalInterface
  interface Work {
    void run() throws IOException, InterruptedException;
  }

  /** Work in this process, timed here. */
  static Contender of(long items, Work work) {
    return () -> {
      long start = System.nanoTime();
      work.run();
      double seconds = (System.nanoTime() - start) / 1e9;
      return new Round(seconds, items, ProcessMemory.peakBytes());
    };
  }
}
