package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.SmallModel;

/** {@code evaluate} that is killed, and started again. */
@Timeout(300)
final class EvaluationResumeTest {
  private static final int VIDEOS = 120;

  @TempDir
  static Path folder;

  static Path model;
  static Path csv;
  static Path unbroken;

  @BeforeAll
  static void lay() throws IOException {
    model = SmallModel.writeTo(folder);
    SmallModel.video("part_0.mp4", folder);
    SmallModel.video("video_90.mov", folder);
    StringBuilder lines = new StringBuilder("none.mp4 1\n");
    for (int i = 1; i < VIDEOS; i++) {
      lines.append(i % 8 == 0 ? "video_90.mov " : "part_0.mp4 ").append(i % 7).append('\n');
    }
    csv = Files.writeString(folder.resolve("val.csv"), lines);
    unbroken = folder.resolve("unbroken");
    Cli.run(call(unbroken)).succeeded();
    assertEquals(List.of(), journals(unbroken));
  }

  private static Object[] call(Path out, Object... more) {
    List<Object> call = new ArrayList<>(List.of(
        "evaluate", "--model", model, "--data", csv, "--out", out, "--threads", 1, "--crops", 3));
    call.addAll(List.of(more));
    return call.toArray();
  }

  private static List<Path> journals(Path out) throws IOException {
    if (Files.notExists(out)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(out)) {
      return files
          .filter(f -> f.getFileName().toString().startsWith("unfinished-"))
          .toList();
    }
  }

  private static long lines(Path out) throws IOException {
    List<Path> files = journals(out);
    return files.isEmpty() ? 0 : Files.readString(files.get(0)).lines().count();
  }

  /** Starts a process and kills it once it has seen a few videos. */
  private static void kill(Path out, Object... more) throws Exception {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules",
        "jdk.incubator.vector",
        "-cp",
        System.getProperty("java.class.path"),
        ToolsCommand.class.getName()));
    Stream.of(call(out, more)).map(String::valueOf).forEach(command::add);
    Process process = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("killed.log").toFile())
        .start();
    try {
      while (lines(out) < 8) {
        assertTrue(process.isAlive(), Files.readString(folder.resolve("killed.log")));
        TimeUnit.MILLISECONDS.sleep(2);
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertTrue(Files.notExists(out.resolve("report.json")), "killed too late");
  }

  @Test
  void killedEvaluationGoesOnAndReportsTheSameBytes() throws Exception {
    Path out = folder.resolve("killed");
    kill(out);
    Path other = folder.resolve("other");
    Files.createDirectories(other);
    Path journal = journals(out).get(0);
    Files.copy(journal, other.resolve(journal.getFileName()));
    Files.writeString(journal, "{\"index\": 7, \"pre", StandardOpenOption.APPEND);

    Cli cli = Cli.run(call(out)).succeeded();
    assertTrue(
        cli.err().matches("(?s)goes on: \\d+ of 120 videos were looked at before\n.*"), cli.err());
    ReportFiles.assertSame(unbroken, out);
    assertEquals(List.of(), journals(out));

    Cli views = Cli.run(call(other, "--views", 2)).succeeded();
    assertTrue(
        views
            .err()
            .startsWith(other.resolve(journal.getFileName())
                + ": left aside: the number of views is 3, and that of this evaluation is 2\n"),
        views.err());
    assertEquals(1, journals(other).size());
  }

  @Test
  void killedShardGoesOnToo() throws Exception {
    Path out = folder.resolve("shards");
    kill(out, "--shard", "1/2");
    Cli.run(call(out, "--shard", "0/2")).succeeded();
    assertEquals(1, journals(out).size());
    Cli cli = Cli.run(call(out, "--shard", "1/2")).succeeded();
    assertTrue(cli.err().startsWith("goes on: "), cli.err());
    assertEquals(List.of(), journals(out));
    Path merged = folder.resolve("merged");
    Cli.run(
            "merge",
            out.resolve("shard-0-of-2.json"),
            out.resolve("shard-1-of-2.json"),
            "--out",
            merged)
        .succeeded();
    ReportFiles.assertSame(unbroken, merged);
  }
}
