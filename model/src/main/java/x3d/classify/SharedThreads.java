package x3d.classify;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * Threads that several callers share evenly: of those with tasks waiting each in turn has one begun, so that who brings few
 * does not wait for all of one who brings many.
 */
final class SharedThreads implements AutoCloseable {
  private final ExecutorService threads;
  /** Those with tasks waiting, next first; the lock on all of them. */
  private final Deque<Caller> turns = new ArrayDeque<>();

  private int unfinished;

  SharedThreads(int count, String name) {
    threads = Executors.newFixedThreadPool(count, task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    });
  }

  Caller caller() {
    return new Caller();
  }

  /** Whether no task runs or waits. */
  boolean idle() {
    synchronized (turns) {
      return unfinished == 0;
    }
  }

  private void runNext() {
    FutureTask<?> task;
    synchronized (turns) {
      Caller next = turns.poll();
      if (next == null) {
        return; // what it was to run has been dropped
      }
      task = next.waiting.remove();
      if (!next.waiting.isEmpty()) {
        turns.add(next);
      }
    }
    try {
      task.run();
    } finally {
      synchronized (turns) {
        unfinished--;
      }
    }
  }

  /** Waits for all tasks. */
  @Override
  public void close() {
    if (Inference.awaitEnd(threads)) {
      Thread.currentThread().interrupt();
    }
  }

  /** One who brings tasks, which begin in order. */
  final class Caller {
    private final Deque<FutureTask<?>> waiting = new ArrayDeque<>();

    <T> Future<T> submit(Callable<T> work) {
      FutureTask<T> task = new FutureTask<>(work);
      synchronized (turns) {
        unfinished++;
        waiting.add(task);
        if (waiting.size() == 1) {
          turns.add(this);
        }
      }
      threads.execute(SharedThreads.this::runNext);
      return task;
    }

    /** Cancels the tasks that have not begun. */
    void drop() {
      List<FutureTask<?>> dropped;
      synchronized (turns) {
        dropped = List.copyOf(waiting);
        waiting.clear();
        turns.remove(this);
        unfinished -= dropped.size();
      }
      dropped.forEach(task -> task.cancel(false));
    }
  }
}
