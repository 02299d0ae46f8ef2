package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import x3d.cli.Program;
import x3d.serve.ServeCommand;
import x3d.train.TrainCommand;

/** README.md and docs/*.md keep what they promise: each command shown runs, each link leads somewhere. */
class DocsTest {
  /** Lines of blocks that are not ours to run, by how they begin, and why. */
  private static final Map<String, String> FOREIGN = Map.ofEntries(
      Map.entry("mvn ", "the build, of which this test is a part"),
      Map.entry("git clone ", "another project's sources"),
      Map.entry("./build.sh ", "ONNX Runtime's build"),
      Map.entry("cmake --install ", "ONNX Runtime's build"),
      Map.entry("ls ", "looks at ONNX Runtime's build"),
      Map.entry("cd onnxruntime", "ONNX Runtime's sources"),
      Map.entry("mkdir -p run && cd run", "only where the next line is typed"),
      Map.entry("export ", "a variable of a shell"),
      Map.entry("source /usr/local/Ascend/", "CANN's variables"),
      Map.entry("groupadd ", "as root: CANN's users"),
      Map.entry("./Ascend-", "CANN's installers"),
      Map.entry("reboot", "as root"),
      Map.entry("npu-smi ", "CANN's"),
      Map.entry("tar xf ", "of what the build made"),
      Map.entry("python3 -m venv ", "Python's"),
      Map.entry("cuda/bin/pip ", "Python's"),
      Map.entry("bench/gpu-pack.sh", "packs 180 MB for a machine with a GPU"),
      Map.entry("bench/out/gpu.sh ", "for a machine with a GPU"));

  /** Options of others. */
  private static final Set<String> FOREIGN_OPTIONS = Set.of(
      "--use_cuda",
      "--use_cann",
      "--build_shared_lib", // ONNX Runtime's build
      "--shard_id",
      "--num_shards",
      "--init_method",
      "--cfg", // SlowFast's
      "--kill-on-bad-exit",
      "--mpi", // srun's
      "--bind-to",
      "--hostfile",
      "--map-by", // Open MPI's
      "--piece",
      "--store",
      "--budget",
      "--have",
      "--dry-run", // bench/gpu-pack.sh and gpu.sh
      "--data_path",
      "--pth_path", // the seed project's scripts
      "--enable-native-access",
      "--add-modules"); // java's

  @TempDir
  static Path folder;

  private static DocsSandbox sandbox;

  private static final Map<List<String>, Served> SERVERS = new LinkedHashMap<>();

  @BeforeAll
  static void fill() throws Exception {
    sandbox = new DocsSandbox(folder);
  }

  @AfterAll
  static void stop() {
    SERVERS.values().forEach(Served::close);
  }

  private static List<ShownCommand> shown() {
    CommandLine tools = Program.of(new ToolsCommand());
    return DocsPages.all().stream()
        .flatMap(page -> DocsPages.code(page).stream())
        .filter(code -> code.form() != DocsPages.Form.HEADING)
        .flatMap(code -> ShownCommand.of(code, tools).stream())
        .toList();
  }

  @TestFactory
  Stream<DynamicTest> everyCommandShownRuns() {
    Map<String, DynamicTest> once = new LinkedHashMap<>();
    for (ShownCommand shown : shown()) {
      ShownCommand command = DocsSandbox.complete(shown);
      once.putIfAbsent(
          sandbox.key(command),
          DynamicTest.dynamicTest(command.code().toString(), () -> run(command)));
      if (onDevice(command)) {
        ShownCommand other = onCpu(command);
        once.putIfAbsent(
            sandbox.key(other),
            DynamicTest.dynamicTest(
                command.code() + " (on the CPU)", () -> execute(other).succeeded()));
      }
    }
    assertTrue(once.size() > 60, once.keySet().toString());
    once.keySet().removeAll(sandbox.done());
    return once.values().stream();
  }

