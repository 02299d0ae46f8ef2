package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.train.DataSet;

/** {@code dataset check} and {@code dataset clean} on a tree with planted faults. */
final class DatasetCheckTest {
  private static final String CUT_MP4 =
      "truncated: its last 78107 bytes are missing, and it cannot be opened";
  private static final String DAMAGED =
      "2 decode errors, the first at 3.0 s (packet 30: a NAL unit of 4294967295 bytes where 551 are left)";

  @TempDir
  static Path folder;

  static Path root;
  static Path full;
  static Cli said;

  @BeforeAll
  static void check() throws IOException {
    root = DatasetTree.plant(folder.resolve("root"));
    Cli.run("dataset", "build", root).succeeded();
    full = folder.resolve("full");
    said = Cli.run("dataset", "check", root, "--out", full).succeeded();
  }

  private static Map<String, String> faults(Path out) throws IOException {
    Map<String, String> faults = new TreeMap<>();
    for (JsonNode video : Json.read(out.resolve("check.json")).path("videos")) {
      if (!video.path("fault").isNull()) {
        faults.put(
            root.relativize(Path.of(video.path("video").asText())).toString(),
            video.path("fault").path("reason").asText() + ": "
                + video.path("fault").path("detail").asText());
      }
    }
    return faults;
  }

  private static Map<String, String> planted() {
    Map<String, String> planted = new TreeMap<>();
    planted.put("train/snow ball/cut.avi", "truncated: truncated at 3.1 s");
    planted.put("train/snow ball/cut.mp4", "truncated: " + CUT_MP4);
    planted.put("train/snow ball/nothing.mp4", "zero-bytes: the file is empty");
    planted.put("train/snow ball/sound.mp4", "no-video-stream: holds no picture track");
    planted.put(
        "train/snow ball/words.mp4",
        "not-a-media-file: not a video that FFmpeg can read (Invalid data found when processing"
            + " input)");
    planted.put("val/snow ball/damaged.mp4", "decode-errors: " + DAMAGED);
    return planted;
  }

  @Test
  void checkFindsExactlyWhatWasPlanted() throws IOException {
    assertEquals(planted(), faults(full));
    JsonNode report = Json.read(full.resolve("check.json"));
    assertEquals(6, report.path("corrupted").asInt());
    assertEquals(11, report.path("videos").size());
    assertEquals(List.of("8", "3", "3"), report.path("lists").findValuesAsText("videos"));
    assertTrue(said.out().startsWith("videos    11\ncorrupted 6\ndecode-errors: 1\n"), said.out());
  }

  @Test
  void theTableOfTheCorruptedIsAlsoACsv() throws IOException {
    String at = root.resolve("train/snow ball") + "/";
    assertEquals(
        "video,reason,seconds,errors,detail\n"
            + at + "cut.avi,truncated,3.08,0,truncated at 3.1 s\n"
            + at + "cut.mp4,truncated,,0,\"" + CUT_MP4 + "\"\n"
            + at + "nothing.mp4,zero-bytes,,0,the file is empty\n"
            + at + "sound.mp4,no-video-stream,,0,holds no picture track\n"
            + at + "words.mp4,not-a-media-file,,0,not a video that FFmpeg can read (Invalid data"
            + " found when processing input)\n"
            + root.resolve("val/snow ball/damaged.mp4") + ",decode-errors,3.0,2,\"" + DAMAGED
            + "\"\n",
        Files.readString(full.resolve("corrupted.csv")));
  }

  @Test
  void theFactsOfEveryVideoAreThere() throws IOException {
    for (JsonNode video : Json.read(full.resolve("check.json")).path("videos")) {
      if (video.path("video").asText().endsWith("clip.MOV")) {
        assertEquals(15_442, video.path("bytes").asLong());
        assertEquals(
            "{\"seconds\":0.1,\"width\":320,\"height\":568,\"fps\":30.0,\"frames\":3,"
                + "\"codec\":\"h264\",\"rotation\":90}",
            video.path("facts").toString());
        return;
      }
    }
    throw new AssertionError("clip.MOV is not in the report");
  }

  @Test
  void theQuickCheckFindsTheSame() throws IOException {
    Path out = folder.resolve("fast");
    Cli.run("dataset", "check", root, "--out", out, "--fast", "--threads", 1).succeeded();
    assertEquals(planted(), faults(out));
    assertTrue(Json.read(out.resolve("check.json")).path("fast").asBoolean());
  }

  @Test
  void calledAgainItDecodesNothingAndAfterAChangeOnlyWhatChanged() throws IOException {
    Path out = folder.resolve("again");
    Path list = Files.writeString(
        folder.resolve("again.csv"),
        "root/train/müde/again.AVI 1\nroot/train/snow ball/cut.avi 1\nroot/none.mp4 0\n");
    Cli.run("dataset", "check", list, "--out", out, "--threads", 1).succeeded();
    byte[] first = Files.readAllBytes(out.resolve("check.json"));
    Cli second = Cli.run("dataset", "check", list, "--out", out, "--threads", 1).succeeded();
    assertTrue(second.err().contains("2 of 3 were checked before"), second.err());
    assertArrayEquals(first, Files.readAllBytes(out.resolve("check.json")));

    Files.setLastModifiedTime(root.resolve("train/müde/again.AVI"), FileTime.fromMillis(1_000_000));
    try {
      Cli third =
          Cli.run("dataset", "check", list, "--out", out, "--threads", 1).succeeded();
      assertTrue(third.err().contains("1 of 3 were checked before"), third.err());
    } finally {
      Files.setLastModifiedTime(
          root.resolve("train/müde/again.AVI"), FileTime.fromMillis(modified("again.AVI")));
    }
  }

