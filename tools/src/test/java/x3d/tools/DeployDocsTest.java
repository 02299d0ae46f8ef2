package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import x3d.classify.SmallModel;
import x3d.cli.Program;
import x3d.runtime.Device;
import x3d.serve.ServeCommand;
import x3d.serve.Server;
import x3d.serve.ServerOptions;

/** What {@code docs/deploy} and the pages for those who come from other servers say of {@code x3d-serve} is so. */
final class DeployDocsTest {
  private static final Path DOCS = Path.of("../docs");
  private static final Path DEPLOY = DOCS.resolve("deploy");

  /** Options of other programs that the files name. */
  private static final Set<String> OTHERS = Set.of(
      "--server",
      "--interval",
      "--timeout",
      "--start-period",
      "--retries",
      "--system",
      "--uid",
      "--home-dir",
      "--create-home",
      "--weights",
      "--out",
      "--classes");

  @TempDir
  static Path folder;

  static Server server;
  static Set<String> options;
  static Set<String> paths = new HashSet<>();

  @BeforeAll
  static void start() throws Exception {
    server = Server.start(ServerOptions.of(SmallModel.writeTo(folder), List.of(Device.cpu(1))));
    CommandLine line = Program.of(new ServeCommand());
    options = line.getCommandSpec().optionsMap().keySet();
    new ObjectMapper()
        .readTree(get("/openapi.json"))
        .get("paths")
        .fieldNames()
        .forEachRemaining(paths::add);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String get(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.port() + path))
        .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }

  private static List<JsonNode> yaml(String name) throws IOException {
    YAMLMapper mapper = YAMLMapper.builder()
        .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
        .build();
    try (MappingIterator<JsonNode> documents =
        mapper.readerFor(JsonNode.class).readValues(DEPLOY.resolve(name).toFile())) {
      return documents.readAll();
    }
  }

  private static JsonNode manifest(String kind) throws IOException {
    return yaml("kubernetes.yaml").stream()
        .filter(one -> one.get("kind").asText().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode pod() throws IOException {
    return manifest("Deployment").at("/spec/template/spec");
  }

  private static JsonNode container() throws IOException {
    return pod().at("/containers/0");
  }

  private static Set<String> found(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String all() throws IOException {
    StringBuilder text = new StringBuilder(Files.readString(DOCS.resolve("from-torchserve.md")));
    try (Stream<Path> files = Files.list(DEPLOY)) {
      for (Path file : files.toList()) {
        text.append(Files.readString(file));
      }
    }
    return text.toString();
  }

  private static List<String> arguments() throws IOException {
    List<String> arguments = new ArrayList<>();
    container().get("args").forEach(argument -> arguments.add(argument.asText()));
    return arguments;
  }

  private static String argument(String option) throws IOException {
    return arguments().stream()
        .filter(argument -> argument.startsWith(option + "="))
        .findFirst()
        .orElseThrow()
        .substring(option.length() + 1);
  }

  @Test
  void everyOptionIsOneOfTheServer() throws IOException {
    Set<String> named = found("(?<![\\w-])--[a-z][a-z-]+", all());
    assertTrue(named.size() > 15, named.toString());
    named.removeAll(options);
    named.removeAll(OTHERS);
    assertEquals(Set.of(), named);
    assertTrue(new CommandLine(new ServeCommand())
        .parseArgs(arguments().toArray(String[]::new))
        .hasMatchedOption("--grace"));
  }

  @Test
  void everyVariableIsAnOption() throws IOException {
    for (String variable : found("X3D_SERVE_[A-Z_]+", all())) {
      String option = "--"
          + variable.substring("X3D_SERVE_".length()).toLowerCase(Locale.ROOT).replace('_', '-');
      assertTrue(options.contains(option), variable);
    }
  }

  @Test
  void everyPathIsServed() throws IOException {
    Set<String> named = new TreeSet<>();
    for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
      named.add(container().at("/" + probe + "/httpGet/path").asText());
    }
    named.add(
        yaml("prometheus.yaml").get(0).at("/scrape_configs/0/metrics_path").asText());
    named.add(found("GET /\\w+", Files.readString(DEPLOY.resolve("Dockerfile")))
        .iterator()
        .next()
        .substring(4));
    assertEquals(Set.of("/healthz", "/metrics", "/readyz"), named);
    assertTrue(paths.containsAll(named), paths.toString());
    for (String line : Files.readAllLines(DOCS.resolve("from-torchserve.md"))) {
      String[] cells = line.split("\\|");
      if (cells.length == 3 || cells.length == 4) {
        for (String path : found("(?<=(GET|POST) )/[\\w/.]+", cells[2])) {
          assertTrue(paths.contains(path.replace("NAME", "{name}")), path + " of " + paths);
        }
      }
    }
  }

  @Test
  void everyMetricIsOneOfTheServer() throws Exception {
    HttpRequest refused = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.port() + "/v1/classify"))
        .POST(HttpRequest.BodyPublishers.noBody())
        .build();
    HttpClient.newHttpClient().send(refused, BodyHandlers.discarding());
    String after = get("/metrics");
    Set<String> named = found("(?<![\\w/-])x3d_[a-z]\\w+(?<!_)", all());
    named.remove(
        "x3d_model_reloads_total"); // appears with the first replacement, as serving.md says
    assertTrue(named.contains("x3d_queue_depth") && named.size() > 5, named.toString());
    for (String metric : named) {
      assertTrue(after.contains("\n" + metric) || after.startsWith(metric), metric);
    }
    assertTrue(Files.readString(DOCS.resolve("serving.md")).contains("`x3d_model_reloads_total`"));
    assertEquals(
        "x3d_queue_depth",
        manifest("HorizontalPodAutoscaler")
            .at("/spec/metrics/0/pods/metric/name")
            .asText());
  }

  @Test
  void timesAndSizesOfTheManifestFitEachOther() throws IOException {
    int wait =
        Integer.parseInt(container().at("/lifecycle/preStop/exec/command/1").asText());
    assertTrue(pod().get("terminationGracePeriodSeconds").asInt()
        > wait + 2 * Integer.parseInt(argument("--grace")));
    JsonNode uploads = volume("uploads").at("/emptyDir/sizeLimit");
    assertTrue(Integer.parseInt(uploads.asText().replace("Gi", "")) * 1024
        > Integer.parseInt(argument("--max-uploads")));
    assertEquals(argument("--port"), container().at("/ports/0/containerPort").asText());
    assertEquals(argument("--threads"), container().at("/resources/limits/cpu").asText());
    assertEquals(mount("uploads"), argument("--uploads"));
    assertTrue(argument("--model").contains("=" + mount("models") + "/"));
    assertTrue(argument("--api-keys").startsWith(mount("keys") + "/"));
    assertEquals(
        pod().at("/securityContext/runAsUser").asText(),
        found("(?<=\nUSER )\\d+", Files.readString(DEPLOY.resolve("Dockerfile")))
            .iterator()
            .next());
    for (String kind : List.of("Service", "PodDisruptionBudget", "HorizontalPodAutoscaler")) {
      assertEquals("x3d-serve", manifest(kind).at("/metadata/name").asText());
    }
    for (String name : List.of("alerts.yaml", "prometheus-adapter.yaml")) {
      assertEquals(1, yaml(name).size());
    }
  }

  private static JsonNode volume(String name) throws IOException {
    for (JsonNode volume : pod().get("volumes")) {
      if (volume.get("name").asText().equals(name)) {
        return volume;
      }
    }
    throw new AssertionError("no volume " + name);
  }

  private static String mount(String name) throws IOException {
    for (JsonNode mount : container().get("volumeMounts")) {
      if (mount.get("name").asText().equals(name)) {
        return mount.get("mountPath").asText();
      }
    }
    throw new AssertionError("no mount " + name);
  }

  @Test
  void theHealthCheckOfTheImageTellsAReadyServerFromNone() throws Exception {
    String file = Files.readString(DEPLOY.resolve("Dockerfile"));
    String json = file.substring(
        file.indexOf("CMD [\"bash\"") + "CMD ".length(),
        file.indexOf('\n', file.indexOf("CMD [\"bash\"")));
    String[] command = new ObjectMapper().readValue(json, String[].class);
    assertEquals(0, check(command, server.port()));
    assertEquals(1, check(command, 1));
  }

  private static int check(String[] command, int port) throws Exception {
    ProcessBuilder check = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    check.environment().put("X3D_SERVE_PORT", Integer.toString(port));
    return check.start().waitFor();
  }
}
