package x3d.serve;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import x3d.cli.DeviceOptions;
import x3d.cli.Program;
import x3d.serve.api.Times;
import x3d.serve.http.Listener;
import x3d.serve.model.ModelFile;
import x3d.serve.upload.Limits;

/** {@code x3d-serve}: serves model files until it is told to stop. */
@Command(
    name = "x3d-serve",
    description = {
      "Serve models over HTTP: POST /v1/classify, and the Open Inference Protocol at /v2.",
      "What is asked of a running server is at /openapi.json, how it does at /metrics."
    },
    footer = {
      "",
      "Every option may also be set in the environment (--max-upload as X3D_SERVE_MAX_UPLOAD) or in the",
      "file of --config (a line 'max-upload = 64'). An option counts more than the environment, and that",
      "more than the file."
    },
    sortOptions = false)
public final class ServeCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      split = ",",
      paramLabel = "[NAME=]FILE",
      description =
          "A .onnx model file to serve, by its own name or another. Repeatable, or several with"
              + " commas between them; the first is asked by requests that name none. A file that is"
              + " replaced is loaded anew.")
  private List<String> models;

  @Option(
      names = Settings.OPTION,
      paramLabel = "FILE",
      description = "A file of options, one 'name = value' a line.")
  private Path config;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "Address to listen on; 0.0.0.0 for all. Default: ${DEFAULT-VALUE}.")
  private String host;

  @Option(
      names = "--port",
      defaultValue = "8080",
      description = "Port to listen on, 0 for any free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(names = "--threads", description = "Threads of all inference. Default: all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Mixin
  private DeviceOptions devices;

  @Option(
      names = "--concurrency",
      description =
          "Videos decoded and classified at the same time, each decoded by one thread. Default: one a"
              + " core, 2 at least.")
  private int concurrency = Math.max(2, Runtime.getRuntime().availableProcessors());

  @Option(
      names = "--queue",
      defaultValue = "64",
      paramLabel = "N",
      description =
          "Requests let in beside those worked on; any more are answered with 503 at once."
              + " Default: ${DEFAULT-VALUE}.")
  private int queue;

  @Option(
      names = "--timeout",
      defaultValue = "120",
      paramLabel = "SECONDS",
      description =
          "That a request may take, from its first byte on, unless its header X-Request-Timeout"
              + " says otherwise. Default: ${DEFAULT-VALUE}.")
  private double timeout;

  @Option(
      names = "--max-timeout",
      defaultValue = "600",
      paramLabel = "SECONDS",
      description = "The most that X-Request-Timeout may say. Default: ${DEFAULT-VALUE}.")
  private double mostTimeout;

  @Option(
      names = "--grace",
      defaultValue = "30",
      paramLabel = "SECONDS",
      description = "That requests have to end when the server is told to stop. Default:"
          + " ${DEFAULT-VALUE}.")
  private double grace;

  @Option(
      names = "--batch-delay",
      defaultValue = "5",
      paramLabel = "MILLIS",
      description =
          "That clips may wait for those of other requests, to run in one batch with them; on"
              + " devices beside the CPU, where batches pay. Default: ${DEFAULT-VALUE}.")
  private double batchDelay;

  @ArgGroup(exclusive = false, heading = "%nWhat a request may bring:%n")
  private LimitOptions limits = new LimitOptions();

  @ArgGroup(exclusive = false, heading = "%nWho may ask, and how:%n")
  private AccessOptions access = new AccessOptions();

  @Spec
  private CommandSpec spec;

  /** @param arguments that the command line will be executed with */
  static CommandLine line(Map<String, String> environment, String... arguments) {
    CommandLine line = Program.of(new ServeCommand());
    Settings.apply(line, environment, arguments);
    return line;
  }

  public static void main(String[] arguments) {
    System.exit(execute(System.getenv(), arguments));
  }

  private static int execute(Map<String, String> environment, String... arguments) {
    try {
      return line(environment, arguments).execute(arguments);
    } catch (ParameterException e) { // of the file of settings
      System.err.println("x3d-serve: " + e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
  }

  @Override
  public Integer call() throws Exception {
    ServerOptions options = options();
    Server server = Server.start(options);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      server.close();
      stopped.countDown();
    }));
    spec.commandLine()
        .getOut()
        .println("x3d-serve: "
            + options.models().stream()
                .map(model -> String.valueOf(model.file()))
                .collect(Collectors.joining(", "))
            + " at " + (options.listener().tls() ? "https" : "http") + "://" + host + ":"
            + server.port());
    spec.commandLine().getOut().flush();
    stopped.await();
    return 0;
  }

  private ServerOptions options() {
    try {
      return new ServerOptions(
          models.stream().map(ModelFile::of).toList(),
          devices.forInference(threads),
          access.listener(host, port),
          new ServerOptions.Work(
              concurrency,
              queue,
              new Times(seconds(timeout), seconds(mostTimeout)),
              seconds(grace),
              seconds(batchDelay / 1000)),
          limits.limits(),
          limits.uploads,
          access.access());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  /** What a request may bring. */
  static final class LimitOptions {
    @Option(
        names = "--max-upload",
        defaultValue = "256",
        paramLabel = "MIB",
        description = "The most that one request may upload, in MiB. Default: ${DEFAULT-VALUE}.")
    private long maxUpload = 256;

    @Option(
        names = "--uploads",
        paramLabel = "DIR",
        description =
            "Where videos lie while they are worked on. Default: the system's folder for temporary files.")
    private Path uploads = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(
        names = "--max-uploads",
        defaultValue = "4096",
        paramLabel = "MIB",
        description =
            "The most that all videos there may take together. Default: ${DEFAULT-VALUE}.")
    private long maxUploads = 4096;

    @Option(
        names = "--max-parts",
        defaultValue = "32",
        paramLabel = "N",
        description = "Parts of a multipart request. Default: ${DEFAULT-VALUE}.")
    private int maxParts = 32;

    @Option(
        names = "--min-rate",
        defaultValue = "16",
        paramLabel = "KIB",
        description = "KiB a second that a client must send, after a start of 5 s. Default:"
            + " ${DEFAULT-VALUE}.")
    private long minRate = 16;

    @Option(
        names = "--max-pixels",
        defaultValue = "9437184",
        paramLabel = "N",
        description = "Width times height of a video. Default: ${DEFAULT-VALUE}, 4096 times 2304.")
    private long maxPixels = 9_437_184;

    @Option(
        names = "--max-frames",
        defaultValue = "250000",
        paramLabel = "N",
        description = "Frames of a video. Default: ${DEFAULT-VALUE}.")
    private int maxFrames = 250_000;

    @Option(
        names = "--max-duration",
        defaultValue = "3600",
        paramLabel = "SECONDS",
        description = "Length of a video. Default: ${DEFAULT-VALUE}.")
    private double maxDuration = 3600;

    @Option(
        names = "--max-decode",
        defaultValue = "60",
        paramLabel = "SECONDS",
        description = "That a video may take to be decoded. Default: ${DEFAULT-VALUE}.")
    private double maxDecode = 60;

    private Limits limits() {
      return new Limits(
          maxUpload << 20,
          maxUploads << 20,
          maxParts,
          minRate << 10,
          maxPixels,
          maxFrames,
          maxDuration,
          maxDecode);
    }
  }

  /** Who may ask, and how. */
  static final class AccessOptions {
    @Option(
        names = "--api-keys",
        paramLabel = "FILE",
        description =
            "Answer only who sends a key of this file, which has one a line ('Authorization:"
                + " Bearer KEY' or 'X-API-Key: KEY'). It is read again when it is replaced.")
    private Path apiKeys;

    @Option(
        names = "--tls-cert",
        paramLabel = "PEM",
        description = "Speak TLS with this certificate, and those that vouch for it behind it.")
    private Path tlsCert;

    @Option(
        names = "--tls-key",
        paramLabel = "PEM",
        description = "Its private key, in PKCS #8 without a password.")
    private Path tlsKey;

    @Option(
        names = "--allow-url-host",
        paramLabel = "HOST",
        split = ",",
        description =
            "Fetch videos that requests name by {\"url\": ...} from this host. A host whose"
                + " address is private needs that address listed as well. Repeatable. Default: from none.")
    private Set<String> urlHosts = Set.of();

    @Option(
        names = "--idle-timeout",
        defaultValue = "20",
        paramLabel = "SECONDS",
        description = "After which a connection on which nothing moves is closed. Default:"
            + " ${DEFAULT-VALUE}.")
    private double idle = 20;

    @Option(
        names = "--max-connections",
        defaultValue = "1000",
        paramLabel = "N",
        description = "Connections at the same time; more wait. Default: ${DEFAULT-VALUE}.")
    private int connections = 1000;

    private Listener listener(String host, int port) {
      return new Listener(host, port, tlsCert, tlsKey, seconds(idle), connections);
    }

    private ServerOptions.Access access() {
      return new ServerOptions.Access(Optional.ofNullable(apiKeys), urlHosts);
    }
  }
}
