package x3d.tools.dataset;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;

/** As many processes that decode as there are threads that ask; each is started when it is first needed. */
final class CheckPool implements AutoCloseable {
  private final List<CheckProcess> all;
  private final BlockingQueue<CheckProcess> idle;
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

  /** @param size how many videos may be asked about at a time */
  CheckPool(int size, CheckLimits limits) {
    all = Stream.generate(() -> new CheckProcess(limits, clock)).limit(size).toList();
    idle = new LinkedBlockingQueue<>(all);
  }

  /** Decodes a video in a process that is idle. */
  CheckedVideo check(Path video) {
    CheckProcess process = idle.remove();
    try {
      return process.check(video);
    } finally {
      idle.add(process);
    }
  }

  /** Ends the processes, also of threads that still wait for an answer. */
  @Override
  public void close() {
    clock.shutdownNow();
    all.forEach(CheckProcess::close);
  }
}
