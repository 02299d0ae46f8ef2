package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.video.Frames;
import x3d.video.Video;
import x3d.video.VideoEncoder;
import x3d.video.VideoInfo;

class DatasetPrepareTest {
  @TempDir
  Path folder;

  private Path data;
  private Path out;

  @BeforeEach
  void makeList() throws IOException {
    data = Files.createDirectories(folder.resolve("data"));
    out = folder.resolve("out");
    Files.createDirectories(data.resolve("zwölf Äpfel"));
    video("b.mp4", 0);
    video("zwölf Äpfel/ü 1.mp4", 90);
    video("a.mov", 0);
    Files.writeString(data.resolve("text.mp4"), "no video");
    Files.writeString(data.resolve("classes.txt"), "one\ntwo\nthree\n");
    Files.writeString(
        data.resolve("train.csv"),
        "b.mp4 2\nzwölf Äpfel/ü 1.mp4 0\ntext.mp4 1\na.mov 1\nb.mp4 2\n");
  }

  private void video(String name, int rotation) throws IOException {
    Frames frames = Frames.black(20, 48, 64);
    for (int i = 0; i < frames.rgb().length; i++) {
      frames.rgb()[i] = (byte) (i % 97 + i / 9216);
    }
    VideoEncoder.write(data.resolve(name), frames, new VideoEncoder.Options(25, rotation, 12, 0.6));
  }

