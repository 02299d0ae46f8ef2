package x3d.collective;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Finds out whether an MPI launcher started this process, and joins its job. */
public final class Launch {
  /** Ranks a host, where several hosts are to be played on one; the same for all ranks. */
  static final String RANKS_A_HOST = "X3D_RANKS_A_HOST";

  /** The longest wait for other ranks, in seconds. */
  static final String STALL_SECONDS = "X3D_STALL_SECONDS";

  private Launch() {}

  /** Libraries that understand each other's launchers. */
  enum Family {
    OPEN_MPI(
        "Open MPI",
        "Debian: openmpi-bin",
        List.of("libmpi.so.40"),
        List.of("libmpi.40.dylib", "/opt/homebrew/opt/open-mpi/lib/libmpi.40.dylib")),
    MPICH(
        "MPICH",
        "Debian: mpich",
        List.of("libmpich.so.12", "libmpi.so.12"),
        List.of("libmpi.12.dylib", "/opt/homebrew/opt/mpich/lib/libmpi.12.dylib"));

    private final String title;
    private final String remedy;
    private final List<String> linux;
    private final List<String> macOs;

    Family(String title, String remedy, List<String> linux, List<String> macOs) {
      this.title = title;
      this.remedy = remedy;
      this.linux = linux;
      this.macOs = macOs;
    }

    private List<String> libraries() {
      return Platform.isMac() ? macOs : linux;
    }
  }

  /**
   * What started this process.
   *
   * @param name for messages
   * @param ranks how many it started, or 0 where it does not say
   * @param families whose libraries it can serve, the likely one first
   */
  record Launcher(String name, int ranks, List<Family> families) {
    static final Launcher NONE = new Launcher("no launcher", 1, List.of());

    /**
     * Reads what launchers leave in the environment of their processes: Open MPI's mpirun OMPI_COMM_WORLD_SIZE (4 and 5),
     * MPICH's mpiexec and srun --mpi=pmi2 PMI_SIZE, srun --mpi=pmix PMIX_RANK.
     */
    static Launcher of(Map<String, String> environment) {
      if (environment.containsKey("OMPI_COMM_WORLD_SIZE")) {
        int ranks = number(environment, "OMPI_COMM_WORLD_SIZE");
        return new Launcher("Open MPI's mpirun", ranks, List.of(Family.OPEN_MPI));
      }
      // Not SLURM_NTASKS, which a batch script has too, that is one process and not a rank.
      int tasks = environment.containsKey("SLURM_STEP_NUM_TASKS")
          ? number(environment, "SLURM_STEP_NUM_TASKS")
          : 0;
      boolean hydra = environment.containsKey("HYDI_CONTROL_FD");
      if (environment.containsKey("PMI_SIZE") && environment.containsKey("PMI_RANK")) {
        int ranks = number(environment, "PMI_SIZE");
        return hydra || tasks == 0
            ? new Launcher("MPICH's mpiexec", ranks, List.of(Family.MPICH))
            : new Launcher("srun with PMI", ranks, List.of(Family.MPICH, Family.OPEN_MPI));
      }
      if (environment.containsKey("PMIX_RANK")) {
        String name = tasks == 0 ? "a PMIx launcher" : "srun --mpi=pmix";
        return new Launcher(name, tasks, List.of(Family.OPEN_MPI, Family.MPICH));
      }
      if (tasks > 1) {
        throw new CollectiveException(
            "srun started " + tasks
                + " processes that cannot find each other: srun --mpi=pmix (or pmi2) joins them; --mpi off lets each work alone");
      }
      return NONE;
    }
  }

  /**
   * This process's place in its job. To be closed, by the calling thread.
   *
   * @param choice {@code auto}: as the launcher has it, alone without one; {@code off}: alone whatever started it; else an MPI
   *     library's file, or its name for the system's loader, with which to join whatever started it
   * @param environment of this process
   * @throws CollectiveException if the job cannot be joined
   */
  public static Collective join(String choice, Map<String, String> environment) {
    if (choice.equals("off")) {
      return InProcess.alone();
    }
    boolean named = !choice.equals("auto");
    Launcher launcher = Launcher.of(environment);
    if (!named && launcher.ranks() == 1) {
      return InProcess.alone();
    }
    Mpi.Settings settings = settings(environment);
    MpiLibrary library = named ? load(choice) : find(launcher);
    Mpi mpi = new Mpi(library, settings);
    if (mpi.size() == 1 && launcher.ranks() > 1) {
      mpi.close();
      throw new CollectiveException(
          launcher.name() + " started " + launcher.ranks() + " ranks, but "
              + library.describe()
              + " sees this one only: it is not the library of this launcher; use the launcher of "
              + library.describe() + ", or name the launcher's library by --mpi LIBRARY");
    }
    return mpi;
  }

  private static Mpi.Settings settings(Map<String, String> environment) {
    Mpi.Settings settings = Mpi.Settings.DEFAULT;
    return new Mpi.Settings(
        environment.containsKey(RANKS_A_HOST)
            ? number(environment, RANKS_A_HOST)
            : settings.ranksAHost(),
        environment.containsKey(STALL_SECONDS)
            ? Duration.ofSeconds(number(environment, STALL_SECONDS))
            : settings.stallLimit(),
        settings.chunk());
  }

  private static int number(Map<String, String> environment, String name) {
    String value = environment.get(name);
    try {
      int number = Integer.parseInt(value);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new CollectiveException(
        "the environment variable " + name + " is " + value + "; a number from 1 is right");
  }

  private static MpiLibrary find(Launcher launcher) {
    List<String> failures = new ArrayList<>();
    for (Family family : launcher.families()) {
      for (String name : family.libraries()) {
        try {
          return open(name);
        } catch (UnsatisfiedLinkError e) {
          failures.add(name);
        }
      }
    }
    Family likely = launcher.families().get(0);
    throw new CollectiveException(
        launcher.name() + " started this process, but no MPI library of its family is found (tried "
            + String.join(", ", failures) + "): install " + likely.title + " (" + likely.remedy
            + "), add its folder to LD_LIBRARY_PATH, or name it by --mpi LIBRARY");
  }

  private static MpiLibrary load(String name) {
    try {
      return open(name);
    } catch (UnsatisfiedLinkError e) {
      throw new CollectiveException(
          "cannot load the MPI library " + name + ": "
              // JNA's first line says what it was to load, the second why it could not.
              + String.valueOf(e.getMessage()).lines().limit(2).reduce("", (a, b) -> b),
          e);
    }
  }

  /** @throws UnsatisfiedLinkError where there is no such library */
  private static MpiLibrary open(String name) {
    try {
      Native.getNativeSize(int.class);
    } catch (LinkageError e) {
      throw new CollectiveException(
          "JNA, by which MPI is called, cannot load its native part (-Djna.tmpdir names a folder for it that is not mounted noexec): "
              + e.getMessage(),
          e);
    }
    return new MpiLibrary(name);
  }
}
