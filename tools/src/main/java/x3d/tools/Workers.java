package x3d.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/** Independent pieces of work on a few threads, whose results come in the order of the pieces. */
public final class Workers {
  private Workers() {}

  /**
   * Does {@code work} for 0 to below {@code count}. The first failure ends all of it.
   *
   * @param done told after each piece how many are done, by several threads
   */
  public static <T> List<T> each(int threads, int count, IntFunction<T> work, IntConsumer done)
      throws InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      AtomicInteger finished = new AtomicInteger();
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int piece = i;
        futures.add(pool.submit(() -> {
          T result = work.apply(piece);
          done.accept(finished.incrementAndGet());
          return result;
        }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }
}
