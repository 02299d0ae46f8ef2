package x3d.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.Classification;
import x3d.classify.Classifier;
import x3d.classify.SmallModel;
import x3d.classify.Views;
import x3d.runtime.Device;
import x3d.serve.model.ModelFile;

final class ModelsTest {
  @TempDir
  static Path folder;

  static Path first;
  static Path second;
  static byte[] video;
  static Server server;
  static Asking ask;

  @BeforeAll
  static void start() throws Exception {
    first = SmallModel.writeTo(folder);
    second = folder.resolve("other.onnx");
    Files.copy(first, second);
    video = Files.readAllBytes(SmallModel.video("part_0.mp4", folder));
    server = Server.start(ServerOptions.of(first, List.of(Device.cpu(1)))
        .with(List.of(ModelFile.of(first.toString()), ModelFile.of("second=" + second))));
    ask = new Asking(server);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void modelsAreListedInOrderWithWhatTheirFilesSay() throws Exception {
    JsonNode models = Asking.json(200, ask.get("/v1/models")).get("models");
    assertEquals("small", models.get(0).get("name").asText());
    assertEquals("second", models.get(1).get("name").asText());
    assertEquals(4, models.get(0).get("frames").asInt());
    assertEquals(36, models.get(0).get("shortSide").asInt());
    JsonNode one = Asking.json(200, ask.get("/v1/models/small"));
    assertEquals(7, one.get("classNames").size());
    assertEquals("ant", one.get("classNames").get(0).asText());
  }

  @Test
  void eachModelIsAskedByItsName() throws Exception {
    for (String path : List.of("/v1/classify?model=second", "/v1/models/second/classify")) {
      assertEquals(
          "second",
          Asking.json(200, ask.post(path, "video/mp4", video)).get("model").asText());
    }
    assertEquals(
        "small",
        Asking.json(200, ask.post("/v1/classify", "video/mp4", video))
            .get("model")
            .asText());
  }

  @Test
  void unknownModelIsNotFoundAndTheOthersAreNamed() throws Exception {
    for (String path : List.of("/v1/classify?model=none", "/v1/models/none/classify")) {
      JsonNode problem = Asking.json(404, ask.post(path, "video/mp4", video));
      assertEquals(
          "there is no model 'none'; there are [small, second]",
          problem.get("detail").asText());
    }
    Asking.json(404, ask.get("/v1/models/none"));
  }

  @Test
  void viewsTellTheirTimesAndTheirMeanIsTheAnswer() throws Exception {
    JsonNode answer = Asking.json(
        200, ask.post("/v1/classify?views=2&crops=3&perView=true&top=7", "video/mp4", video));
    JsonNode views = answer.get("perView");
    assertEquals(6, views.size());
    assertEquals(0, views.get(0).get("startSeconds").asDouble());
    assertEquals(12 / 30.0, views.get(5).get("startSeconds").asDouble(), 1e-9);
    assertEquals(20 / 30.0, views.get(5).get("endSeconds").asDouble(), 1e-9);
    assertEquals(1, views.get(5).get("view").asInt());
    assertEquals(2, views.get(5).get("crop").asInt());
    int label = answer.get("top").get(0).get("label").asInt();
    double sum = 0;
    for (JsonNode view : views) {
      sum += view.get("probabilities").get(label).asDouble();
    }
    assertEquals(answer.get("top").get(0).get("probability").asDouble(), sum / 6, 1e-6);
    Asking.json(400, ask.post("/v1/classify?perView=perhaps", "video/mp4", video));
  }

  @Test
  void severalVideosAreAnsweredEachForItself() throws Exception {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("../../etc/clip.mp4", video);
    files.put("broken.mp4", "no video".getBytes());
    JsonNode results =
        Asking.json(200, ask.postAll("/v1/classify?views=2", files)).get("results");
    assertEquals(2, results.size());
    assertEquals("clip.mp4", results.get(0).get("video").asText());
    assertEquals(32, results.get(0).get("frames").asInt());
    assertTrue(results.get(1).get("error").asText().contains("not a video"), results.toString());
  }

  @Test
  void replacedFileIsServedAndABrokenOneIsNot() throws Exception {
    Path file = folder.resolve("reloaded.onnx");
    Files.copy(first, file);
    try (Server own = Server.start(ServerOptions.of(file, List.of(Device.cpu(1))))) {
      Asking asking = new Asking(own);
      List<String> versions = new ArrayList<>();
      Path broken = Files.write(folder.resolve("broken.onnx"), new byte[1000]);
      Files.move(broken, file, StandardCopyOption.REPLACE_EXISTING);
      String refused = "x3d_model_reloads_total{model=\"reloaded\",outcome=\"refused\"}";
      askUntil(asking, () -> asking.metric(refused) == 1, versions);
      assertTrue(versions.stream().allMatch("1"::equals), versions.toString());
      Path whole = Files.copy(first, folder.resolve("whole.onnx"));
      Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING);
      askUntil(asking, () -> asking.metric("x3d_model_version{model=\"reloaded\"}") == 2, versions);
      askUntil(asking, () -> versions.contains("2"), versions);
    }
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void askUntil(Asking asking, Condition condition, List<String> versions)
      throws Exception {
    long deadline = System.nanoTime() + 30_000_000_000L;
    do {
      versions.add(Asking.json(200, asking.post("/v1/classify?views=1", "video/mp4", video))
          .get("modelVersion")
          .asText());
      assertTrue(System.nanoTime() < deadline, "still not so after 30 s");
    } while (!condition.holds());
  }

  @Test
  void answersAreThoseOfTheClassifierToTheLastDigit() throws Exception {
    try (Classifier classifier = Classifier.open(first, List.of(Device.cpu(2)))) {
      Path file = SmallModel.video("demo.mp4", folder);
      for (Views views : List.of(new Views(1, 1), new Views(10, 1), new Views(3, 3))) {
        Classification expected = classifier.classify(file, views);
        JsonNode top = Asking.json(
                200,
                ask.post(
                    "/v1/classify?top=7&views=" + views.views() + "&crops=" + views.crops(),
                    "video/mp4",
                    Files.readAllBytes(file)))
            .get("top");
        for (int i = 0; i < 7; i++) {
          assertEquals(expected.top(7).get(i).label(), top.get(i).get("label").asInt());
          assertEquals(
              expected.top(7).get(i).probability(),
              top.get(i).get("probability").floatValue());
        }
      }
    }
  }
}
