package x3d.train;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/** The threads that drive the devices, one a session. */
final class Workers implements AutoCloseable {
  private final int count;
  private final ExecutorService threads;

  Workers(int count) {
    this.count = count;
    this.threads = Executors.newFixedThreadPool(count, task -> {
      Thread thread = new Thread(task, "x3d-worker");
      thread.setDaemon(true);
      return thread;
    });
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** A task told which worker runs it. */
  interface Task {
    void run(int worker, int item);
  }

  /**
   * Runs a task for each item, item <i>i</i> on worker <i>i</i> mod {@link #count}, and returns when all have ended. If
   * some fail, throws the failure of the first worker that did.
   */
  void each(int items, Task task) {
    List<Future<Void>> running = new ArrayList<>();
    for (int w = 0; w < Math.min(count, items); w++) {
      int worker = w;
      Callable<Void> share = () -> {
        for (int item = worker; item < items; item += count) {
          task.run(worker, item);
        }
        return null;
      };
      running.add(threads.submit(share));
    }
    Throwable failure = null;
    for (Future<Void> future : running) {
      try {
        await(future);
      } catch (ExecutionException e) {
        failure = failure == null ? e.getCause() : failure;
      }
    }
    rethrow(failure);
    if (Thread.currentThread().isInterrupted()) {
      throw new TrainingException("interrupted");
    }
  }

  /**
   * Waits to the end whatever happens: a task writes to native memory, which its owner frees after this. An interrupt is
   * kept for the caller.
   */
  static void await(Future<?> future) throws ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          future.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** As {@link #each(int, Task)}, for tasks that do not care who runs them. */
  void each(int items, IntConsumer task) {
    each(items, (worker, item) -> task.accept(item));
  }

  static void rethrow(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException exception) {
      throw exception;
    }
    if (failure != null) {
      throw new TrainingException(String.valueOf(failure.getMessage()), failure);
    }
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
