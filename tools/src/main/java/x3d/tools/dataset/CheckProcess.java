package x3d.tools.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import x3d.tools.dataset.CheckedVideo.Fault;

/** A {@link CheckWorker}, started again after a video that it did not survive. For one thread at a time. */
final class CheckProcess implements AutoCloseable {
  private static final int START_SECONDS = 120;
  private static final int PATIENCE_SECONDS = 5;

  private final CheckLimits limits;
  private final ScheduledExecutorService clock;
  private volatile Process process;
  private BufferedReader answers;
  private Writer paths;

  /** @param clock ends a process whose time is up */
  CheckProcess(CheckLimits limits, ScheduledExecutorService clock) {
    this.limits = limits;
    this.clock = clock;
  }

  /** Decodes a video; that it takes too long or the process dies of it are answers too. */
  CheckedVideo check(Path video) {
    if (process == null) {
      start();
    }
    FileState state = FileState.of(video);
    AtomicBoolean late = new AtomicBoolean();
    String line = within(limits.seconds(), late, video + "\n");
    if (line != null) {
      return CheckReport.video(line);
    }
    int code = end();
    return late.get()
        ? CheckedVideo.of(state, Fault.TIME_LIMIT, "not decoded within " + limits.seconds() + " s")
        : CheckedVideo.of(
            state, Fault.CRASH, "the process that decoded it ended with exit code " + code);
  }

  private void start() {
    try {
      process = new ProcessBuilder(List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx256m",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-XX:+SuppressFatalErrorMessage",
              "-Dorg.bytedeco.javacpp.nopointergc=true",
              "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
              "-cp",
              System.getProperty("java.class.path"),
              CheckWorker.class.getName(),
              limits.fast() ? "fast" : "full"))
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      throw new IllegalStateException("the process that decodes cannot be started: " + e, e);
    }
    answers = process.inputReader(UTF_8);
    paths = process.outputWriter(UTF_8);
    String first = within(START_SECONDS, new AtomicBoolean(), "");
    if (!CheckWorker.READY.equals(first)) {
      throw new IllegalStateException(
          "the process that decodes does not start; it ended with exit code " + end());
    }
  }

  /**
   * Says something and waits for a line.
   *
   * @param late set when the time is up
   * @return null if there is none, because the process has ended
   */
  private String within(int seconds, AtomicBoolean late, String words) {
    Process running = process;
    ScheduledFuture<?> alarm = clock.schedule(
        () -> {
          late.set(true);
          running.destroyForcibly();
        },
        seconds,
        TimeUnit.SECONDS);
    try {
      paths.write(words);
      paths.flush();
      return answers.readLine();
    } catch (IOException e) {
      return null;
    } finally {
      alarm.cancel(false);
    }
  }

  /** Ends the process if it still runs. */
  private int end() {
    Process ended = process;
    process = null;
    try {
      if (!ended.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        ended.destroyForcibly();
      }
      return ended.waitFor();
    } catch (InterruptedException e) {
      ended.destroyForcibly();
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  @Override
  public void close() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
    }
  }
}
