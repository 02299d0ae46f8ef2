package x3d.tools.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import x3d.cli.DeviceOptions;
import x3d.runtime.ProcessMemory;
import x3d.serve.Server;
import x3d.serve.ServerOptions;

/** Clients that post a video to a server at the same time. */
@Command(
    name = "serve",
    description = {
      "Clients that post one video at the same time, each again as soon as it is answered: requests a second",
      "and latencies. The server is started in this process, on a port of 127.0.0.1, or is one that runs."
    },
    sortOptions = false)
final class BenchServeCommand implements Callable<Integer> {
  @Mixin
  private ModelOptions models;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "A server that runs already, such as http://127.0.0.1:8080; no model is needed.")
  private URI url;

  @Option(
      names = "--video",
      required = true,
      paramLabel = "FILE",
      description = "The video that is posted.")
  private Path video;

  @Option(
      names = "--clients",
      paramLabel = "N",
      description = "How many post at the same time. Default: ${DEFAULT-VALUE}.")
  private int clients = 4;

  @Option(
      names = "--requests",
      paramLabel = "N",
      description = "Requests of each client in a round. Default: ${DEFAULT-VALUE}.")
  private int requests = 4;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description =
          "Videos that the server started here classifies at the same time. Default: ${DEFAULT-VALUE}.")
  private int concurrency = 2;

  @Mixin
  private RoundOptions rounds;

  @Mixin
  private BenchOptions options;

  @Mixin
  private DeviceOptions devices;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Measurement.Plan plan = rounds.plan();
    if (clients < 1 || requests < 1) {
      throw new IllegalArgumentException(
          "--clients and --requests must be 1 or more, not " + clients + " and " + requests);
    }
    if (url != null) {
      return bench(plan, url, url.toString(), false);
    }
    try (ModelOptions.Model model = models.model();
        Server server =
            Server.start(ServerOptions.of(model.file(), devices.forInference(options.threads()))
                .with(ServerOptions.Work.USUAL.withConcurrency(concurrency)))) {
      URI address = URI.create("http://127.0.0.1:" + server.port());
      return bench(plan, address, model.name(), true);
    }
  }

  private int bench(Measurement.Plan plan, URI server, String model, boolean here)
      throws IOException, InterruptedException {
    Clients all = new Clients(server.resolve("/v1/classify"), video, clients, requests);
    Measurement measured =
        Measurement.of("serving", "request", plan, all, Optional.<Contender>empty());
    List<Answer> counted = all.last(plan.rounds() * clients * requests);
    long errors = counted.stream().filter(answer -> answer.error().isPresent()).count();
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("model", model);
    settings.put("server", server.toString());
    settings.put("video", video.toString());
    settings.put("clients", clients);
    settings.put("requests", requests);
    settings.put("concurrency", here ? concurrency : null);
    settings.put("threads", here ? options.threads() : null);
    settings.put("provider", here ? devices.provider().id() : null);
    options.publish(
        new Report(
            "serve",
            settings,
            List.of(measured),
            figures(counted, errors),
            Optional.empty(),
            here ? ProcessMemory.peakBytes() : OptionalLong.empty(),
            Machine.here()),
        spec.commandLine().getOut());
    return verdict(counted, errors);
  }

  private static Map<String, Object> figures(List<Answer> answers, long errors) {
    double[] millis = answers.stream()
        .filter(answer -> answer.error().isEmpty())
        .mapToDouble(Answer::millis)
        .sorted()
        .toArray();
    Map<String, Object> figures = new LinkedHashMap<>();
    for (int percent : List.of(50, 95, 99)) {
      figures.put("p" + percent + "Millis", millis.length == 0 ? null : rank(millis, percent));
    }
    figures.put("errors", errors);
    return figures;
  }

  /** The nearest-rank percentile. */
  static double rank(double[] sorted, int percent) {
    int rank = (int) Math.ceil(sorted.length * percent / 100.0);
    return sorted[Math.max(0, rank - 1)];
  }

  private int verdict(List<Answer> answers, long errors) {
    if (errors == 0) {
      return 0;
    }
    String first =
        answers.stream().flatMap(answer -> answer.error().stream()).findFirst().orElseThrow();
    spec.commandLine()
        .getErr()
        .println(spec.qualifiedName() + ": " + errors + " of " + answers.size()
            + " requests failed; the first: " + first);
    spec.commandLine().getErr().flush();
    return 1;
  }

  /**
   * How a request ended.
   *
   * @param error what was wrong, if it was not answered with 200
   */
  private record Answer(double millis, Optional<String> error) {}

  /** Clients whose requests in one round are a {@link Round}. */
  private static final class Clients implements Contender {
    private final HttpClient http = HttpClient.newHttpClient();
    private final HttpRequest request;
    private final int clients;
    private final int requests;
    private final List<Answer> answers = new ArrayList<>();

    Clients(URI address, Path video, int clients, int requests) throws IOException {
      this.request = HttpRequest.newBuilder(address)
          .header("Content-Type", "application/octet-stream")
          .timeout(Duration.ofMinutes(5))
          .POST(BodyPublishers.ofFile(video))
          .build();
      this.clients = clients;
      this.requests = requests;
    }

    @Override
    public Round round() throws IOException, InterruptedException {
      return Contender.of(
              (long) clients * requests,
              () -> Crowd.run(
                  IntStream.range(0, clients).<Work>mapToObj(i -> this::post).toList()))
          .round();
    }

    private void post() throws InterruptedException {
      for (int i = 0; i < requests; i++) {
        Answer answer = ask();
        synchronized (answers) {
          answers.add(answer);
        }
      }
    }

    private Answer ask() throws InterruptedException {
      long start = System.nanoTime();
      Optional<String> error = Optional.empty();
      try {
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        if (response.statusCode() != 200) {
          error = Optional.of(response.statusCode() + " " + response.body());
        }
      } catch (IOException e) {
        error = Optional.of(String.valueOf(e.getMessage() == null ? e : e.getMessage()));
      }
      return new Answer((System.nanoTime() - start) / 1e6, error);
    }

    List<Answer> last(int count) {
      return answers.subList(answers.size() - count, answers.size());
    }
  }
}
