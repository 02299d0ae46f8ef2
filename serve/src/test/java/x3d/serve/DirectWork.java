package x3d.serve;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import x3d.classify.Classifier;
import x3d.classify.Views;
import x3d.runtime.Device;

/**
 * A process that classifies videos without a server, with as many at a time as there are cores: for each number of a line of its
 * input so many, and it answers how many seconds they took.
 */
final class DirectWork implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;

  private DirectWork(Process process) {
    this.process = process;
    this.answers = process.inputReader();
  }

  static DirectWork start(Path log, Path model, Views views, List<Path> videos) throws IOException {
    List<String> command = ServerProcess.java(DirectWork.class);
    command.addAll(List.of(model.toString(), "" + views.views()));
    videos.forEach(video -> command.add(video.toString()));
    return new DirectWork(
        new ProcessBuilder(command).redirectError(log.toFile()).start());
  }

  /** Videos a second. */
  double rate(int videos) throws IOException {
    process.getOutputStream().write((videos + "\n").getBytes());
    process.getOutputStream().flush();
    return videos / Double.parseDouble(answers.readLine());
  }

  /** Seconds that it has had of the processor. */
  double processorSeconds() {
    return ServerProcess.processorSeconds(process);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }

  public static void main(String[] arguments) throws Exception {
    Views views = new Views(Integer.parseInt(arguments[1]), 1);
    List<Path> videos = Arrays.stream(arguments).skip(2).map(Path::of).toList();
    int cores = Runtime.getRuntime().availableProcessors();
    ExecutorService threads = Executors.newFixedThreadPool(cores);
    try (Classifier classifier =
            Classifier.open(Path.of(arguments[0]), List.of(Device.cpu(cores)));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        long began = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(line); i++) {
          Path video = videos.get(i % videos.size());
          running.add(threads.submit(() -> classifier.classify(video, views)));
        }
        for (Future<?> one : running) {
          one.get();
        }
        System.out.println(Duration.ofNanos(System.nanoTime() - began).toNanos() / 1e9);
      }
    } finally {
      threads.shutdown();
    }
  }
}