  private Cli prepare(Object... more) {
    List<Object> arguments =
        new ArrayList<>(List.of("dataset", "prepare", data, "--out", out, "--short-side", "32"));
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray());
  }

  @Test
  void newListsHaveTheVideosThatCanBeUsedInTheirOrder() throws IOException {
    Cli run = prepare().succeeded();
    assertEquals(
        "b.mp4 2\nzwölf Äpfel/ü 1.mp4 0\na.mov.mp4 1\nb.mp4 2\n",
        Files.readString(out.resolve("train.csv")));
    assertEquals("one\ntwo\nthree\n", Files.readString(out.resolve("classes.txt")));
    assertTrue(run.err().contains("left out: text.mp4: not a video"), run.err());
    JsonNode report = Json.read(out.resolve("prepare.json"));
    assertEquals(3, report.path("encoded").asInt());
    assertEquals(5, report.path("lists").path(0).path("lines").asInt());
    assertEquals(
        data.resolve("text.mp4").toString(),
        report.path("failed").path(0).path("video").asText());
    VideoInfo info = Video.probe(out.resolve("zwölf Äpfel/ü 1.mp4"));
    assertEquals(List.of(42, 32, 0, 20), List.of(info.width(), info.height(), info.rotation(), 20));
  }

  @Test
  void aSecondRunChangesNothingAndAnotherQualityAll() throws IOException {
    prepare().succeeded();
    SortedMap<String, List<Object>> first = files(out);
    Cli again = prepare().succeeded();
    assertTrue(again.out().contains("of which 3 were prepared before"), again.out());
    assertEquals(first, files(out));
    Cli other = prepare("--quality", "40").succeeded();
    assertFalse(other.out().contains("before\n"), other.out());
    assertFalse(first.equals(files(out)));
  }

  @Test
  void preparedVideosAreLinkedRatherThanEncodedAgain() throws IOException {
    prepare().succeeded();
    Path second = folder.resolve("second");
    for (int run = 0; run < 2; run++) {
      Cli.run("dataset", "prepare", out, "--out", second, "--short-side", "32").succeeded();
      assertEquals(3, Json.read(second.resolve("prepare.json")).path("linked").asInt());
      assertTrue(Files.isSameFile(out.resolve("b.mp4"), second.resolve("b.mp4")));
    }
    Cli.run("dataset", "prepare", out, "--out", second, "--short-side", "16").succeeded();
    assertEquals(32, Video.probe(out.resolve("b.mp4")).height());
    assertEquals(16, Video.probe(second.resolve("b.mp4")).height());
  }

  @Test
  void aKilledRunIsCompletedToTheSameFiles() throws Exception {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      Files.copy(data.resolve("b.mp4"), data.resolve("copy" + i + ".mp4"));
      lines.add("copy" + i + ".mp4 1");
    }
    Files.write(data.resolve("train.csv"), lines);
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            ToolsCommand.class.getName(),
            "dataset",
            "prepare",
            data.toString(),
            "--out",
            out.toString(),
            "--short-side",
            "32",
            "--threads",
            "1")
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
    while (process.isAlive() && !Files.exists(out.resolve("copy2.mp4"))) {
      Thread.sleep(1);
    }
    process.destroyForcibly().waitFor();
    assertFalse(Files.exists(out.resolve("train.csv")), "the run ended before it was killed");
    Files.writeString(
        out.resolve(".copy9.mp4.01234567-0123-0123-0123-0123456789ab.tmp"), "half a file");
    Cli run = prepare().succeeded();
    assertTrue(run.out().contains("were prepared before"), run.out());
    Path whole = folder.resolve("whole");
    Cli.run("dataset", "prepare", data, "--out", whole, "--short-side", "32").succeeded();
    assertEquals(contents(whole), contents(out));
  }

  @Test
  void wrongCallsAreRefusedInOneLine() {
    assertEquals(2, prepare("--short-side", "31").exit());
    assertEquals(2, prepare("--gop", "0").exit());
    Cli quality = prepare("--quality", "52");
    assertEquals(2, quality.exit());
    assertTrue(
        quality.err().contains("the quality is 52: it must be from 1, the best, to 51"),
        quality.err());
    Cli same = Cli.run("dataset", "prepare", data, "--out", data);
    assertEquals(1, same.exit());
    assertTrue(same.err().contains("it must be another folder"), same.err());
  }

  @Test
  void statisticsNameWhatATrainerMustKnow() throws IOException {
    Cli run = Cli.run("dataset", "stats", data, "--out", out, "--few", "2").succeeded();
    JsonNode stats = Json.read(out.resolve("stats.json"));
    assertEquals(4, stats.path("videos").asInt());
    assertEquals(3, stats.path("usable").asInt());
    assertEquals(0.8, stats.path("seconds").path("median").asDouble(), 1e-9);
    assertEquals(25, stats.path("fps").path("max").asDouble(), 1e-9);
    assertEquals(3, stats.path("resolutions").path("64x48").asInt());
    assertEquals(3, stats.path("shorterThanClip").size());
    assertEquals(
        data.resolve("zwölf Äpfel/ü 1.mp4").toString(),
        stats.path("rotated").path(0).asText());
    assertEquals(
        List.of(1, 2, 2),
        IntStream.range(0, 3)
            .mapToObj(i -> stats.path("classes").path(i).path("lines").path(0).asInt())
            .toList());
    assertEquals(2, stats.path("balance").path(0).path("ratio").asDouble());
    assertEquals("one", stats.path("balance").path(0).path("fewVideos").path(0).asText());
    assertEquals(
        data.resolve("text.mp4").toString(),
        stats.path("unusable").path(0).path("video").asText());
    assertTrue(run.out().contains("shorter than a clip of 2.60 s: 3\n"), run.out());
    String page = Files.readString(out.resolve("stats.html"));
    assertTrue(page.contains("Videos of each class, the largest first"));
  }

  @Test
  void statisticsTakeWhatACheckFound() throws IOException {
    Path check = folder.resolve("check.json");
    Path video = data.resolve("b.mp4");
    Files.writeString(check, """
        {"kind": "dataset check", "version": "1", "fast": false, "lists": [], "corrupted": 1, "videos": [
        {"video": "%s", "bytes": %d, "modified": %d, "facts": null,
         "fault": {"reason": "decode-errors", "errors": 1, "seconds": null, "detail": "one picture is broken"}}]}
        """.formatted(
            video, Files.size(video), Files.getLastModifiedTime(video).toMillis()));
    Cli.run("dataset", "stats", data, "--out", out, "--check", check).succeeded();
    JsonNode unusable = Json.read(out.resolve("stats.json")).path("unusable");
    assertEquals("one picture is broken", unusable.path(0).path("reason").asText());
    assertEquals(2, unusable.size());
  }

  /** All files with their time of change and content. */
  private static SortedMap<String, List<Object>> files(Path root) throws IOException {
    SortedMap<String, List<Object>> files = new TreeMap<>();
    for (Path file : list(root)) {
      Object changed = file.toString().endsWith(".mp4") ? Files.getLastModifiedTime(file) : "";
      files.put(root.relativize(file).toString(), List.of(changed, Sha256.of(file)));
    }
    return files;
  }

  private static SortedMap<String, String> contents(Path root) throws IOException {
    SortedMap<String, String> contents = new TreeMap<>();
    for (Path file : list(root)) {
      contents.put(root.relativize(file).toString(), Sha256.of(file));
    }
    return contents;
  }

  private static List<Path> list(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
