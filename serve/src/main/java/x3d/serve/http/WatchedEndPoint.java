package x3d.serve.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * A connection that can be asked whether its client has gone, which Jetty does not look at while a request is worked on. To see
 * that, one must read; what is read that way (of a next request) is kept for Jetty.
 */
final class WatchedEndPoint extends SocketChannelEndPoint {
  private final Scheduler scheduler;
  private final ByteBuffer ahead = BufferUtil.allocate(512);

  WatchedEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
    super(channel, selector, key, scheduler);
    this.scheduler = scheduler;
  }

  /** Only to be asked while Jetty does not read: after the whole body of a request and before its answer. */
  synchronized boolean clientGone() {
    if (!isOpen()) {
      return true;
    }
    try {
      // behind what is here too: before it closes, a client of TLS says that it will
      return super.fill(ahead) < 0;
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public synchronized int fill(ByteBuffer buffer) throws IOException {
    if (BufferUtil.isEmpty(ahead)) {
      return super.fill(buffer);
    }
    return BufferUtil.append(buffer, ahead);
  }

  /** The selector does not tell of bytes that are here already. */
  @Override
  protected void needsFillInterest() {
    boolean here;
    synchronized (this) {
      here = BufferUtil.hasContent(ahead);
    }
    if (here) {
      scheduler.schedule(() -> getFillInterest().fillable(), 0, TimeUnit.MILLISECONDS);
    } else {
      super.needsFillInterest();
    }
  }
}
