package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.classify.SmallModel;
import x3d.runtime.Device;
import x3d.serve.SelfSigned;
import x3d.serve.Server;
import x3d.serve.ServerOptions;
import x3d.serve.http.Listener;
import x3d.serve.model.ModelFile;

/** {@code classify --server} with a real server in this process, and a slow one where it is killed. */
final class RemoteClassifyTest {
  private static final String KEY = "a-key-that-nobody-may-see";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir
  static Path folder;

  static Path model;
  /** Holds what has spaces and letters that are not ASCII. */
  static Path videos;

  static Path mp4;
  static Path avi;
  static Path corrupted;
  static Path keys;
  static Server server;
  static String url;

  @BeforeAll
  static void start() throws IOException {
    model = SmallModel.writeTo(folder);
    mp4 = SmallModel.video("part_0.mp4", folder);
    avi = SmallModel.video("test.avi", folder);
    corrupted = SmallModel.video("corrupted.mp4", folder);
    videos = Files.createDirectories(folder.resolve("my vidéos/плавание 100%"));
    Files.copy(mp4, videos.resolve("a, \"b\" +c&d.mp4"));
    Files.copy(avi, videos.getParent().resolve("über.avi"));
    Files.copy(corrupted, videos.getParent().resolve("zerstört.mp4"));
    Files.writeString(videos.resolve("notes.txt"), "no video");
    Files.writeString(videos.resolve(".hidden.mp4"), "no video");
    videos = videos.getParent();
    keys = Files.writeString(folder.resolve("keys"), "# of the test\n" + KEY + "\n");
    server = Server.start(ServerOptions.of(model, List.of(Device.cpu(1)))
        .with(List.of(ModelFile.of("small=" + model), ModelFile.of("other=" + model)))
        .with(new ServerOptions.Access(Optional.of(keys), Set.of())));
    url = "http://127.0.0.1:" + server.port();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Cli ask(Object... arguments) {
    List<Object> call = new ArrayList<>(List.of("classify", "--server", url));
    call.addAll(List.of("--api-key-file", keys));
    call.addAll(List.of(arguments));
    return Cli.run(call.toArray());
  }

  /** Without what differs from one run to the next. */
  private static JsonNode bare(String line) throws IOException {
    ObjectNode node = (ObjectNode) JSON.readTree(line);
    return node.remove(List.of("decodeMs", "inferenceMs", "model", "modelVersion"));
  }

  private static List<JsonNode> bare(List<String> lines) throws IOException {
    List<JsonNode> nodes = new ArrayList<>();
    for (String line : lines) {
      nodes.add(bare(line));
    }
    return nodes;
  }

  @Test
  void theLinesAreThoseOfALocalModelToTheLastDigitAndInTheOrderOfTheVideos() throws IOException {
    Object[] question = {mp4, avi, mp4, "--top", 7, "--views", 4, "--json"};
    List<Object> local = new ArrayList<>(List.of("classify", "--model", model));
    local.addAll(List.of(question));
    Cli here = Cli.run(local.toArray()).succeeded();
    Cli there = ask(question).succeeded();
    for (int i = 0; i < 3; i++) {
      assertEquals(
          bare(here.out().lines().toList().get(i)),
          bare(there.out().lines().toList().get(i)));
    }
    List<String> names = new ArrayList<>();
    there.json(0).fieldNames().forEachRemaining(names::add);
    assertEquals(
        List.of(
            "video",
            "frames",
            "fps",
            "views",
            "crops",
            "top",
            "decodeMs",
            "inferenceMs",
            "model",
            "modelVersion"),
        names);
    assertEquals("small", there.json(0).get("model").asText());
  }

  @Test
  void wordsAreThoseOfALocalModelToo() {
    Cli here = Cli.run("classify", "--model", model, mp4, avi).succeeded();
    assertEquals(here.out(), ask(mp4, avi).succeeded().out());
  }

  @Test
  void brokenEmptyAndMissingVideosAreNamedAndTheOthersAnswered() throws IOException {
    Path empty = Files.write(folder.resolve("empty.mp4"), new byte[0]);
    Cli cli = ask(corrupted, mp4, empty, folder.resolve("none.mp4"), "--json");
    assertEquals(1, cli.exit());
    assertTrue(
        cli.json(0).get("error").asText().startsWith("corrupted.mp4: not a video that can be used"),
        cli.out());
    assertEquals(5, cli.json(1).get("top").size());
    assertEquals("empty.mp4: the file is empty", cli.json(2).get("error").asText());
    assertEquals(
        "none.mp4: no such file, or it may not be read",
        cli.json(3).get("error").asText());
    Cli words = ask(corrupted);
    assertEquals(1, words.exit());
    assertTrue(words.err().startsWith("x3d-tools classify: corrupted.mp4: "), words.err());
    assertEquals("", words.out());
  }

  @Test
  void foldersAndListsHoldNamesWithSpacesAndLettersOfAllKinds() throws IOException {
    Path list = Files.writeString(
        folder.resolve("list.txt"), videos.resolve("über.avi") + "\n" + videos + "\n");
    for (Object named : List.of(videos, "@" + list)) {
      Cli local = Cli.run("classify", "--model", model, named, "--json");
      Cli remote = ask(named, "--json");
      assertEquals(1, local.exit());
      assertEquals(1, remote.exit());
      List<String> here = local.out().lines().toList();
      List<String> there = remote.out().lines().toList();
      assertEquals(named.equals(videos) ? 3 : 4, here.size());
      for (int i = 0; i < here.size(); i++) {
        JsonNode answer = bare(there.get(i));
        if (answer.has("error")) {
          assertEquals(JSON.readTree(here.get(i)).get("video"), answer.get("video"));
        } else {
          assertEquals(bare(here.get(i)), answer);
        }
      }
    }
    Path nothing = Files.createDirectory(folder.resolve("nothing here"));
    assertEquals(
        "x3d-tools classify: " + nothing + ": no video is in this folder or below\n",
        ask(nothing).err());
  }

  @Test
  void aTableAndLinesHoldTheSame() throws IOException {
    Path table = folder.resolve("answers.csv");
    Path lines = folder.resolve("answers.jsonl");
    assertEquals(1, ask(videos, "--top", 2, "--out", table).exit());
    Cli cli = ask(videos, "--top", 2, "--out", lines);
    assertEquals(1, cli.exit());
    assertEquals("videos 3\nfailed 1\nfile   " + lines + "\n", cli.out());
    assertTrue(cli.err().contains("x3d-tools classify: zerstört.mp4: "), cli.err());
    TreeMap<String, JsonNode> answers = new TreeMap<>();
    for (String line : Files.readAllLines(lines)) {
      answers.put(JSON.readTree(line).get("video").asText(), JSON.readTree(line));
    }
    try (CSVParser rows = CSVParser.parse(
        Files.readString(table),
        CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get())) {
      for (CSVRecord row : rows) {
        JsonNode answer = answers.remove(row.get("video"));
        assertEquals(answer.path("error").asText(), row.get("error"));
        assertEquals(answer.path("frames").asText(), row.get("frames"));
        assertEquals(answer.path("fps").asText(), row.get("fps"));
        for (int i = 0; i < 2; i++) {
          JsonNode top = answer.path("top").path(i);
          assertEquals(top.path("name").asText(), row.get("name" + (i + 1)));
          assertEquals(top.path("label").asText(), row.get("label" + (i + 1)));
          if (!answer.has("error")) {
            assertEquals(
                top.get("probability").floatValue(),
                Float.parseFloat(row.get("probability" + (i + 1))));
          }
        }
      }
    }
    assertEquals(Set.of(), answers.keySet());
  }

  @Test
  void aFinishedFileIsNotAskedAboutAgainAndItsFailuresStillCount() throws Exception {
    Path lines = folder.resolve("again.jsonl");
    assertEquals(1, ask(videos, "--out", lines).exit());
    List<String> before = Files.readAllLines(lines);
    Cli again = ask(videos, "--out", lines);
    assertEquals(1, again.exit());
    assertTrue(again.err().startsWith("3 of 3 were answered before: " + lines), again.err());
    assertTrue(again.err().contains("zerstört.mp4: "), again.err());
    assertEquals(before, Files.readAllLines(lines));
    Cli other = ask(videos, "--views", 2, "--out", lines);
    assertEquals(1, other.exit());
    assertEquals(
        "x3d-tools classify: " + lines + ": it has answers of the model 'small', 3 views, 1 crops"
            + " and 5 classes, and now the model 'small', 2 views, 1 crops and 5 classes are asked"
            + " for; use another --out FILE\n",
        other.err());
  }

  @Test
  void aModelIsAskedByItsName() throws IOException {
    assertEquals(
        "other",
        ask(mp4, "--model-name", "other", "--json")
            .succeeded()
            .json(0)
            .get("model")
            .asText());
    Cli unknown = ask(mp4, "--model-name", "third");
    assertEquals(1, unknown.exit());
    assertEquals(
        "x3d-tools classify: " + url + " has no model 'third'; it has small, other\n",
        unknown.err());
  }

  @Test
  void aWrongKeyOrQuestionEndsAllInOneLineThatDoesNotShowIt() throws IOException {
    Path wrong = Files.writeString(folder.resolve("wrong"), KEY + "2\n");
    Cli cli = Cli.run("classify", "--server", url, "--api-key-file", wrong, mp4, avi);
    assertEquals(1, cli.exit());
    assertEquals(1, cli.err().lines().count(), cli.err());
    assertTrue(cli.err().contains("answered 401: "), cli.err());
    assertFalse((cli.err() + cli.out()).contains(KEY));
    Cli views = ask(mp4, avi, "--views", 1000);
    assertEquals(1, views.exit());
    assertEquals(1, views.err().lines().count(), views.err());
    assertTrue(views.err().contains("answered 400: query parameter views"), views.err());
    Cli empty = Cli.run(
        "classify", "--server", url, "--api-key-file", Files.createFile(folder.resolve("no")), mp4);
    assertTrue(empty.err().contains("holds no key"), empty.err());
  }

  @Test
  void certificatesThatAFileHoldsAreTrustedAndNoOthers() throws Exception {
    SelfSigned own = SelfSigned.in(folder, "own");
    Listener listener = Listener.onPort(0).with(own.certificate(), own.key());
    try (Server secure =
        Server.start(ServerOptions.of(model, List.of(Device.cpu(1))).with(listener))) {
      String address = "https://localhost:" + secure.port();
      Cli.run("classify", "--server", address, "--cacert", own.certificate(), mp4)
          .succeeded();
      Cli distrusting = Cli.run("classify", "--server", address, mp4);
      assertEquals(1, distrusting.exit());
      assertTrue(
          distrusting
              .err()
              .startsWith("x3d-tools classify: " + address + ": its TLS is not accepted: "),
          distrusting.err());
      Cli wrong = Cli.run("classify", "--server", address, "--cacert", own.key(), mp4);
      assertEquals(1, wrong.exit());
      assertEquals(1, wrong.err().lines().count(), wrong.err());
      assertTrue(wrong.err().startsWith("x3d-tools classify: " + own.key() + " "), wrong.err());
    }
  }

  @Test
  void aServerThatIsNotThereIsSaidInOneLine() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Cli cli = Cli.run("classify", "--server", "http://127.0.0.1:" + port, "--retries", 0, mp4, avi);
    assertEquals(1, cli.exit());
    assertEquals(
        "x3d-tools classify: http://127.0.0.1:" + port
            + " cannot be reached: it takes no connection\n",
        cli.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--model m.onnx",
        "--checkpoint m.pyth",
        "--threads 1",
        "--ep cpu",
        "--out answers.txt",
        "--concurrency 0",
        "--cacert cert.pem",
        "--timeout 0",
        "--retries -1"
      })
  void whatDoesNotGoWithAServerIsAWrongCall(String options) {
    List<Object> call = new ArrayList<>(List.of("classify", "--server", url, mp4));
    call.addAll(List.of(options.split(" ")));
    Cli cli = Cli.run(call.toArray());
    assertEquals(2, cli.exit(), cli.err());
  }

