package x3d.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import x3d.collective.Collective;
import x3d.collective.InProcess;
import x3d.profile.Profiler;
import x3d.runtime.Device;
import x3d.runtime.Provider;

/**
 * What is not the recipe's: where and how to run it.
 *
 * @param threads threads of the CPU to use in all, at least 1
 * @param resume where to start from
 * @param stop asked after every update; once true, the run writes a checkpoint and ends
 * @param cache where decoded videos are kept for later epochs, if anywhere
 * @param ranks the processes that train together; left open
 * @param devices of one provider beside the CPU, one a replica; empty on the CPU, whose threads the replicas share
 * @param profiler notes where the first updates' time goes, or is off; left open
 */
public record TrainOptions(
    int threads,
    Resume resume,
    BooleanSupplier stop,
    Optional<Cache> cache,
    Collective ranks,
    List<Device> devices,
    Profiler profiler) {
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
  public TrainOptions(int threads, Resume resume, BooleanSupplier stop) {
    this(threads, resume, stop, Optional.empty(), InProcess.alone(), List.of(), Profiler.OFF);
  }

  /** The same, together with other processes. */
  public TrainOptions with(Collective others) {
    return new TrainOptions(threads, resume, stop, cache, others, devices, profiler);
  }

  /** The same on other devices, all of one provider. */
  public TrainOptions on(List<Device> others) {
    boolean cpu = others.get(0).provider() == Provider.CPU;
    return new TrainOptions(
        threads, resume, stop, cache, ranks, cpu ? List.of() : List.copyOf(others), profiler);
  }

  /** The same with a profile of the first updates. */
  public TrainOptions with(Profiler noting) {
    return new TrainOptions(threads, resume, stop, cache, ranks, devices, noting);
  }

  /** The same with decoded videos kept. */
  public TrainOptions with(Cache folder) {
    return new TrainOptions(threads, resume, stop, Optional.of(folder), ranks, devices, profiler);
  }

  /** What the network runs on. */
  public Provider provider() {
    return devices.isEmpty() ? Provider.CPU : devices.get(0).provider();
  }

  /** What replicas run on, one device a session. */
  List<Device> sessions(int replicas) {
    if (devices.isEmpty()) {
      int sessions = Math.min(replicas, threads);
      return IntStream.range(0, sessions)
          .mapToObj(i -> new Device(Provider.CPU, i, threads / sessions))
          .toList();
    }
    if (devices.size() != replicas) {
      throw new RecipeException("NUM_GPUS is " + replicas + " and there are " + devices.size()
          + " devices; they must be as many");
    }
    return devices;
  }

  /** Refuses to run on no threads. */
  public TrainOptions {
    if (threads < 1) {
      throw new IllegalArgumentException("threads is " + threads + "; it must be at least 1");
    }
  }

  /** On all cores of the CPU, never stopped early. */
  public static TrainOptions onCpu() {
    return new TrainOptions(Runtime.getRuntime().availableProcessors(), Resume.RECIPE, () -> false);
  }
}
