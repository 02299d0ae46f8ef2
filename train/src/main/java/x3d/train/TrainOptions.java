package x3d.train;

import java.util.function.BooleanSupplier;
import x3d.runtime.Provider;

/**
 * What is not the recipe's: where and how to run it.
 *
 * @param provider what the network runs on
 * @param threads threads of the CPU to use in all, at least 1
 * @param resume where to start from
 * @param stop asked after every update; once true, the run writes a checkpoint and ends
 */
public record TrainOptions(Provider provider, int threads, Resume resume, BooleanSupplier stop) {
  /** Refuses to run on no threads. */
  public TrainOptions {
    if (threads < 1) {
      throw new IllegalArgumentException("threads is " + threads + "; it must be at least 1");
    }
  }

  /** On all cores of the CPU, never stopped early. */
  public static TrainOptions onCpu() {
    return new TrainOptions(
        Provider.CPU, Runtime.getRuntime().availableProcessors(), Resume.RECIPE, () -> false);
  }
}
