package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.Classification;
import x3d.classify.Classifier;
import x3d.classify.SmallModel;
import x3d.classify.Views;
import x3d.runtime.Device;

/** Several numbers of views and crops in one pass, and comparing reports. */
final class EvaluationLooksTest {
  @TempDir
  static Path folder;

  static Path model;
  static Path csv;
  static Path all;

  @BeforeAll
  static void lay() throws IOException {
    model = SmallModel.writeTo(folder);
    for (String video : List.of("part_0.mp4", "test.avi", "video_90.mov", "corrupted.mp4")) {
      SmallModel.video(video, folder);
    }
    csv = Files.writeString(
        folder.resolve("val.csv"),
        "part_0.mp4 2\ntest.avi 1\nnone.mp4 1\nvideo_90.mov 6\ncorrupted.mp4 0\npart_0.mp4 3\n");
    all = folder.resolve("all");
    evaluate(csv, all, "--views", "1,5,10", "--crops", "3,1").succeeded();
  }

  private static Cli evaluate(Path list, Path out, Object... more) {
    List<Object> call =
        new ArrayList<>(List.of("evaluate", "--model", model, "--data", list, "--out", out));
    call.addAll(List.of(more));
    return Cli.run(call.toArray());
  }

  @Test
  void everyLookAnswersToTheLastDigitAsItDoesAlone() throws IOException {
    List<Views> looks = List.of(
        new Views(1, 1), new Views(3, 3), new Views(5, 1), new Views(10, 1), new Views(10, 3));
    for (int threads : List.of(1, 2)) {
      try (Classifier classifier = Classifier.open(model, Device.cpu(threads))) {
        for (String video : List.of("part_0.mp4", "test.avi", "video_90.mov")) {
          Path file = folder.resolve(video);
          List<Classification> together = classifier.classify(file, looks);
          for (int i = 0; i < looks.size(); i++) {
            Classification alone = classifier.classify(file, looks.get(i));
            assertArrayEquals(alone.probabilities(), together.get(i).probabilities());
            assertEquals(alone.perView().size(), together.get(i).perView().size());
            for (int view = 0; view < alone.perView().size(); view++) {
              assertArrayEquals(
                  alone.perView().get(view), together.get(i).perView().get(view));
            }
          }
        }
      }
    }
  }

  @Test
  void curveHasTheFiguresOfSeparateRuns() throws IOException {
    JsonNode curve = Json.read(all.resolve("report.json")).get("curve");
    assertEquals(6, curve.size());
    for (int i : List.of(0, 3)) {
      JsonNode point = curve.get(i);
      Path out = folder.resolve("separate-" + i);
      evaluate(
              csv,
              out,
              "--views",
              point.get("views").asInt(),
              "--crops",
              point.get("crops").asInt())
          .succeeded();
      JsonNode alone = Json.read(out.resolve("report.json"));
      assertEquals(alone.get("top1"), point.get("top1"));
      assertEquals(alone.get("top5"), point.get("top5"));
      assertEquals(alone.get("videos"), point.get("videos"));
    }
    Path most = folder.resolve("most");
    evaluate(csv, most, "--views", 10, "--crops", 3).succeeded();
    assertEquals(
        Json.read(most.resolve("report.json")).get("predictions"),
        Json.read(all.resolve("report.json")).get("predictions"));
    JsonNode costs = Json.read(all.resolve("timing.json")).get("costs");
    assertEquals(6, costs.size());
    assertTrue(costs.get(0).get("millisPerVideo").asDouble() > 0, costs.toString());
  }

  @Test
  void reportSaysWhatIsMissingAndWhatThatMayMean() throws IOException {
    JsonNode report = Json.read(all.resolve("report.json"));
    assertEquals(6, report.get("expected").asInt());
    assertEquals(5, report.get("found").asInt());
    assertEquals(4, report.get("videos").asInt());
    assertEquals("unreadable", report.at("/failed/0/kind").asText());
    double right = report.get("top1").asDouble() * 4 / 100;
    assertEquals(100 * right / 6, report.at("/bounds/ifWrong").asDouble(), 1e-9);
    assertEquals(100 * (right + 2) / 6, report.at("/bounds/ifRight").asDouble(), 1e-9);
    assertEquals(30, report.at("/predictions/0/votes").size());
    assertEquals(Sha256.of(model), report.at("/provenance/modelSha256").asText());
    String page = Files.readString(all.resolve("index.html"));
    assertTrue(page.contains("2 of 6 videos count in no figure: 1 missing, 1 unusable."));
    assertTrue(page.contains("data:image/jpeg;base64,"));
  }

  @Test
  void reportComparedWithItselfHasNoDifference() throws IOException {
    Path out = folder.resolve("same");
    Cli cli = Cli.run("compare-reports", all, all.resolve("report.json"), "--out", out)
        .succeeded();
    assertTrue(
        cli.out()
            .contains("Of 4 videos that both could read the second got 0 better and 0 worse;"
                + " McNemar's exact p is 1.000: this may be chance (at 5 %)."),
        cli.out());
    assertEquals(0, Json.read(out.resolve("comparison.json")).get("better").size());
    assertTrue(Files.readString(out.resolve("index.html")).contains("Two reports compared"));
  }

  @Test
  void comparisonFindsWhatChangedAndRefusesAnotherListUnlessAskedForCommonVideos()
      throws IOException {
    JsonNode first = Json.read(all.resolve("report.json")).at("/predictions/1");
    int answered = first.at("/top/0/label").asInt();
    Path list = Files.writeString(
        folder.resolve("other.csv"), "test.avi " + answered + "\nvideo_90.mov 6\n");
    Path other = folder.resolve("other");
    evaluate(list, other, "--views", 10, "--crops", 3).succeeded();
    Cli refused = Cli.run("compare-reports", all, other);
    assertEquals(
        "x3d-tools compare-reports: " + other + ": the list of videos is " + list + " (sha256 "
            + Sha256.of(list).substring(0, 16) + "), and that of " + all + " is " + csv
            + " (sha256 " + Sha256.of(csv).substring(0, 16)
            + "); --common compares the videos that both hold\n",
        refused.err());
    assertEquals(1, refused.exit());

    Cli common = Cli.run("compare-reports", other, other, "--common", "--json").succeeded();
    assertEquals(2, common.json(0).get("videos").asInt());
    Cli noReport = Cli.run("compare-reports", all, all.resolve("timing.json"));
    assertTrue(
        noReport.err().contains("timing.json: not a report as this version's"), noReport.err());
  }
}
