package x3d.train;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import x3d.collective.Collective;
import x3d.collective.InProcess;
import x3d.runtime.Provider;

/**
 * What is not the recipe's: where and how to run it.
 *
 * @param provider what the network runs on
 * @param threads threads of the CPU to use in all, at least 1
 * @param resume where to start from
 * @param stop asked after every update; once true, the run writes a checkpoint and ends
 * @param cache where decoded videos are kept for later epochs, if anywhere
 * @param ranks the processes that train together; left open
 */
public record TrainOptions(
    Provider provider,
    int threads,
    Resume resume,
    BooleanSupplier stop,
    Optional<Cache> cache,
    Collective ranks) {
  /**
   * A folder of decoded videos.
   *
   * @param folder made where it is missing; safe to delete, and to share between runs
   * @param limit bytes that it may take, at least 1
   */
  public record Cache(Path folder, long limit) {
    /** Refuses a cache for nothing. */
    public Cache {
      if (limit < 1) {
        throw new IllegalArgumentException("a cache of " + limit + " bytes holds nothing");
      }
    }
  }

  /** Without a cache, in this process alone. */
  public TrainOptions(Provider provider, int threads, Resume resume, BooleanSupplier stop) {
    this(provider, threads, resume, stop, Optional.empty(), InProcess.alone());
  }

  /** The same, together with other processes. */
  public TrainOptions with(Collective others) {
    return new TrainOptions(provider, threads, resume, stop, cache, others);
  }

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
