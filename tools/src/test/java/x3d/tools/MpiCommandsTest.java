package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import x3d.classify.SmallModel;
import x3d.collective.MpiJob;
import x3d.collective.MpiJob.Launcher;

/** {@code evaluate} and {@code classify} by ranks that an MPI launcher starts. */
final class MpiCommandsTest {
  @TempDir
  static Path folder;

  static Path model;
  static Path csv;
  static Path mp4;
  static Path avi;
  static Path corrupted;

  @BeforeAll
  static void lay() throws IOException {
    model = SmallModel.writeTo(folder);
    mp4 = SmallModel.video("part_0.mp4", folder);
    avi = SmallModel.video("test.avi", folder);
    corrupted = SmallModel.video("corrupted.mp4", folder);
    csv = Files.writeString(
        folder.resolve("val.csv"), "part_0.mp4 2\ncorrupted.mp4 0\ntest.avi 1\ntest.avi 3\n");
  }

  private static MpiJob.Outcome run(Launcher launcher, Object... arguments) throws Exception {
    String[] texts = Stream.of(arguments).map(String::valueOf).toArray(String[]::new);
    return MpiJob.run(launcher, 2, Map.of(), ToolsRank.class, texts);
  }

  /** Without what the JVMs say of themselves. */
  private static List<String> said(MpiJob.Outcome job) {
    return job.lines().stream()
        .filter(line -> !line.startsWith("WARNING: Using incub"))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void ranksReportByteForByteWhatOneProcessReports(Launcher launcher) throws Exception {
    Path single = folder.resolve("single-" + launcher);
    Cli.run("evaluate", "--model", model, "--data", csv, "--out", single).succeeded();
    Path out = folder.resolve("ranks-" + launcher);
    MpiJob.Outcome job = run(launcher, "evaluate", "--model", model, "--data", csv, "--out", out);
    assertEquals(0, job.exitCode(), job.text());
    ReportFiles.assertSame(single, out);
    assertEquals(1, job.lines().stream().filter("videos 3"::equals).count(), job.text());
  }

  @ParameterizedTest
  @EnumSource
  void ranksClassifyInTheOrderOfTheVideos(Launcher launcher) throws Exception {
    MpiJob.Outcome job =
        run(launcher, "classify", "--model", model, "--top", 1, avi, mp4, avi, "--threads", 1);
    assertEquals(0, job.exitCode(), job.text());
    Cli alone = Cli.run("classify", "--model", model, "--top", 1, avi, mp4, avi).succeeded();
    assertEquals(alone.out().lines().toList(), said(job));
  }

  @ParameterizedTest
  @EnumSource
  void ranksMeasureOneProfileAndOnlyOnePlans(Launcher launcher) throws Exception {
    Path profile = folder.resolve(launcher + "-profile.json");
    MpiJob.Outcome job = run(
        launcher,
        Stream.concat(
                Stream.of(
                    "plan",
                    "--batch",
                    2,
                    "--devices",
                    2,
                    "--threads",
                    1,
                    "--rounds",
                    1,
                    "--json",
                    "--measure",
                    profile),
                PlanCommandTest.SMALL.stream())
            .toArray());
    assertEquals(0, job.exitCode(), job.text());
    JsonNode plan = Json.read(
        Files.writeString(folder.resolve(launcher + "-plan.json"), String.join("\n", said(job))));
    assertTrue(plan.at("/stepSeconds/total").asDouble() > 0, job.text());
    JsonNode measured = Json.read(profile);
    assertEquals(2, measured.at("/exchange/ranks").asInt());
    assertEquals(2, measured.at("/crowd/threads").asInt());
  }

  @ParameterizedTest
  @EnumSource
  void rankThatFailsBringsTheJobDownWithItsReason(Launcher launcher) throws Exception {
    Files.copy(csv, folder.resolve(launcher + "-0.csv"));
    Path perRank = folder.resolve(launcher + "-RANK.csv");
    Path out = folder.resolve("failed-" + launcher);
    MpiJob.Outcome job =
        run(launcher, "evaluate", "--model", model, "--data", perRank, "--out", out);
    assertNotEquals(0, job.exitCode(), job.text());
    String reason = "): " + folder.resolve(launcher + "-1.csv") + ": no such file";
    assertTrue(
        job.lines().stream()
            .anyMatch(line -> line.startsWith("x3d-tools evaluate: rank 1 of 2 (process ")
                && line.endsWith(reason)),
        job.text());
    assertTrue(job.seconds() < 60, job.text());
    assertTrue(Files.notExists(out));
  }
}
