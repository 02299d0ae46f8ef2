package x3d.serve;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import x3d.cli.DeviceOptions;
import x3d.cli.Program;

/** {@code x3d-serve}: serves a model file until it is told to stop. */
@Command(
    name = "x3d-serve",
    description = "Serve a model over HTTP: POST /v1/classify, GET /healthz.",
    sortOptions = false)
public final class ServeCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description = "The .onnx model file to serve.")
  private Path model;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "Address to listen on. Default: ${DEFAULT-VALUE}.")
  private String host;

  @Option(
      names = "--port",
      defaultValue = "8080",
      description = "Port to listen on, 0 for any free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(names = "--threads", description = "Threads of one inference. Default: all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Mixin
  private DeviceOptions devices;

  @Option(
      names = "--concurrency",
      defaultValue = "2",
      description = "Videos decoded and classified at the same time. Default: ${DEFAULT-VALUE}.")
  private int concurrency;

  @Option(
      names = "--max-upload",
      defaultValue = "256",
      paramLabel = "MIB",
      description = "The largest video taken, in MiB. Default: ${DEFAULT-VALUE}.")
  private long maxUpload;

  @Option(
      names = "--uploads",
      paramLabel = "DIR",
      description =
          "Where videos lie while they are worked on. Default: the system's folder for temporary files.")
  private Path uploads = Path.of(System.getProperty("java.io.tmpdir"));

  @Spec
  private CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(Program.of(new ServeCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    Server server = Server.start(new ServerOptions(
        model, host, port, devices.forInference(threads), concurrency, maxUpload << 20, uploads));
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      server.close();
      stopped.countDown();
    }));
    spec.commandLine()
        .getOut()
        .println("x3d-serve: " + model + " at http://" + host + ":" + server.port());
    spec.commandLine().getOut().flush();
    stopped.await();
    return 0;
  }
}
