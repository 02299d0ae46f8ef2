package x3d.train;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** {@code x3d-train} as a process of its own, on two threads. */
final class TrainProcess {
  private TrainProcess() {}

  /** How it ended and what it said. */
  record Outcome(int exitCode, List<String> lines) {}

  /** Runs it to its end. */
  static Outcome run(Path data, Path output, Path recipe, String... arguments) throws Exception {
    return run(data, output, recipe, line -> false, process -> {}, arguments);
  }

  /** Runs it in a JVM that was started without the Vector API. */
  static Outcome runWithoutVectorApi(Path data, Path output, Path recipe, String... arguments)
      throws Exception {
    return run(List.of(), data, output, recipe, line -> false, process -> {}, arguments);
  }

  /**
   * Runs it and does something to it when it says something.
   *
   * @param moment which line of its output
   * @param deed done once, at the first such line
   */
  static Outcome run(
      Path data,
      Path output,
      Path recipe,
      Predicate<String> moment,
      Consumer<ProcessHandle> deed,
      String... arguments)
      throws IOException, InterruptedException {
    return run(
        List.of("--add-modules", "jdk.incubator.vector"),
        data,
        output,
        recipe,
        moment,
        deed,
        arguments);
  }

  private static Outcome run(
      List<String> modules,
      Path data,
      Path output,
      Path recipe,
      Predicate<String> moment,
      Consumer<ProcessHandle> deed,
      String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(modules);
    command.addAll(List.of(
        "-Xmx1g",
        "-Dorg.bytedeco.javacpp.nopointergc=true",
        "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
        "-cp",
        System.getProperty("java.class.path"),
        TrainCommand.class.getName(),
        "--data",
        data.toString(),
        "--output",
        output.toString(),
        "--recipe",
        recipe.toString(),
        "--threads",
        "2"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = new ArrayList<>();
    boolean done = false;
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(line);
        if (!done && moment.test(line)) {
          done = true;
          deed.accept(process.toHandle()); // Process.destroy would close its output too
        }
      }
    } finally {
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        process.destroyForcibly();
      }
    }
    return new Outcome(process.exitValue(), lines);
  }
}