  private static void run(ShownCommand command) throws Exception {
    assertEquals(List.of(), command.unknownToLauncher());
    if (command.program().equals("curl")) {
      ask(command.words());
    } else if (command.program().equals("x3d-serve") && !command.has("--help")) {
      HttpRequest request =
          HttpRequest.newBuilder(served(command).address.resolve("/readyz")).build();
      assertEquals(200, send(request).statusCode());
    } else if (onDevice(command)) {
      assertRefused(command, execute(command));
    } else {
      execute(command).succeeded();
    }
  }

  private static Cli execute(ShownCommand command) throws IOException {
    List<String> words = new ArrayList<>(sandbox.words(command));
    assertPlaced(words);
    if (command.has("--server")) {
      words.set(words.indexOf("--server") + 1, usualServer().toString());
    }
    return Cli.of(DocsSandbox.program(command), words.toArray());
  }

  /** What is written goes to the sandbox, or the table of the sandbox lacks a name. */
  private static void assertPlaced(List<String> words) {
    for (int i = 0; i + 1 < words.size(); i++) {
      if (words.get(i).matches("--out|--output|--cache|--measure")) {
        assertTrue(Path.of(words.get(i + 1)).isAbsolute(), "whose name is " + words.get(i + 1));
      }
    }
  }

  /** No machine of ours is sure to have one. */
  private static boolean onDevice(ShownCommand command) {
    return Pattern.compile("--ep (cuda|cann)").matcher(command.toString()).find()
        && !command.begins("check-graph");
  }

  private static void assertRefused(ShownCommand command, Cli cli) {
    assertEquals(1, cli.exit(), cli.err());
    if (command.begins("devices")) {
      assertTrue(cli.out().contains("cannot be used"), cli.out());
    } else {
      assertEquals(1, cli.err().lines().count(), cli.err());
      assertTrue(cli.err().matches("(?is)x3d-.*(cuda|cann).*"), cli.err());
    }
  }

  /** The same without what only devices have: a number, and options. */
  private static ShownCommand onCpu(ShownCommand command) {
    List<String> words = new ArrayList<>(command.words());
    words.set(words.indexOf("--ep") + 1, "cpu");
    for (String option : List.of("--ep-option", "--devices")) {
      int at = words.indexOf(option);
      if (at >= 0) {
        words.subList(at, at + 2).clear();
      }
    }
    return new ShownCommand(command.code(), command.launcher(), command.program(), words);
  }

  /** {@code curl -F FIELD=@FILE URL}. */
  private static void ask(List<String> words) throws Exception {
    assertEquals(3, words.size(), "teach this test more of curl: " + words);
    assertEquals("-F", words.get(0));
    Matcher field = Pattern.compile("(\\w+)=@(.+)").matcher(words.get(1));
    Matcher address = Pattern.compile("(?:http://)?localhost:8080(/.*)").matcher(words.get(2));
    assertTrue(field.matches() && address.matches(), words.toString());
    String boundary = "x3d-docs";
    HttpRequest.BodyPublisher body = BodyPublishers.concat(
        BodyPublishers.ofString("--" + boundary + "\r\nContent-Disposition: form-data; name=\""
            + field.group(1) + "\"; filename=\"" + field.group(2) + "\"\r\n\r\n"),
        BodyPublishers.ofFile(folder.resolve("part_0.mp4")),
        BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"));
    HttpResponse<String> answer =
        send(HttpRequest.newBuilder(usualServer().resolve(address.group(1)))
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(body)
            .build());
    assertEquals(200, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains("\"probability\""), answer.body());
  }

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }

  /** The one that the docs have on port 8080. */
  private static URI usualServer() throws IOException {
    return served(DocsSandbox.complete(new ShownCommand(null, List.of(), "x3d-serve", List.of())))
        .address;
  }

  /** One that runs already, or is started. */
  private static Served served(ShownCommand command) throws IOException {
    List<String> words = sandbox.words(command);
    if (!SERVERS.containsKey(words)) {
      SERVERS.put(words, new Served(words));
    }
    return SERVERS.get(words);
  }

  /** A server in a process of its own, which is told to stop at the end. */
  private static final class Served {
    private final Process process;
    final URI address;

    Served(List<String> words) throws IOException {
      List<String> command = new ArrayList<>(List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "--add-modules",
          "jdk.incubator.vector",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-cp",
          System.getProperty("java.class.path"),
          ServeCommand.class.getName()));
      command.addAll(words);
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
      address = ready(process.inputReader());
    }

