package x3d.serve.admission;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import x3d.serve.http.Problem;
import x3d.serve.http.Refusal;
import x3d.serve.ops.Metrics;

/**
 * Lets a bounded number of requests in: so many are worked on, so many more receive their upload or wait for a turn, and any
 * beyond that is told at once to come again. Turns are given in the order in which they are asked for.
 */
public final class Admission {
  private static final long LOOK_MILLIS = 50;

  /** What a new mean of service times keeps of the old one. */
  private static final double KEPT = 0.9;

  private final int workers;
  private final int queue;
  private final Metrics metrics;
  private final Object lock = new Object();
  private final Deque<CompletableFuture<Void>> waiting = new ArrayDeque<>();
  private int inside;
  private int working;
  private double meanSeconds = 1;
  private volatile boolean draining;
  private volatile boolean hurried;

  /**
   * @param workers requests that are worked on at the same time
   * @param queue how many more are let in
   */
  public Admission(int workers, int queue, Metrics metrics) {
    this.workers = workers;
    this.queue = queue;
    this.metrics = metrics;
    metrics.gauge("x3d.queue.depth", "Requests that wait for a turn", this::waiting);
    metrics.gauge("x3d.queue.capacity", "Requests let in beside those worked on", () -> queue);
    metrics.gauge("x3d.in.flight", "Requests let in", this::inside);
    metrics.gauge("x3d.working", "Requests that are worked on", this::working);
  }

  private int waiting() {
    synchronized (lock) {
      return waiting.size();
    }
  }

  private int inside() {
    synchronized (lock) {
      return inside;
    }
  }

  private int working() {
    synchronized (lock) {
      return working;
    }
  }

  /**
   * Lets a request in.
   *
   * @param time that it may take, all in all
   * @param gone asked now and then whether nobody waits for the answer any more
   * @throws Refusal with 503 if there is no place, or the server is stopping
   */
  public Place enter(Duration time, BooleanSupplier gone) {
    synchronized (lock) {
      requireOpen();
      if (inside >= workers + queue) {
        double seconds = Math.min(60, Math.ceil(meanSeconds * inside / workers));
        throw Refusal.retryAfter(
            Problem.QUEUE_FULL,
            inside + " requests are being answered, which is all that this server takes",
            Duration.ofSeconds((long) seconds));
      }
      inside++;
    }
    return new Place(time, gone);
  }

  /** From now on nobody is let in. */
  public void drain() {
    draining = true;
  }

  /** @throws Refusal with 503 if nobody is let in any more */
  public void requireOpen() {
    if (draining) {
      throw stopping();
    }
  }

  private static Refusal stopping() {
    return Refusal.retryAfter(
        Problem.DRAINING, "the server is stopping; ask another", Duration.ofSeconds(1));
  }

  /** Ends the requests that are still inside. */
  public void hurry() {
    hurried = true;
  }

  /** Waits until nobody is inside. @return whether that came true in time */
  public boolean awaitEmpty(Duration most) throws InterruptedException {
    long deadline = System.nanoTime() + most.toNanos();
    synchronized (lock) {
      while (inside > 0) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return false;
        }
        lock.wait(left);
      }
      return true;
    }
  }

  /** One request that was let in. */
  public final class Place implements AutoCloseable {
    private static final long GONE_NANOS = 100_000_000;

    private final long entered = System.nanoTime();
    private final Duration time;
    private final BooleanSupplier gone;
    private boolean turn;
    private long began;
    private volatile boolean received;
    private volatile long lookedAt;

    private Place(Duration time, BooleanSupplier gone) {
      this.time = time;
      this.gone = gone;
    }

    /** What is left of its time; nothing or less when that is over. */
    public Duration left() {
      return time.minusNanos(System.nanoTime() - entered);
    }

    /** The body was read to its end: from now on it can be seen whether the client has gone. */
    public void received() {
      received = true;
    }

    /**
     * To be called again and again by whatever works for the request, on any thread.
     *
     * @throws Refusal if its time is over, its client has gone, or the server waits no longer for it
     */
    public void check() {
      long now = System.nanoTime();
      if (now - entered > time.toNanos()) {
        throw new Refusal(
            Problem.DEADLINE_EXCEEDED,
            "the " + time.toMillis() / 1000.0 + " s for this request are over");
      }
      if (hurried) {
        throw stopping();
      }
      if (received && now - lookedAt > GONE_NANOS) {
        lookedAt = now;
        if (gone.getAsBoolean()) {
          throw new Refusal(Problem.CLIENT_GONE, "nobody waits for the answer");
        }
      }
    }

    /**
     * Waits until the request may be worked on.
     *
     * @throws Refusal as {@link #check} does
     */
    public void awaitTurn() throws InterruptedException {
      CompletableFuture<Void> called = new CompletableFuture<>();
      synchronized (lock) {
        waiting.add(called);
        callNext();
      }
      try {
        while (!called.isDone()) {
          check();
          awaitBriefly(called);
        }
      } finally {
        synchronized (lock) {
          turn = called.isDone();
          if (!turn) {
            waiting.remove(called);
          }
        }
      }
      began = System.nanoTime();
      metrics.waited(Duration.ofNanos(began - entered));
    }

    private void awaitBriefly(CompletableFuture<Void> called) throws InterruptedException {
      try {
        called.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        // looked again whether it is wanted
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      synchronized (lock) {
        inside--;
        if (turn) {
          working--;
          double seconds = began == 0 ? meanSeconds : (System.nanoTime() - began) / 1e9;
          meanSeconds = KEPT * meanSeconds + (1 - KEPT) * seconds;
        }
        callNext();
        lock.notifyAll();
      }
    }
  }

  private void callNext() {
    while (working < workers && !waiting.isEmpty()) {
      working++;
      waiting.remove().complete(null);
    }
  }
}
