package x3d.train;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import x3d.cli.Program;
import x3d.collective.Collective;
import x3d.collective.Launch;

/** Whether a command works together with others that one launcher started. */
public final class JobOptions {
  @Option(
      names = "--mpi",
      paramLabel = "auto|off|LIBRARY",
      defaultValue = "auto",
      description = "Join the processes that mpirun or srun started with this one (auto, the"
          + " default), with the MPI library that is named, or work alone (off).")
  private String choice;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  private final Function<String, Collective> join;

  /** Joins as this process's environment has it. */
  public JobOptions() {
    this(choice -> Launch.join(choice, System.getenv()));
  }

  /** @param join makes this process, or this thread, a rank; it is given the option's value */
  public JobOptions(Function<String, Collective> join) {
    this.join = join;
  }

  /** What a rank does; returns the exit code. */
  @FunctionalInterface
  public interface Work {
    int run(Collective ranks) throws Exception;
  }

  /**
   * Does the work as one of the ranks of the job. If it fails in one of several, that rank says why, by its number, and ends
   * the others.
   */
  public int run(Work work) throws Exception {
    try (Collective ranks = join.apply(choice)) {
      return guarded(ranks, () -> work.run(ranks));
    }
  }

  private int guarded(Collective ranks, Callable<Integer> work) throws Exception {
    try {
      return work.call();
    } catch (Exception | Error e) {
      if (ranks.size() > 1) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(spec.qualifiedName() + ": rank " + ranks.rank() + " of " + ranks.size()
            + " (process " + ProcessHandle.current().pid() + "): " + Program.oneLine(e));
        err.flush();
        ranks.abort();
      }
      throw e;
    }
  }
}
