package x3d.serve.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.classify.SmallModel;
import x3d.runtime.Device;
import x3d.serve.Server;
import x3d.serve.ServerOptions;
import x3d.serve.model.ModelFile;
import x3d.serve.upload.Limits;

/** The pages as people meet them, in Chromium. Pictures of them are left in {@code target/pages}. */
final class PageTest {
  private static final int MOST = 1 << 20;
  private static final String KEY = "a key of the tests";
  private static final String ANSWERED = "!document.getElementById('answer').hidden";
  private static final String PROBLEM = "!document.getElementById('problem').hidden";

  @TempDir
  static Path folder;

  static Path video;
  static Server server;
  static Server keyed;
  static Browser browser;

  @BeforeAll
  static void start() throws Exception {
    video = SmallModel.video("part_0.mp4", folder);
    Path model = SmallModel.writeTo(folder);
    ServerOptions options =
        ServerOptions.of(model, List.of(Device.cpu(1))).with(Limits.USUAL.withBytes(MOST));
    server = Server.start(options);
    keyed = Server.start(options
        .with(List.of(ModelFile.of("first=" + model), ModelFile.of("second=" + model)))
        .with(new ServerOptions.Access(
            Optional.of(Files.writeString(folder.resolve("keys"), KEY)), Set.of()))
        .with(Files.createDirectory(folder.resolve("keyed"))));
    browser = new Browser(folder.resolve("profile"));
  }

  @AfterAll
  static void stop() throws Exception {
    browser.close();
    server.close();
    keyed.close();
  }

  @BeforeEach
  void openThePage() throws Exception {
    browser.network(false, -1);
    browser.prefer("light");
    browser.size(1100, 1250);
    browser.open(at(server, "/"));
    browser.await("!document.getElementById('facts').hidden");
  }

  @AfterEach
  void nothingIsOnTheConsole() {
    assertEquals(List.of(), browser.complaints());
  }

  private static String at(Server where, String path) {
    return "http://127.0.0.1:" + where.port() + path;
  }

