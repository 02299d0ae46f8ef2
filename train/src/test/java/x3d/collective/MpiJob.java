package x3d.collective;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A job of processes on this machine, started by an MPI launcher as a user would. */
public final class MpiJob {
  /** A launcher, by its name in Debian, where both can be installed at once. */
  public enum Launcher {
    OPEN_MPI("mpirun.openmpi", "openmpi-bin", "OMPI_COMM_WORLD_RANK"),
    MPICH("mpirun.mpich", "mpich", "PMI_RANK");

    private final String program;
    private final String debianPackage;
    private final String rankVariable;

    Launcher(String program, String debianPackage, String rankVariable) {
      this.program = program;
      this.debianPackage = debianPackage;
      this.rankVariable = rankVariable;
    }

    private Path find() {
      for (String folder : System.getenv("PATH").split(":")) {
        Path file = Path.of(folder, program);
        if (Files.isExecutable(file)) {
          return file;
        }
      }
      throw new AssertionError(
          program + " is not installed; this test needs the Debian package " + debianPackage);
    }
  }

  /**
   * How it ended and what it said.
   *
   * @param seconds from start to end
   * @param end by {@link System#nanoTime}
   */
  public record Outcome(int exitCode, List<String> lines, double seconds, long end) {
    /** For the message of a failed assertion. */
    public String text() {
      return "exit code " + exitCode + " after " + seconds + " s\n" + String.join("\n", lines);
    }
  }

  private final Launcher launcher;
  private final Process process;

  private MpiJob(Launcher launcher, Process process) {
    this.launcher = launcher;
    this.process = process;
  }

  /** Runs a job to its end. */
  public static Outcome run(
      Launcher launcher,
      int ranks,
      Map<String, String> environment,
      Class<?> main,
      String... arguments)
      throws Exception {
    return run(launcher, ranks, environment, line -> false, job -> {}, main, arguments);
  }

  /**
   * Runs a job to its end, of a quarter of an hour at most, and does something to it when it says something.
   *
   * @param environment added to this process's, for all ranks
   * @param moment which line of its output
   * @param deed done once, at the first such line
   * @param main whose main method each rank runs
   */
  public static Outcome run(
      Launcher launcher,
      int ranks,
      Map<String, String> environment,
      Predicate<String> moment,
      Consumer<MpiJob> deed,
      Class<?> main,
      String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(launcher.find().toString());
    if (launcher == Launcher.OPEN_MPI) {
      // Unbound, or jobs of one machine would all be bound to its first cores.
      command.addAll(List.of("--allow-run-as-root", "--oversubscribe", "--bind-to", "none"));
    }
    command.addAll(List.of(
        "-n",
        Integer.toString(ranks),
        "env", // Open MPI's mpirun rewrites the arguments of a program called java, wrongly
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules",
        "jdk.incubator.vector",
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-Dorg.bytedeco.javacpp.nopointergc=true",
        "-Dorg.bytedeco.javacpp.maxphysicalbytes=0"));
    command.addAll(leave());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    long start = System.nanoTime();
    MpiJob job = new MpiJob(launcher, builder.start());
    return job.follow(start, moment, deed);
  }

  /** What newer JDKs want to be told before native code is called, as this one was. */
  private static List<String> leave() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--enable-native-access")
            || argument.startsWith("--sun-misc-unsafe-memory-access"))
        .toList();
  }

  private Outcome follow(long start, Predicate<String> moment, Consumer<MpiJob> deed)
      throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    boolean done = false;
    Thread limit = new Thread(this::killLate);
    limit.setDaemon(true);
    limit.start();
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(line);
        if (!done && moment.test(line)) {
          done = true;
          deed.accept(this);
        }
      }
      process.waitFor();
    } finally {
      killAll();
    }
    long end = System.nanoTime();
    return new Outcome(process.exitValue(), lines, (end - start) / 1e9, end);
  }

  private void killLate() {
    try {
      if (!process.waitFor(15, TimeUnit.MINUTES)) {
        killAll();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void killAll() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /** The process of a rank, which lives. */
  public ProcessHandle rank(int rank) {
    String entry = launcher.rankVariable + "=" + rank;
    try (Stream<ProcessHandle> all = process.toHandle().descendants()) {
      return all.filter(handle -> environment(handle.pid()).contains(entry))
          .reduce((first, second) -> second) // a launcher's own process in between has it not
          .orElseThrow(() -> new AssertionError("no process of rank " + rank));
    }
  }

  private static List<String> environment(long pid) {
    try {
      return List.of(Files.readString(
              Path.of("/proc", Long.toString(pid), "environ"), StandardCharsets.ISO_8859_1)
          .split("\0"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
