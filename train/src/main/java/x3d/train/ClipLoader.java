package x3d.train;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import x3d.video.VideoException;

/**
 * Reads clips ahead of their use, in parallel, into a fixed ring of batches: memory does not grow however far decoding
 * could run ahead. What is read is laid down by a {@link ClipPlan}; threads only decide when.
 *
 * <p>One thread uses a loader, one {@link Pass} at a time.
 */
final class ClipLoader implements AutoCloseable {
  /** Draws before a run of unreadable videos is taken for a fault of the data as a whole. */
  private static final int ATTEMPTS = 100;

  private final Batch.Dimensions dimensions;
  private final List<Batch> ring = new ArrayList<>();
  private final FailedVideos failed;
  private final Consumer<Replacement> replaced;
  private final ExecutorService threads;

  /**
   * A video that gave way.
   *
   * @param epoch from 0
   * @param position in the epoch
   * @param video that could not be read
   * @param by what stands there instead
   */
  record Replacement(int epoch, int position, FailedVideo video, String by) {}

  /**
   * @param depth batches that may be read or in use at once, at least 2 for reading ahead
   * @param failed what is known not to be readable, added to
   * @param replaced told of each video that gave way, in the order of positions, on the thread that uses the loader
   */
  ClipLoader(
      Batch.Dimensions dimensions,
      int threadCount,
      int depth,
      FailedVideos failed,
      Consumer<Replacement> replaced) {
    this.dimensions = dimensions;
    this.failed = failed;
    this.replaced = replaced;
    for (int i = 0; i < depth; i++) {
      ring.add(new Batch(dimensions));
    }
    threads = Executors.newFixedThreadPool(threadCount, task -> {
      Thread thread = new Thread(task, "x3d-decoder");
      thread.setDaemon(true);
      return thread;
    });
  }

  /**
   * Starts reading: of every batch over all ranks, this rank's share.
   *
   * @param from first position of the first batch, a multiple of the places of all ranks
   * @param to last position, exclusive; places beyond it stay empty
   */
  Pass read(ClipPlan plan, ClipSource source, int from, int to) {
    return new Pass(plan, source, from, to);
  }

  /** A run over consecutive positions. */
  final class Pass implements AutoCloseable {
    private final ClipPlan plan;
    private final ClipSource source;
    private final int to;
    private final Deque<Batch> free = new ArrayDeque<>(ring);
    private final Deque<Pending> pending = new ArrayDeque<>();
    private int next;
    private Batch inUse;
    private volatile boolean closed;

    private record Pending(Batch batch, List<Future<List<Replacement>>> places) {}

    private Pass(ClipPlan plan, ClipSource source, int from, int to) {
      this.plan = plan;
      this.source = source;
      this.next = from;
      this.to = to;
      readAhead();
    }

    private void readAhead() {
      while (next < to && !free.isEmpty()) {
        Batch batch = free.remove();
        batch.startAt(next + dimensions.firstPlace());
        List<Future<List<Replacement>>> places = new ArrayList<>();
        for (int i = 0; i < dimensions.places(); i++) {
          int place = i;
          int position = batch.firstPosition() + i;
          batch.label(place, Batch.EMPTY);
          if (position < to) {
            places.add(threads.submit(() -> fill(batch, place, position)));
          }
        }
        pending.add(new Pending(batch, places));
        next += dimensions.allPlaces();
      }
    }

    private List<Replacement> fill(Batch batch, int place, int position) {
      List<FailedVideo> gaveWay = new ArrayList<>();
      int attempts = plan.replaces() ? ATTEMPTS : 1;
      for (int attempt = 0; attempt < attempts; attempt++) {
        if (closed) {
          return List.of();
        }
        SplittableRandom random = plan.random(position, attempt);
        int index = plan.video(position, attempt, random);
        Path video = plan.data().video(index);
        if (readInto(batch, place, video, plan.data().label(index), random)) {
          String by = video.toString();
          return gaveWay.stream()
              .map(f -> new Replacement(plan.epoch(), position, f, by))
              .toList();
        }
        gaveWay.add(failed.get(video));
      }
      if (plan.replaces()) {
        throw new TrainingException(ATTEMPTS + " videos in a row could not be read from "
            + plan.data().file() + "; the last: " + gaveWay.get(ATTEMPTS - 1).reason());
      }
      return List.of();
    }

    private boolean readInto(
        Batch batch, int place, Path video, int label, SplittableRandom random) {
      if (failed.contains(video)) {
        return false;
      }
      try {
        source.read(video, label, random, batch.place(place));
        batch.label(place, label);
        return true;
      } catch (VideoException e) {
        failed.add(video, e.getMessage());
        return false;
      }
    }

    /**
     * The next batch, or null after the last. It may be used until the next call.
     *
     * @throws TrainingException if too many videos cannot be read
     */
    Batch next() {
      recycle();
      Pending oldest = pending.peek();
      if (oldest == null) {
        return null;
      }
      List<Replacement> replacements = new ArrayList<>();
      // If one fails it stays pending, so that close() waits for the others.
      oldest.places.forEach(place -> replacements.addAll(get(place)));
      pending.remove();
      inUse = oldest.batch;
      replacements.forEach(replaced);
      return inUse;
    }

    private void recycle() {
      if (inUse != null) {
        free.add(inUse);
        inUse = null;
      }
      readAhead();
    }

    private List<Replacement> get(Future<List<Replacement>> place) {
      try {
        return place.get();
      } catch (ExecutionException e) {
        Workers.rethrow(e.getCause());
        throw new IllegalStateException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TrainingException("interrupted while reading clips", e);
      }
    }

    /** Stops reading ahead; when this returns, nothing writes to the batches any more. */
    @Override
    public void close() {
      closed = true;
      pending.forEach(p -> p.places.forEach(Pass::awaitEnd));
      pending.clear();
    }

    private static void awaitEnd(Future<?> place) {
      try {
        Workers.await(place); // cancelling would answer before a running task ends
      } catch (ExecutionException e) {
        return; // nobody wants the clip any more
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    try {
      threads.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ring.forEach(Batch::close);
  }
}
