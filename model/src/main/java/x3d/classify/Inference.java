package x3d.classify;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A model on what it runs on. Safe for use by several threads, which share that. */
sealed interface Inference extends AutoCloseable permits CoreInference, DeviceInference {
  String INPUT = "clips";
  String OUTPUT = "probabilities";

  /** Between two looks at whether what runs is still wanted. */
  long LOOK_MILLIS = 50;

  Map<String, String> metadata();

  /** Height and width of a clip that the model takes; -1 for any. */
  long clipSide();

  int classes();

  /**
   * Clips that are to run.
   *
   * @param values one clip after the other, from position 0 to the capacity
   * @param shape of one clip: 3, T, H, W
   */
  Clips clips(FloatBuffer values, long[] shape);

  /** Waits for clips that still run. */
  @Override
  void close();

  /** Clips of which some run. */
  interface Clips extends AutoCloseable {
    int count();

    /** Starts clip {@code i}, whose values are all there; one that was started before counts no more. */
    void start(int i);

    /** Waits for the clips that were started: the probabilities of each, in the order of their numbers. */
    default List<float[]> probabilities() {
      return probabilities(() -> {});
    }

    /** The same, with something that is run again and again meanwhile: what it throws ends the waiting. */
    List<float[]> probabilities(Runnable stillWanted);

    /** Gives up the clips that have not begun, and waits until nothing reads the values any more. */
    @Override
    void close();
  }

  /** What a task comes to; an interruption is kept for later, since what it reads must not go before it ends. */
  static <T> T result(Future<T> running) {
    return result(running, () -> {});
  }

  /** The same, with something that is run again and again while the task does: what it throws ends the waiting. */
  static <T> T result(Future<T> running, Runnable stillWanted) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          stillWanted.run();
          return running.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          // looked again whether it is wanted
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw e.getCause() instanceof RuntimeException failure
              ? failure
              : new IllegalStateException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Ends threads when their work is done; whether that was interrupted. */
  static boolean awaitEnd(ExecutorService threads) {
    threads.shutdown();
    boolean interrupted = false;
    for (boolean ended = false; !ended; ) {
      try {
        ended = threads.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true; // a session that is closed while it runs ends the process
      }
    }
    return interrupted;
  }
}
