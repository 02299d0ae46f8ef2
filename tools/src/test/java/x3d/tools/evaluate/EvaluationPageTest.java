package x3d.tools.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import x3d.classify.Ranked;
import x3d.classify.SmallModel;
import x3d.tools.evaluate.Outcome.Failed;
import x3d.tools.evaluate.Outcome.Prediction;

/** The page of an evaluation, in a browser. */
@Timeout(180)
final class EvaluationPageTest {
  private static final String PROBE = """
      <script>
      const canvas = document.querySelector('.confusion canvas');
      const key = name => canvas.dispatchEvent(new KeyboardEvent('keydown', {key: name}));
      key('ArrowDown');
      const first = document.querySelector('.said').textContent;
      for (const name of ['+', '+', '+', '+', '+', '+', 'ArrowRight', '-']) key(name);
      const second = document.querySelector('.said').textContent;
      const order = document.querySelector('.order');
      order.value = 'accuracy';
      order.dispatchEvent(new Event('change'));
      const g = canvas.getContext('2d');
      const pixels = new Set(new Uint32Array(g.getImageData(0, 0, canvas.width, canvas.height).data.buffer));
      document.body.dataset.probe = JSON.stringify({first, second, colors: pixels.size > 3, charts: document.querySelectorAll('.u-wrap').length,
        wide: document.documentElement.scrollWidth > innerWidth});
      </script>
      """;

  @TempDir
  static Path folder;

  /** Predictions as a model of some 75 % makes them: neighbours among the classes are taken for each other. */
  private static List<Outcome> outcomes(int classes, int videos, Path video) {
    Random random = new Random(1);
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < videos; i++) {
      int label = i % classes;
      if (random.nextInt(50) == 0) {
        outcomes.add(new Outcome(
            i,
            null,
            new Failed(i, "val/" + i + ".mp4", "unreadable", i + ".mp4: no such file"),
            List.of(0, 0)));
        continue;
      }
      boolean right = random.nextInt(4) > 0;
      int answer = right ? label : (label / 5 * 5 + random.nextInt(5)) % classes;
      float probability =
          right ? 0.3f + 0.7f * random.nextFloat() : 0.2f + 0.6f * random.nextFloat();
      int rank = label == answer ? 1 : 2 + random.nextInt(8);
      List<Ranked> top = new ArrayList<>(List.of(new Ranked(answer, name(answer), probability)));
      for (int k = 1; k < 5; k++) {
        int other = (answer + k) % classes;
        top.add(new Ranked(other, name(other), (1 - probability) / (k + 5)));
      }
      List<Integer> votes =
          IntStream.range(0, 10).mapToObj(v -> v % 3 == 0 ? label : answer).toList();
      outcomes.add(new Outcome(
          i,
          new Prediction(
              i,
              video.toString(),
              label,
              rank,
              rank == 1 ? probability : probability / 3,
              top,
              votes),
          null,
          List.of(rank + (random.nextInt(8) == 0 ? 1 : 0), rank)));
    }
    return outcomes;
  }

  private static String name(int label) {
    return "class <" + label + "> & some words";
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Path out = Files.createTempFile(folder, "browser", ".out");
    Process process;
    try {
      process = new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(out.toFile())
          .start();
    } catch (IOException e) {
      throw new AssertionError("this test needs Chromium: Debian's chromium", e);
    }
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the browser hangs");
    return Files.readString(out, UTF_8);
  }

  @ParameterizedTest
  @CsvSource({"6, 60", "400, 19900"})
  void pageIsSmallAndAnswersToKeysWithoutAnError(int classes, int videos) throws Exception {
    Path video = SmallModel.video("part_0.mp4", folder);
    Subject subject = new Subject(
        "0",
        "models/model.onnx",
        "0".repeat(64),
        "val.csv",
        "1".repeat(64),
        " ",
        "cpu",
        List.of(1, 10),
        List.of(1),
        videos,
        IntStream.range(0, classes).mapToObj(EvaluationPageTest::name).toList());
    EvaluationReport report = EvaluationReport.of(subject, outcomes(classes, videos, video));
    Timing timing = new Timing(
        1234.5,
        videos,
        11L * videos,
        0,
        List.of(new Timing.Cost(1, 1, 8, 40), new Timing.Cost(10, 1, 8, 310)));
    String html = EvaluationPage.of(report, timing, subject.classNames());
    Path page = Path.of("target/pages/evaluation-" + classes + ".html").toAbsolutePath();
    Files.createDirectories(page.getParent());
    Files.writeString(page, html);
    assertTrue(Files.size(page) < 5_000_000, Files.size(page) + " bytes");

    Path probed = folder.resolve("probed-" + classes + ".html");
    Files.writeString(probed, html.replace("</body>", PROBE + "</body>"));
    String said = run(
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--user-data-dir=" + folder.resolve("profile-" + classes),
        "--window-size=390,800",
        "--enable-logging=stderr",
        "--v=0",
        "--dump-dom",
        probed.toUri().toString());
    assertEquals(
        "",
        said.lines().filter(line -> line.contains("CONSOLE")).collect(Collectors.joining("\n")));
    int from = said.indexOf("data-probe=\"");
    assertTrue(from > 0, said);
    String probe = said.substring(from + 12, said.indexOf('"', from + 12))
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    assertTrue(
        probe.matches("(?s).*\"first\":\"class <\\d+> & some words: \\d+ of \\d+ videos right,.*"),
        probe);
    assertTrue(
        probe.matches("(?s).*\"second\":\"class <\\d+> & some words taken for class .*"), probe);
    assertTrue(probe.contains("\"colors\":true,\"charts\":3,\"wide\":false"), probe);
  }
}
