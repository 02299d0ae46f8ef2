package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
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

  @BeforeAll
  static void fill() throws Exception {
    sandbox = new DocsSandbox(folder);
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
    Map<String, ShownCommand> once = new LinkedHashMap<>();
    for (ShownCommand command : shown()) {
      ShownCommand whole = DocsSandbox.complete(command);
      once.putIfAbsent(whole.toString(), whole);
    }
    assertTrue(once.size() > 60, once.keySet().toString());
    return once.values().stream()
        .map(command -> DynamicTest.dynamicTest(command.code().toString(), () -> run(command)));
  }

  private static void run(ShownCommand command) throws Exception {
    assertEquals(List.of(), command.unknownToLauncher());
    if (command.program().equals("curl")) {
      ask(command.words());
    } else if (command.program().equals("x3d-serve") && !command.has("--help")) {
      try (Served served = new Served(sandbox.words(command))) {
        assertEquals(200, served.ask("/readyz"));
      }
    } else if (onDevice(command)) {
      refused(execute(command));
      execute(onCpu(command)).succeeded();
    } else {
      execute(command).succeeded();
    }
  }

  private static Cli execute(ShownCommand command) {
    List<String> words = sandbox.words(command);
    assertPlaced(DocsSandbox.spec(command), words);
    return Cli.of(DocsSandbox.program(command), words.toArray());
  }

  /** What is written goes to the sandbox, or the table of the sandbox lacks a name. */
  private static void assertPlaced(CommandSpec spec, List<String> words) {
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

  private static void refused(Cli cli) {
    assertEquals(1, cli.exit(), cli.err());
    assertEquals(1, cli.err().lines().count(), cli.err());
    assertTrue(cli.err().matches("(?s)x3d-.*(CUDA|CANN|cuda|cann).*"), cli.err());
  }

  private static ShownCommand onCpu(ShownCommand command) {
    List<String> words = new ArrayList<>(command.words());
    words.set(words.indexOf("--ep") + 1, "cpu");
    int option = words.indexOf("--ep-option");
    if (option >= 0) {
      words.subList(option, option + 2).clear();
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
    List<String> serve = sandbox.words(
        DocsSandbox.complete(new ShownCommand(null, List.of(), "x3d-serve", List.of())));
    try (Served served = new Served(serve)) {
      var answer = HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(served.address.resolve(address.group(1)))
                  .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                  .POST(body)
                  .build(),
              BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer.body());
      assertTrue(answer.body().contains("\"probability\""), answer.body());
    }
  }

  /** A server in a process of its own, which is told to stop at the end. */
  private static final class Served implements AutoCloseable {
    private final Process process;
    final URI address;

    Served(List<String> words) throws IOException {
      List<String> command = new ArrayList<>(List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "--add-modules",
          "jdk.incubator.vector",
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

    int ask(String path) throws IOException, InterruptedException {
      HttpRequest request = HttpRequest.newBuilder(address.resolve(path)).build();
      return HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode();
    }

    @Override
    public void close() {
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
          ShownCommand.of(code, tools).ifPresent(command -> wrong.addAll(unknown(code, command)));
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
