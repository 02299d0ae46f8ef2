package x3d.tools.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import x3d.tools.Json;
import x3d.video.VideoCheck;

/**
 * The process that decodes, so that a file that makes FFmpeg die or loop takes this process with it and not the run: a path a
 * line on its input, answered by a {@link CheckedVideo} a line on its output. It ends with its input, whatever it is doing.
 */
final class CheckWorker {
  /** What it says once it can work. */
  static final String READY = "ready";

  private CheckWorker() {}

  /** @param arguments {@code fast} or {@code full} */
  public static void main(String[] arguments) throws InterruptedException {
    boolean fast = arguments[0].equals("fast");
    BlockingQueue<Path> paths = new LinkedBlockingQueue<>();
    Thread reader = new Thread(() -> read(paths), "paths");
    reader.setDaemon(true);
    reader.start();
    VideoCheck.load();
    PrintStream out = new PrintStream(System.out, true, UTF_8);
    out.println(READY);
    while (true) {
      Path path = paths.take();
      FileState state = FileState.of(path);
      VideoCheck check = fast ? VideoCheck.fast(path) : VideoCheck.full(path);
      out.println(Json.line(CheckedVideo.of(state, check)));
    }
  }

  private static void read(BlockingQueue<Path> paths) {
    try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        paths.add(Path.of(line));
      }
    } catch (IOException e) {
      // the same as its end
    }
    Runtime.getRuntime().halt(0);
  }
}