    private static URI ready(BufferedReader out) throws IOException {
      List<String> said = new ArrayList<>();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        said.add(line);
        Matcher place = Pattern.compile("x3d-serve: .* at (http://\\S+)").matcher(line);
        if (place.matches()) {
          return URI.create(place.group(1));
        }
      }
      throw new AssertionError(said);
    }

    void close() {
      process.destroy();
      try {
        assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it does not stop");
        assertEquals(128 + 15, process.exitValue());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        process.destroyForcibly();
      }
    }
  }

  @Test
  void everyLineOfABlockIsACommandOfOursOrKnownToBeAnothers() {
    CommandLine tools = Program.of(new ToolsCommand());
    List<DocsPages.Code> unknown = DocsPages.all().stream()
        .flatMap(page -> DocsPages.code(page).stream())
        .filter(code -> code.form() == DocsPages.Form.BLOCK && !code.text().isBlank())
        .filter(code -> ShownCommand.of(code, tools).isEmpty())
        .filter(code -> FOREIGN.keySet().stream().noneMatch(code.text().strip()::startsWith))
        .toList();
    assertEquals(List.of(), unknown);
  }

  @Test
  void headingsNameCommandsAndOptionsThatThereAre() {
    CommandLine tools = Program.of(new ToolsCommand());
    List<String> wrong = new ArrayList<>();
    for (Path page : DocsPages.all()) {
      for (DocsPages.Code code : DocsPages.code(page)) {
        if (code.form() == DocsPages.Form.HEADING) {
          ShownCommand.ofHeading(code, tools).forEach(each -> wrong.addAll(unknown(code, each)));
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  private static List<String> unknown(DocsPages.Code code, ShownCommand command) {
    CommandSpec spec = DocsSandbox.spec(command);
    return DocsPages.options(code).stream()
        .filter(option -> spec.findOption(option) == null)
        .map(option -> code + " has no " + option)
        .toList();
  }

  @Test
  void everyOptionNamedIsOneOfSomeCommand() {
    Set<String> known = new TreeSet<>(FOREIGN_OPTIONS);
    for (Object program : List.of(new ToolsCommand(), new TrainCommand(), new ServeCommand())) {
      collect(Program.of(program).getCommandSpec(), known);
    }
    List<String> wrong = DocsPages.all().stream()
        .flatMap(page -> DocsPages.code(page).stream())
        .filter(code -> code.form() != DocsPages.Form.BLOCK)
        .flatMap(code -> DocsPages.options(code).stream()
            .filter(option -> !known.contains(option))
            .map(option -> option + " in " + code))
        .toList();
    assertEquals(List.of(), wrong);
  }

  private static void collect(CommandSpec spec, Set<String> names) {
    spec.optionsMap().keySet().forEach(names::add);
    spec.subcommands().values().forEach(line -> collect(line.getCommandSpec(), names));
  }

  @Test
  void everyLinkLeadsToAFileAndAHeading() {
    List<DocsPages.Link> broken = DocsPages.all().stream()
        .flatMap(page -> DocsPages.links(page).stream())
        .filter(link -> !leads(link))
        .toList();
    assertEquals(List.of(), broken);
  }

  private static boolean leads(DocsPages.Link link) {
    String[] parts = link.target().split("#", 2);
    Path file =
        parts[0].isEmpty() ? link.page() : link.page().resolveSibling(parts[0]).normalize();
    return Files.exists(file) && (parts.length == 1 || DocsPages.anchors(file).contains(parts[1]));
  }

  @Test
  void theReadmeLeadsToEveryPage() {
    Path readme = DocsPages.ROOT.resolve("README.md");
    Set<String> linked = DocsPages.links(readme).stream()
        .map(link -> link.target().replaceFirst("#.*", ""))
        .collect(Collectors.toSet());
    List<String> pages =
        DocsPages.docs().stream().map(page -> "docs/" + page.getFileName()).toList();
    assertEquals(
        List.of(), pages.stream().filter(page -> !linked.contains(page)).toList());
  }
}
