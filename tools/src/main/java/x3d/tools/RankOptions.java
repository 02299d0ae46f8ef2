package x3d.tools;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import x3d.cli.Program;
import x3d.collective.Collective;
import x3d.collective.Launch;

/** The option of commands whose work the ranks of a job share, and how such a rank works. */
final class RankOptions {
  /** Far below what a collective waits for a rank that does not come. */
  private static final long MEETING_SECONDS = 10;

  private final Function<String, Collective> join;

  @Option(
      names = "--mpi",
      defaultValue = "auto",
      paramLabel = "auto|off|LIBRARY",
      description = {
        "How the ranks of a job meet: by the MPI of the mpirun or srun that started them, not at",
        "all, or by the MPI library of this name or file. Default: ${DEFAULT-VALUE}."
      })
  private String mpi;

  RankOptions() {
    this(mpi -> Launch.join(mpi, System.getenv()));
  }

  /** @param join makes this process a rank, as the option says */
  RankOptions(Function<String, Collective> join) {
    this.join = join;
  }

  /** What a rank does; the result is its exit code. */
  interface Work {
    int of(Collective job) throws Exception;
  }

  /**
   * Joins the job that this process was started for and does the work. A rank that fails says why and ends all others too, for
   * they would wait for it.
   */
  int work(CommandSpec spec, Work work) throws Exception {
    try (Collective job = join.apply(mpi)) {
      try {
        return work.of(job);
      } catch (Throwable failure) {
        if (job.size() > 1) {
          say(failure, job.rank(), spec);
          job.abort();
        }
        throw failure;
      }
    }
  }

  /** Before the end of the job, which is that of the process. */
  private static void say(Throwable failure, int rank, CommandSpec spec) {
    PrintWriter err = spec.commandLine().getErr();
    if (spec.commandLine().getParseResult().hasMatchedOption("--debug")) {
      failure.printStackTrace(err);
    }
    err.println(spec.qualifiedName() + ": rank " + rank + ": " + Program.oneLine(failure));
    err.flush();
  }

  /**
   * Does something that may take ranks hours, and some of them longer than others. Meanwhile they meet every few seconds, so
   * that none takes a slow one for a dead one.
   *
   * @return when all ranks have done theirs
   */
  static <T> T patiently(Collective job, Callable<T> work) throws Exception {
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
