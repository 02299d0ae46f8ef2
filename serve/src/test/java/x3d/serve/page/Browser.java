package x3d.serve.page;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** One tab of a headless Chromium, driven through its DevTools protocol as a person would: with keys, clicks and drops. */
final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private volatile CompletableFuture<JsonNode> fileChooser = new CompletableFuture<>();

  /** @param profile a folder to be made for what the browser keeps */
  Browser(Path profile) throws Exception {
    Files.createDirectories(profile);
    try {
      process = new ProcessBuilder(
              "chromium",
              "--headless",
              "--no-sandbox",
              "--disable-gpu",
              "--disable-dev-shm-usage",
              "--no-first-run",
              "--mute-audio",
              "--user-data-dir=" + profile,
              "--remote-debugging-port=0",
              "about:blank")
          .redirectErrorStream(true)
          .redirectOutput(profile.resolve("chromium.log").toFile())
          .start();
    } catch (IOException e) {
      throw new AssertionError("this test needs Chromium: Debian's chromium", e);
    }
    try {
      socket =
          http.newWebSocketBuilder().buildAsync(tab(profile), new Listener()).get();
    } catch (Exception | Error e) {
      process.destroyForcibly();
      throw e;
    }
    for (String domain : List.of("Page", "Runtime", "Log", "DOM", "Network")) {
      call(domain + ".enable");
    }
    call("Page.setInterceptFileChooserDialog", "enabled", true);
  }

  private URI tab(Path profile) throws Exception {
    Path told = profile.resolve("DevToolsActivePort");
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!Files.exists(told) || Files.readAllLines(told).size() < 2) {
      assertTrue(
          process.isAlive() && System.nanoTime() < end,
          () -> "Chromium does not start; see " + profile.resolve("chromium.log"));
      Thread.sleep(20);
    }
    String list = http.send(
            HttpRequest.newBuilder(URI.create(
                    "http://127.0.0.1:" + Files.readAllLines(told).get(0) + "/json/list"))
                .build(),
            BodyHandlers.ofString())
        .body();
    for (JsonNode target : JSON.readTree(list)) {
      if (target.get("type").asText().equals("page")) {
        return URI.create(target.get("webSocketDebuggerUrl").asText());
      }
    }
    throw new AssertionError("Chromium has no tab: " + list);
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder message = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      message.append(data);
      if (last) {
        String whole = message.toString();
        message.setLength(0);
        try {
          take(JSON.readTree(whole));
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
      from.request(1);
      return null;
    }
  }

  private void take(JsonNode message) {
    if (message.has("id")) {
      waiting.remove(message.get("id").asInt()).complete(message);
      return;
    }
    JsonNode said = message.get("params");
    switch (message.get("method").asText()) {
      case "Runtime.exceptionThrown" ->
        complaints.add(said.get("exceptionDetails").toString());
      case "Runtime.consoleAPICalled" -> complaints.add(said.get("args").toString());
      case "Log.entryAdded" -> {
        // The browser notes each answer that is an error, which some tests are about.
        if (!said.at("/entry/source").asText().equals("network")) {
          complaints.add(said.get("entry").toString());
        }
      }
      case "Page.fileChooserOpened" -> fileChooser.complete(said);
      default -> {}
    }
  }

  /** Calls a method of the protocol. @param arguments name and value in turn */
  private JsonNode call(String method, Object... arguments) throws Exception {
    var parameters = JSON.createObjectNode();
    for (int i = 0; i < arguments.length; i += 2) {
      parameters.set((String) arguments[i], JSON.valueToTree(arguments[i + 1]));
    }
    int id = calls.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    String text = JSON.writeValueAsString(
        JSON.createObjectNode().put("id", id).put("method", method).set("params", parameters));
    socket.sendText(text, true).get();
    JsonNode said = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertTrue(said.has("result"), () -> method + ": " + said);
    return said.get("result");
  }

  /** The value of an expression of the page. */
  JsonNode value(String expression) throws Exception {
    JsonNode said = call(
        "Runtime.evaluate", "expression", expression, "returnByValue", true, "awaitPromise", true);
    assertTrue(!said.has("exceptionDetails"), () -> expression + ": " + said);
    return said.at("/result/value");
  }

  String text(String selector) throws Exception {
    return value("document.querySelector('" + selector + "').innerText").asText();
  }

  void await(String expression) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!value(expression).asBoolean()) {
      if (System.nanoTime() > end) {
        picture("failed");
        throw new AssertionError(expression + " does not come true: "
            + value("document.body.innerText").asText());
      }
      Thread.sleep(20);
    }
  }

  void open(String url) throws Exception {
    call("Page.navigate", "url", url);
    await("location.href === '" + url + "' && document.readyState === 'complete'");
  }

  /** @param width and height of the window, in CSS pixels */
  void size(int width, int height) throws Exception {
    call(
        "Emulation.setDeviceMetricsOverride",
        "width",
        width,
        "height",
        height,
        "deviceScaleFactor",
        1,
        "mobile",
        false);
    call("Emulation.setScrollbarsHidden", "hidden", true);
  }

  /** @param scheme {@code light} or {@code dark} */
  void prefer(String scheme) throws Exception {
    call(
        "Emulation.setEmulatedMedia",
        "features",
        List.of(Map.of("name", "prefers-color-scheme", "value", scheme)));
  }

  /** @param bytesASecond that are sent; below 0 for as many as go through */
  void network(boolean offline, double bytesASecond) throws Exception {
    call(
        "Network.emulateNetworkConditions",
        "offline",
        offline,
        "latency",
        0,
        "downloadThroughput",
        -1,
        "uploadThroughput",
        bytesASecond);
  }

  void click(String selector) throws Exception {
    JsonNode at = middle(selector);
    for (String event : List.of("mousePressed", "mouseReleased")) {
      call(
          "Input.dispatchMouseEvent",
          "type",
          event,
          "x",
          at.get("x").asDouble(),
          "y",
          at.get("y").asDouble(),
          "button",
          "left",
          "clickCount",
          1);
    }
  }

  private JsonNode middle(String selector) throws Exception {
    return value("(() => { const e = document.querySelector('" + selector
        + "'); e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
        + " return {x: r.x + r.width / 2, y: r.y + r.height / 2}; })()");
  }

  /** Drops files on an element, as from a window of the desktop. */
  void drop(String selector, Path... files) throws Exception {
    JsonNode at = middle(selector);
    List<String> paths = new ArrayList<>();
    for (Path file : files) {
      paths.add(file.toAbsolutePath().toString());
    }
    for (String event : List.of("dragEnter", "dragOver", "drop")) {
      call(
          "Input.dispatchDragEvent",
          "type",
          event,
          "x",
          at.get("x").asDouble(),
          "y",
          at.get("y").asDouble(),
          "data",
          Map.of("items", List.of(), "files", paths, "dragOperationsMask", 1));
    }
  }

  /** Presses {@code Tab} or {@code Enter}. */
  void press(String key) throws Exception {
    int code = key.equals("Tab") ? 9 : 13;
    call(
        "Input.dispatchKeyEvent",
        "type",
        "keyDown",
        "key",
        key,
        "code",
        key,
        "windowsVirtualKeyCode",
        code,
        "text",
        key.equals("Enter") ? "\r" : "");
    call(
        "Input.dispatchKeyEvent",
        "type",
        "keyUp",
        "key",
        key,
        "code",
        key,
        "windowsVirtualKeyCode",
        code);
  }

  void type(String text) throws Exception {
    call("Input.insertText", "text", text);
  }

  /** Tabs on until an element has the focus. */
  void tabTo(String selector) throws Exception {
    for (int i = 0; i < 40; i++) {
      press("Tab");
      if (value("document.activeElement.matches('" + selector + "')").asBoolean()) {
        return;
      }
    }
    throw new AssertionError("no Tab leads to " + selector);
  }

  /** Chooses a file in the dialog that has been opened. */
  void choose(Path file) throws Exception {
    JsonNode dialog = fileChooser.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    fileChooser = new CompletableFuture<>();
    call(
        "DOM.setFileInputFiles",
        "files",
        List.of(file.toAbsolutePath().toString()),
        "backendNodeId",
        dialog.get("backendNodeId").asInt());
  }

  /** Saves a picture of the whole page under {@code target/pages}. */
  void picture(String name) throws Exception {
    JsonNode said = call("Page.captureScreenshot", "captureBeyondViewport", true);
    Path file = Path.of("target/pages").resolve(name + ".png");
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode(said.get("data").asText()));
  }

  /** What the console has got, but for answers that are errors. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  @Override
  public void close() {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(one -> one.onExit().join());
  }
}
