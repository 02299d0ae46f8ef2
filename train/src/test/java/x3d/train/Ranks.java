package x3d.train;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Ranks of one process, each on a thread of its own. */
final class Ranks {
  private Ranks() {}

  /** What a rank does. */
  interface Work<T> {
    T run(int rank) throws Exception;
  }

  /** Runs all ranks to their end; what each gave, in order. */
  static <T> List<T> each(int count, Work<T> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<T>> running = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int rank = i;
        running.add(threads.submit(() -> work.run(rank)));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> rank : running) {
        results.add(rank.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      threads.shutdownNow();
    }
  }
}
