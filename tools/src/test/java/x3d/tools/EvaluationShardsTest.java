package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.SmallModel;

/** {@code evaluate --shard} and {@code merge}. */
final class EvaluationShardsTest {
  @TempDir
  static Path folder;

  static Path model;
  static Path csv;
  static Path single;

  /** Seven videos, so that three shards differ in length; two of the seven cannot be read. */
  @BeforeAll
  static void lay() throws IOException {
    model = SmallModel.writeTo(folder);
    for (String video : List.of("part_0.mp4", "test.avi", "video_90.mov", "corrupted.mp4")) {
      SmallModel.video(video, folder);
    }
    csv = Files.writeString(
        folder.resolve("val.csv"),
        "part_0.mp4 2\ntest.avi 1\nnone.mp4 1\nvideo_90.mov 6\ncorrupted.mp4 0\npart_0.mp4 3\n"
            + "test.avi 0\n");
    single = folder.resolve("single");
    evaluate(csv, single).succeeded();
    for (int i = 0; i < 3; i++) {
      evaluate(csv, folder.resolve("shards"), "--shard", i + "/3").succeeded();
    }
  }

  private static Cli evaluate(Path list, Path out, Object... more) {
    List<Object> call = new ArrayList<>(
        List.of("evaluate", "--model", model, "--data", list, "--out", out, "--threads", 1));
    call.addAll(List.of(more));
    return Cli.run(call.toArray());
  }

  private static Path shard(int i) {
    return folder.resolve("shards/shard-" + i + "-of-3.json");
  }

  private static Cli merge(String name, Object... files) {
    List<Object> call = new ArrayList<>(List.of("merge"));
    call.addAll(List.of(files));
    call.addAll(List.of("--out", folder.resolve(name)));
    return Cli.run(call.toArray());
  }

  private static void refuses(String words, Object... files) {
    Cli cli = merge("refused", files);
    assertEquals("x3d-tools merge: " + words + "\n", cli.err());
    assertEquals(1, cli.exit());
    assertTrue(Files.notExists(folder.resolve("refused")));
  }