  private static long modified(String name) throws IOException {
    for (JsonNode video : Json.read(full.resolve("check.json")).path("videos")) {
      if (video.path("video").asText().endsWith(name)) {
        return video.path("modified").asLong();
      }
    }
    throw new AssertionError(name);
  }

  @Test
  void cleanWritesTheListsWithoutTheCorruptedAndNamesThem() throws IOException {
    Path out = folder.resolve("clean");
    Cli cli = clean(root, full, out).succeeded();
    assertEquals(
        root + "/train/müde/again.AVI 1\n" + root + "/train/müde/наше видео 1.avi 1\n" + root
            + "/train/snow ball/a, b 7.mp4 2\n",
        Files.readString(out.resolve("train.csv")));
    assertEquals(
        root + "/val/müde/leak.mp4 1\n" + root + "/val/snow ball/clip.MOV 2\n",
        Files.readString(out.resolve("val.csv")));
    assertEquals("empty\nmüde\nsnow ball\n", Files.readString(out.resolve("classes.txt")));
    JsonNode report = Json.read(out.resolve("clean.json"));
    assertEquals(7, report.path("leftOut").size());
    assertEquals("[]", report.path("emptied").toString());
    assertTrue(cli.out().contains("train.csv  3 videos, 5 left out\n"), cli.out());
    assertEquals(3, DataSet.read(out.resolve("train.csv"), " ", "", 3).size());
  }

  @Test
  void cleanNamesClassesThatBecomeEmptyAndKeepsRelativePathsRight() throws IOException {
    Path data = folder.resolve("moved");
    DatasetTree.put(data, "a/1.avi", Files.readAllBytes(root.resolve("train/müde/again.AVI")));
    DatasetTree.put(data, "lists/train.csv", "../a/1.avi,0\n../a/none.mp4,1\n".getBytes());
    DatasetTree.put(data, "lists/classes.txt", "here\ngone\n".getBytes());
    Path list = data.resolve("lists/train.csv");
    Cli.run("dataset", "check", list, "--separator", ",", "--threads", 1).succeeded();
    Cli cli = Cli.run(
            "dataset",
            "clean",
            list,
            "--separator",
            ",",
            "--check",
            data.resolve("lists/check.json"),
            "--out",
            data)
        .succeeded();
    assertEquals("a/1.avi,0\n", Files.readString(data.resolve("train.csv")));
    assertTrue(
        cli.out()
            .contains(data.resolve("train.csv") + " has no video any more of class 1 (gone)\n"),
        cli.out());
  }

  @Test
  void aCheckThatDoesNotFitTheListsIsRefused() throws IOException {
    Path out = folder.resolve("refused");
    Path table = full.resolve("check.json");
    Path other = Files.writeString(root.resolve("more.csv"), "train/müde/again.AVI 1\n");
    String again = "; run 'x3d-tools dataset check' again: it decodes only what has changed";
    assertRefused(
        clean(other, full, out),
        other + ": " + table + " is not a check of this list as it is now" + again);

    Path video = root.resolve("train/snow ball/cut.avi");
    FileTime before = Files.getLastModifiedTime(video);
    Files.setLastModifiedTime(video, FileTime.fromMillis(1_000_000));
    try {
      assertRefused(
          clean(root, full, out),
          root.resolve("train.csv") + ": " + video + " is not as it was when " + table + " was made"
              + again);
    } finally {
      Files.setLastModifiedTime(video, before);
    }
    assertRefused(
        clean(root, full, root),
        root.resolve("train.csv")
            + " is read, and would be written over; choose another --out DIR");
    assertRefused(
        Cli.run("dataset", "clean", root, "--check", root.resolve("dataset.json"), "--out", out),
        root.resolve("dataset.json")
            + ": not a check.json as this version of x3d-tools dataset check writes it");
    assertFalse(Files.exists(out));
  }

  private static Cli clean(Path lists, Path check, Path out) {
    return Cli.run("dataset", "clean", lists, "--check", check.resolve("check.json"), "--out", out);
  }

  private static void assertRefused(Cli cli, String message) {
    assertEquals(1, cli.exit());
    assertEquals("x3d-tools dataset clean: " + message + "\n", cli.err());
  }

  @Test
  void wrongCallsAreRefused() {
    assertEquals(2, Cli.run("dataset", "check", root, "--threads", 0).exit());
    assertEquals(2, Cli.run("dataset", "check", root, "--limit", 0).exit());
    assertEquals(2, Cli.run("dataset", "check").exit());
    Cli none = Cli.run("dataset", "check", folder.resolve("videos"));
    assertEquals(
        "x3d-tools dataset check: " + folder.resolve("videos")
            + ": holds no train.csv, val.csv or test.csv; 'x3d-tools dataset build' makes them\n",
        none.err());
  }
}
