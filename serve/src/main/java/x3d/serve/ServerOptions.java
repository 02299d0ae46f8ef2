package x3d.serve;

import java.nio.file.Path;

/**
 * @param model the {@code .onnx} file to serve
 * @param host the address to listen on
 * @param port the port to listen on, 0 for any free one
 * @param threads threads of one inference
 * @param concurrency videos that are decoded and classified at the same time; more wait, in order
 * @param maxUpload the largest video taken, in bytes
 * @param uploads an existing folder; videos are received into a new one inside it
 */
public record ServerOptions(
    Path model, String host, int port, int threads, int concurrency, long maxUpload, Path uploads) {
  public ServerOptions {
    if (threads < 1 || concurrency < 1 || maxUpload < 1) {
      throw new IllegalArgumentException(
          "threads, concurrency and the largest upload must be 1 or more, not " + threads + ", "
              + concurrency + ", " + maxUpload);
    }
  }
}