  /** A copy of a shard file with a field changed. */
  private static Path changed(int i, String field, Object value) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode shard = (ObjectNode) mapper.readTree(shard(i).toFile());
    ObjectNode of = shard.has(field) ? shard : (ObjectNode) shard.get("subject");
    of.set(field, mapper.valueToTree(value));
    Path file = folder.resolve("changed-" + field + ".json");
    mapper.writeValue(file.toFile(), shard);
    return file;
  }

  @Test
  void mergedShardsAreByteForByteTheReportOfASingleRun() throws IOException {
    Cli cli = merge("merged", shard(2), shard(0), shard(1)).succeeded();
    ReportFiles.assertSame(single, folder.resolve("merged"));
    JsonNode report =
        new ObjectMapper().readTree(folder.resolve("merged/report.json").toFile());
    assertEquals(5, report.get("videos").asInt());
    assertTrue(report.get("failed").get(0).get("reason").asText().startsWith("none.mp4: "));
    assertTrue(report.get("failed").get(1).get("reason").asText().startsWith("corrupted.mp4: "));
    assertTrue(cli.out().contains("videos 5\nfailed 2\n  none.mp4: "), cli.out());
  }

  @Test
  void moreShardsThanVideosMergeAsWell() throws IOException {
    Path list = Files.writeString(folder.resolve("short.csv"), "part_0.mp4 2\n");
    Path out = folder.resolve("short");
    evaluate(list, out).succeeded();
    evaluate(list, out, "--shard", "0/2").succeeded();
    evaluate(list, out, "--shard", "1/2").succeeded();
    merge("short-merged", out.resolve("shard-0-of-2.json"), out.resolve("shard-1-of-2.json"))
        .succeeded();
    ReportFiles.assertSame(out, folder.resolve("short-merged"));
  }

  @Test
  void onlyShardIsAShardToo() throws IOException {
    Path out = folder.resolve("one");
    evaluate(csv, out, "--shard", "0/1").succeeded();
    assertTrue(Files.notExists(out.resolve("report.json")));
    merge("one-merged", out.resolve("shard-0-of-1.json")).succeeded();
    ReportFiles.assertSame(single, folder.resolve("one-merged"));
  }

  @Test
  void shardSaysWhatItHolds() throws IOException {
    JsonNode shard = new ObjectMapper().readTree(shard(1).toFile());
    List<String> fields = new ArrayList<>();
    shard.fieldNames().forEachRemaining(fields::add);
    assertEquals(
        List.of("kind", "version", "shard", "shards", "subject", "timing", "outcomes"), fields);
    assertEquals(Sha256.of(model), shard.at("/subject/modelSha256").asText());
    assertEquals(7, shard.at("/subject/videos").asInt());
    assertEquals(2, shard.get("outcomes").size());
    assertEquals(1, shard.get("outcomes").get(0).get("index").asInt());
    assertTrue(shard.get("outcomes").get(1).get("prediction").isNull());
    assertTrue(
        shard.at("/outcomes/1/failed/reason").asText().startsWith("corrupted.mp4: "),
        shard.toString());
  }

  @Test
  void shardWithoutAReadableVideoIsWrittenAndExitsWithOne() throws IOException {
    Path list = Files.writeString(folder.resolve("half.csv"), "part_0.mp4 2\nnone.mp4 1\n");
    Path out = folder.resolve("half");
    assertEquals(1, evaluate(list, out, "--shard", "1/2").exit());
    evaluate(list, out, "--shard", "0/2").succeeded();
    merge("half-merged", out.resolve("shard-0-of-2.json"), out.resolve("shard-1-of-2.json"))
        .succeeded();
  }

  @Test
  void shardOutOfRangeIsAWrongCall() {
    Cli cli = evaluate(csv, folder.resolve("never"), "--shard", "3/3");
    assertEquals(2, cli.exit());
    assertTrue(cli.err().contains("shards of 3 are 0/3 to 2/3, not 3/3"), cli.err());
  }

  @Test
  void missingShardIsNamed() {
    refuses("of 3 shards 2 were given; missing: 1/3", shard(0), shard(2));
  }

  @Test
  void doubledShardIsNamed() {
    refuses(shard(1) + ": holds shard 1/3, as " + shard(1) + " does", shard(0), shard(1), shard(1));
  }

  @Test
  void shardOfAnotherModelIsNamed() throws IOException {
    Path other = changed(1, "modelSha256", "0123456789abcdef0123");
    refuses(
        other + ": the model is " + model + " (sha256 0123456789abcdef), and that of " + shard(0)
            + " is " + model + " (sha256 " + Sha256.of(model).substring(0, 16) + ")",
        shard(0),
        other,
        shard(2));
  }

  @Test
  void shardOfAnotherListIsNamed() throws IOException {
    Path list = Files.writeString(
        folder.resolve("other.csv"), Files.readString(csv).replace("part_0.mp4 2", "part_0.mp4 4"));
    Path out = folder.resolve("other");
    evaluate(list, out, "--shard", "1/3").succeeded();
    Path other = out.resolve("shard-1-of-3.json");
    refuses(
        other + ": the list of videos is " + list + " (sha256 "
            + Sha256.of(list).substring(0, 16) + "), and that of " + shard(0) + " is " + csv
            + " (sha256 " + Sha256.of(csv).substring(0, 16) + ")",
        shard(0),
        other,
        shard(2));
  }

  @Test
  void shardOfOtherViewsIsNamed() {
    Path out = folder.resolve("views");
    evaluate(csv, out, "--shard", "1/3", "--views", 2).succeeded();
    Path other = out.resolve("shard-1-of-3.json");
    refuses(
        other + ": the number of views is 2, and that of " + shard(0) + " is 3",
        shard(0),
        other,
        shard(2));
  }

  @Test
  void shardOfAnotherNumberOfShardsIsNamed() {
    Path out = folder.resolve("number");
    evaluate(csv, out, "--shard", "1/4").succeeded();
    Path other = out.resolve("shard-1-of-4.json");
    refuses(
        other + ": the number of shards is 4, and that of " + shard(0) + " is 3", shard(0), other);
  }

  @Test
  void shardOfAnotherVersionIsNamed() throws IOException {
    Path other = changed(1, "version", "0.0.1");
    Cli cli = merge("refused", shard(0), other);
    assertTrue(
        cli.err().startsWith("x3d-tools merge: " + other + ": written by version 0.0.1, and this"),
        cli.err());
  }

  @Test
  void shardThatLacksAnOutcomeIsNamed() throws IOException {
    Path other = changed(1, "outcomes", List.of());
    refuses(
        other + ": not a shard as x3d-tools evaluate --shard writes it: it holds 0 outcomes, and"
            + " shard 1/3 of 7 videos has 2",
        shard(0),
        other);
  }

  @Test
  void fileThatIsNoShardIsNamed() throws IOException {
    Path report = single.resolve("report.json");
    refuses(report + ": not a shard as x3d-tools evaluate --shard writes it", report);
    refuses("no such file: " + folder.resolve("gone.json"), shard(0), folder.resolve("gone.json"));
    Path torn = Files.writeString(
        folder.resolve("torn.json"), Files.readString(shard(0)).substring(0, 300));
    Cli cli = merge("refused", torn);
    assertTrue(cli.err().startsWith("x3d-tools merge: " + torn + ": not a shard"), cli.err());
    assertEquals(1, cli.err().lines().count());
  }
}
