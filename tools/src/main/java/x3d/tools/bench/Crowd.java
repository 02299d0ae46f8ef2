package x3d.tools.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Pieces of work at the same time, each on a thread of its own. */
final class Crowd {
  private Crowd() {}

  /**
   * Returns when all pieces have ended; then throws the failure of the first that failed.
   *
   * @throws IOException as a piece does
   */
  static void run(List<Contender.Work> pieces) throws IOException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(pieces.size());
    try {
      List<Future<Void>> running = new ArrayList<>();
      for (Contender.Work piece : pieces) {
        running.add(threads.submit(() -> {
          piece.run();
          return null;
        }));
      }
      threads.shutdown();
      awaitAll(running);
    } finally {
      threads.shutdownNow();
    }
  }

  private static void awaitAll(List<Future<Void>> running)
      throws IOException, InterruptedException {
    Throwable failure = null;
    for (Future<Void> piece : running) {
      try {
        piece.get();
      } catch (ExecutionException e) {
        failure = failure == null ? e.getCause() : failure;
      }
    }
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
  }
}
