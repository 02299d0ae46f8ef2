package x3d.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * {@code x3d-serve} as a process of its own, on a free port. Its heap has one size from the start, so that memory which grows
 * is memory outside it: FFmpeg's and ONNX Runtime's.
 */
final class ServerProcess implements AutoCloseable {
  private static final Pattern READY = Pattern.compile(" at http://127\\.0\\.0\\.1:(\\d+)");
  private static final Duration START = Duration.ofSeconds(60);

  private final Process process;
  private final Path log;
  private final int port;
  private final Duration startTook;

  private ServerProcess(Process process, Path log, int port, Duration startTook) {
    this.process = process;
    this.log = log;
    this.port = port;
    this.startTook = startTook;
  }

  /**
   * Starts one and waits until it listens.
   *
   * @param log takes all that it says
   */
  static ServerProcess start(Path log, Path model, Path uploads, String... arguments)
      throws Exception {
    List<String> command = java(ServeCommand.class);
    command.addAll(
        List.of("--model", model.toString(), "--uploads", uploads.toString(), "--port", "0"));
    command.addAll(List.of(arguments));
    long began = System.nanoTime();
    Process process = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
    while (true) {
      Matcher ready = READY.matcher(Files.readString(log));
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      if (ready.find()) {
        return new ServerProcess(process, log, Integer.parseInt(ready.group(1)), took);
      }
      if (!process.isAlive() || took.compareTo(START) > 0) {
        process.destroyForcibly();
        throw new AssertionError("the server does not start: " + Files.readString(log));
      }
      Thread.sleep(10);
    }
  }

  /** The command line of a class of the tests' class path, to which its arguments are to be added. */
  static List<String> java(Class<?> main) {
    return new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules",
        "jdk.incubator.vector",
        "-Xms256m",
        "-Xmx256m",
        "-XX:+AlwaysPreTouch",
        "-Dorg.bytedeco.javacpp.nopointergc=true",
        "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
        "-cp",
        System.getProperty("java.class.path"),
        main.getName()));
  }

  int port() {
    return port;
  }

  Asking ask() {
    return new Asking(port);
  }

  /** From the start of the process until it listened. */
  Duration startTook() {
    return startTook;
  }

  boolean alive() {
    return process.isAlive();
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  /** Bytes of main memory that it takes. */
  long memory() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElseThrow();
    }
  }

  /** Seconds that it has had of the processor. */
  double processorSeconds() {
    return processorSeconds(process);
  }

  static double processorSeconds(Process process) {
    return process.info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
  }

  /** The files and connections that it holds open. */
  long open() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      return open.count();
    }
  }

  /** What {@code kill} does. */
  void terminate() {
    process.toHandle().destroy();
  }

  /** What {@code kill -9} does. */
  void kill() {
    process.toHandle().destroyForcibly();
  }

  /** Waits for its end and tells its exit code. */
  int exitCode() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("the server does not end within 60 s");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    kill();
    process.onExit().join();
  }

  /** The files of requests in a folder of uploads. */
  static List<String> left(Path uploads) throws IOException {
    try (Stream<Path> found = Files.walk(uploads)) {
      return found
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals(".lock"))
          .toList();
    }
  }
}
