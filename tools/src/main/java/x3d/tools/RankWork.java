package x3d.tools;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import x3d.collective.Collective;

/** Long work of the ranks of a job, each of which does its own. */
public final class RankWork {
  /** Far below what a collective waits for a rank that does not come. */
  private static final long MEETING_SECONDS = 10;

  private RankWork() {}

  /**
   * Does something that may take ranks hours, and some of them longer than others. Meanwhile they meet every few seconds, so
   * that none takes a slow one for a dead one.
   *
   * @return when all ranks have done theirs
   */
  public static <T> T patiently(Collective job, Callable<T> work) throws Exception {
    if (job.size() == 1) {
      return work.call();
    }
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(task, "x3d-rank-" + job.rank());
    thread.setDaemon(true);
    thread.start();
    try {
      double[] working = {1};
      while (working[0] > 0) {
        working[0] = isDone(task) ? 0 : 1;
        job.sum(working);
      }
      return task.get();
    } finally {
      thread.interrupt();
    }
  }

  private static boolean isDone(FutureTask<?> task) throws Exception {
    try {
      task.get(MEETING_SECONDS, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception failure) {
        throw failure;
      }
      throw e;
    }
  }
}
