package x3d.serve;

import java.nio.file.Path;
import java.util.List;
import x3d.runtime.Device;

/**
 * @param model the {@code .onnx} file to serve
 * @param host the address to listen on
 * @param port the port to listen on, 0 for any free one
 * @param devices what the network runs on
 * @param concurrency videos that are decoded and classified at the same time; more wait, in order
 * @param maxUpload the largest video taken, in bytes
 * @param uploads an existing folder; videos are received into a new one inside it
 */
public record ServerOptions(
    Path model,
    String host,
    int port,
    List<Device> devices,
    int concurrency,
    long maxUpload,
    Path uploads) {
  public ServerOptions {
    devices = List.copyOf(devices);
    if (devices.isEmpty() || concurrency < 1 || maxUpload < 1) {
      throw new IllegalArgumentException(
          "devices, concurrency and the largest upload must be 1 or more, not " + devices.size()
              + ", " + concurrency + ", " + maxUpload);
    }
  }
}