  @Test
  void optionsOfAServerWithoutOneAreAWrongCall() {
    Cli cli = Cli.run("classify", "--model", model, "--out", folder.resolve("x.jsonl"), mp4);
    assertEquals(2, cli.exit());
    assertTrue(cli.err().contains("--server"), cli.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"killed.jsonl", "killed.csv"})
  void killedInTheMiddleAndCalledAgainItHasALineForEachVideo(String name) throws Exception {
    List<Path> many = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      many.add(Files.writeString(folder.resolve(name + " " + i + ".mp4"), "to a stub all is one"));
    }
    Path list = Files.write(
        folder.resolve(name + ".txt"), many.stream().map(Path::toString).toList());
    Path out = folder.resolve(name);
    try (SlowServer slow = SlowServer.start(60)) {
      String[] call = {
        "classify",
        "--server",
        slow.url(),
        "--concurrency",
        "2",
        "--out",
        out.toString(),
        "@" + list
      };
      List<String> command = new ArrayList<>(List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-XX:TieredStopAtLevel=1",
          "-cp",
          System.getProperty("java.class.path"),
          ToolsCommand.class.getName()));
      command.addAll(List.of(call));
      Process process = new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(folder.resolve(name + ".log").toFile())
          .start();
      while (process.isAlive()
          && (Files.notExists(out) || Files.readAllLines(out).size() < 5)) {
        Thread.sleep(5);
      }
      process.destroyForcibly();
      assertEquals(137, process.waitFor(), Files.readString(folder.resolve(name + ".log")));
      int before = Files.readAllLines(out).size();
      assertTrue(before >= 5 && before < 24, before + " lines");
      Cli again = Cli.run((Object[]) call).succeeded();
      assertTrue(again.err().contains(" of 24 were answered before: "), again.err());
      assertTrue(slow.asked() <= 24 + 2, slow.asked() + " requests");
    }
    String text = Files.readString(out);
    assertEquals(name.endsWith("csv") ? 25 : 24, text.lines().count());
    for (int i : IntStream.range(0, 24).toArray()) {
      assertEquals(
          1,
          text.lines().filter(line -> line.contains(name + " " + i + ".mp4")).count(),
          "lines of " + i);
    }
  }
}
