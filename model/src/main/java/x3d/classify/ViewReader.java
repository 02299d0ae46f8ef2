package x3d.classify;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import x3d.video.ClipSpan;
import x3d.video.ClipTransform;
import x3d.video.Footage;
import x3d.video.VideoException;

/** Reads the views of a video on a thread of its own, so that the first are looked at while the others are still decoded. */
final class ViewReader implements AutoCloseable {
  /** After the last view. */
  static final int END = -1;

  private final BlockingQueue<Integer> finished = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean unwanted;
  private volatile Throwable failure;
  private volatile long nanos;

  /**
   * Begins to read.
   *
   * @param clips room for the clips of all spans, from position 0; read at the places of finished spans only, and not
   *     through its position
   */
  ViewReader(
      Footage video, List<ClipSpan> spans, List<ClipTransform> transforms, FloatBuffer clips) {
    thread = new Thread(() -> read(video, spans, transforms, clips), "x3d-view-reader");
    thread.setDaemon(true);
    thread.start();
  }

  private void read(
      Footage video, List<ClipSpan> spans, List<ClipTransform> transforms, FloatBuffer clips) {
    long start = System.nanoTime();
    try {
      video.readClips(spans, transforms, clips, this::tell);
    } catch (VideoException | RuntimeException | Error e) {
      failure = e;
    } finally {
      nanos = System.nanoTime() - start;
      finished.add(END);
    }
  }

  private void tell(int span) {
    if (unwanted) {
      throw new CancellationException();
    }
    finished.add(span);
  }

  /**
   * The number of the next span whose clips are whole, or {@link #END}. A span may come again, with other clips: of a video
   * that turns out to be damaged.
   *
   * @throws VideoException if the video cannot be decoded
   */
  int next() throws VideoException {
    try {
      int span = finished.take();
      if (span == END && failure != null) {
        rethrow(failure);
      }
      return span;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while reading views");
    }
  }

  private static void rethrow(Throwable failure) throws VideoException {
    if (failure instanceof VideoException broken) {
      throw broken;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }

  /** How long reading took; known after {@link #END}. */
  long nanos() {
    return nanos;
  }

  /** Waits until nothing is read any more, whatever happens: the video is closed after this. */
  @Override
  public void close() {
    unwanted = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