  private static HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(at(server, path)));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }

  /** What programs are told of the video. */
  private static JsonNode told() throws Exception {
    HttpRequest request = HttpRequest.newBuilder(
            URI.create(at(server, "/v1/classify?perView=true")))
        .header("Content-Type", "video/mp4")
        .POST(BodyPublishers.ofFile(video))
        .build();
    return new ObjectMapper()
        .readTree(
            HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body());
  }

  private static void dropAndAwait() throws Exception {
    browser.drop("#drop", video);
    browser.await(ANSWERED + " && document.getElementById('video').readyState > 1");
  }

  @Test
  void aDroppedVideoPlaysBesideTheAnswerThatProgramsGet() throws Exception {
    dropAndAwait();
    JsonNode told = told();
    JsonNode shown = browser.value(
        "(() => { const texts = (all) => [...document.querySelectorAll(all)]"
            + ".map((one) => one.textContent); return {title: texts('#answer-title')[0], top: texts('#top .name'),"
            + " shares: texts('#top .share'), views: texts('#views .name'), spans:"
            + " [...document.querySelectorAll('#views .span')].map((one) => [one.style.left, one.style.width]),"
            + " bars: [...document.querySelectorAll('#top .bar')].map((one) => parseFloat(one.style.width))}; })()");
    assertEquals(told.at("/top/0/name"), shown.get("title"));
    assertEquals(told.get("top").findValues("name"), list(shown.get("top")));
    for (int i = 0; i < 5; i++) {
      double percent = 100 * told.at("/top/" + i + "/probability").asDouble();
      assertEquals(percent, shown.get("bars").get(i).asDouble(), 0.01);
      assertEquals(
          percent, Double.parseDouble(shown.get("shares").get(i).asText().replace("%", "")), 0.051);
    }
    assertEquals(3, shown.get("views").size());
    double seconds = told.get("frames").asInt() / told.get("fps").asDouble();
    for (int i = 0; i < 3; i++) {
      JsonNode view = told.at("/perView/" + i);
      assertEquals(view.at("/top/0/name"), shown.get("views").get(i));
      double start = view.get("startSeconds").asDouble();
      double end = view.get("endSeconds").asDouble();
      JsonNode span = shown.get("spans").get(i);
      assertEquals(100 * start / seconds, number(span.get(0)), 0.01);
      assertEquals(100 * (end - start) / seconds, number(span.get(1)), 0.01);
    }
    assertTrue(
        browser.text("#status").startsWith(told.at("/top/0/name").asText() + ", "),
        browser.text("#status"));
    browser.picture("answer");
  }

  private static List<JsonNode> list(JsonNode array) {
    List<JsonNode> all = new ArrayList<>();
    array.forEach(all::add);
    return all;
  }

  private static double number(JsonNode percent) {
    return Double.parseDouble(percent.asText().replace("%", ""));
  }

  @Test
  void progressOfTheUploadIsSeenAndItCanBeCancelled() throws Exception {
    browser.network(false, 80_000);
    browser.drop("#drop", video);
    browser.await("document.getElementById('progress').value > 0.1"
        + " && document.getElementById('progress').value < 0.9");
    assertEquals("Sending part_0.mp4", browser.text("#status"));
    browser.picture("progress");
    browser.click("#cancel");
    browser.await("document.getElementById('status').innerText === 'Cancelled.'");
    browser.network(false, -1);
    browser.click("#again");
    browser.await(ANSWERED);
  }

  private static void awaitFirstFrameOf(int view) throws Exception {
    JsonNode told = told();
    double frames = told.at("/perView/" + view + "/startSeconds").asDouble()
        * told.get("fps").asDouble();
    browser.await("Math.floor(document.getElementById('video').currentTime * "
        + told.get("fps").asDouble() + ") === " + Math.round(frames));
  }

  @Test
  void aClickOnAViewSeeksTheVideoThere() throws Exception {
    dropAndAwait();
    browser.click("#views li:last-child button");
    awaitFirstFrameOf(2);
    browser.await(
        "document.querySelector('#views li:last-child button').classList.contains('now')");
  }

  @Test
  void keysAloneDoItAll() throws Exception {
    browser.tabTo("#file");
    browser.press("Enter");
    browser.choose(video);
    browser.await(ANSWERED + " && document.getElementById('video').readyState > 1");
    browser.tabTo("#views li:nth-child(2) button");
    browser.press("Enter");
    awaitFirstFrameOf(1);
    browser.picture("keys");
    browser.value("document.getElementById('again').focus()");
    browser.press("Enter");
    browser.await(ANSWERED + " && document.activeElement.id === 'again'");
    browser.tabTo("#curl button");
    browser.press("Enter");
    browser.await("document.querySelector('#curl button').innerText !== 'Copy'");
  }

  @Test
  void whatTheServerRefusesIsToldInItsWords() throws Exception {
    browser.drop("#drop", Files.writeString(folder.resolve("text.mp4"), "this is no video"));
    browser.await(PROBLEM);
    assertTrue(
        browser.text("#problem").startsWith("The video cannot be used\n"),
        browser.text("#problem"));
    browser.picture("problem");
    browser.drop("#drop", video);
    browser.await(ANSWERED);
    assertFalse(browser.value(PROBLEM).asBoolean());
  }

  @Test
  void tooLargeFilesAreNotSent() throws Exception {
    browser.drop("#drop", Files.write(folder.resolve("large.mp4"), new byte[MOST + 1]));
    browser.await(PROBLEM);
    assertEquals(
        "The video is too large\nlarge.mp4 has 1 MiB, and this server takes 1 MiB at most.",
        browser.text("#problem").replaceAll("\n+", "\n"));
    assertEquals(
        0,
        browser
            .value("performance.getEntriesByType('resource')"
                + ".filter((one) => one.name.includes('classify')).length")
            .asInt());
  }

  @Test
  void aServerThatCannotBeReachedIsToldAndCanBeAskedAgain() throws Exception {
    browser.network(true, -1);
    browser.drop("#drop", video);
    browser.await(PROBLEM);
    assertTrue(
        browser.text("#problem").startsWith("The server cannot be reached\n"),
        browser.text("#problem"));
    browser.network(false, -1);
    browser.click("#again");
    browser.await(ANSWERED);
  }

  @Test
  void formatsThatTheBrowserCannotPlayAreAnsweredAllTheSame() throws Exception {
    browser.drop("#drop", SmallModel.video("test.avi", folder));
    browser.await(ANSWERED + " && !document.getElementById('unplayable').hidden");
    assertTrue(browser.value("document.querySelector('#views button').disabled").asBoolean());
    browser.picture("unplayable");
  }

  @Test
  void aServerWithKeysAsksForOneAndSeveralModelsCanBeChosen() throws Exception {
    browser.open(at(keyed, "/"));
    browser.await("document.activeElement.id === 'key'");
    browser.type("a wrong one");
    browser.press("Enter");
    browser.await("document.getElementById('key-why').innerText.includes('none of those known')");
    browser.value("document.getElementById('key').select()");
    browser.type(KEY);
    browser.press("Enter");
    browser.await("!document.getElementById('facts').hidden");
    assertTrue(browser.value("document.getElementById('key-form').hidden").asBoolean());
    browser.value("(() => { const model = document.getElementById('model');"
        + " model.value = 'second'; model.dispatchEvent(new Event('change')); })()");
    dropAndAwait();
    assertTrue(browser.text("#cost").endsWith(" by second, version 1."), browser.text("#cost"));
    assertEquals(
        "curl -H \"X-API-Key: $X3D_KEY\" -F video=@part_0.mp4 '"
            + at(keyed, "/v1/classify?top=5&perView=true&model=second") + "'",
        browser.text("#curl code"));
    browser.picture("models");
  }

  @Test
  void theCommandIsOneThatAShellAndCurlRead() throws Exception {
    Path odd = Files.copy(video, folder.resolve("it's; one, of $mine.mp4"));
    browser.drop("#drop", odd);
    browser.await(ANSWERED);
    Process shell = new ProcessBuilder("sh", "-c", browser.text("#curl code") + " -sS")
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .start();
    String said = new String(shell.getInputStream().readAllBytes());
    assertEquals(told().get("top"), new ObjectMapper().readTree(said).get("top"), said);
  }

  @ParameterizedTest
  @CsvSource({"light, /", "dark, /", "dark, /docs"})
  void pagesFitAPhone(String scheme, String path) throws Exception {
    browser.prefer(scheme);
    browser.size(375, 1800);
    browser.open(at(server, path));
    if (path.equals("/")) {
      dropAndAwait();
    } else {
      browser.await("document.querySelectorAll('details').length > 10");
      browser.value("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    }
    assertEquals(375, browser.value("document.documentElement.scrollWidth").asInt());
    browser.picture("phone-" + scheme + (path.equals("/") ? "" : "-docs"));
  }

  @Test
  void operationsAreTriedFromTheirDocument() throws Exception {
    browser.open(at(server, "/docs"));
    browser.await("document.querySelectorAll('details').length > 10");
    browser.click("#classify summary");
    browser.click("#classify input[type=file]");
    browser.choose(video);
    browser.await("document.querySelector('#classify pre code').innerText"
        + ".includes('video=@part_0.mp4')");
    browser.click("#classify button[type=submit]");
    browser.await(
        "document.querySelector('#classify .output').innerText.includes('\"frames\": 32')");
    browser.picture("docs");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/docs", "/page/app.js", "/page/page.css"})
  void pagesAllowNoOtherSourcesAndAreSentOnce(String path) throws Exception {
    HttpResponse<String> response = get(path);
    assertEquals(200, response.statusCode());
    String policy = response.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.startsWith("default-src 'none'; script-src 'self';"), policy);
    assertFalse(policy.contains("unsafe"), policy);
    assertFalse(response.body().matches("(?s).*(https?:)?//[a-z].*"), "an external host");
    assertFalse(response.body().matches("(?s).*<[^>]+ (style|on[a-z]+)=.*"), "inline code");
    String tag = response.headers().firstValue("ETag").orElseThrow();
    assertEquals(304, get(path, "If-None-Match", tag).statusCode());
  }
}
