package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.SmallModel;
import x3d.collective.Collective;
import x3d.collective.InProcess;
import x3d.tools.evaluate.EvaluateCommand;
import x3d.train.JobOptions;

/** {@code evaluate} and {@code classify} by ranks that are threads of this process. */
@Timeout(120)
final class RankWorkTest {
  @TempDir
  static Path folder;

  static Path model;
  static Path csv;
  static Path single;
  static List<Path> videos = new ArrayList<>();

  @BeforeAll
  static void lay() throws IOException {
    model = SmallModel.writeTo(folder);
    for (String video : List.of("part_0.mp4", "corrupted.mp4", "test.avi", "video_90.mov")) {
      videos.add(SmallModel.video(video, folder));
    }
    csv = Files.writeString(
        folder.resolve("val.csv"),
        "part_0.mp4 2\ntest.avi 1\nvideo_90.mov 6\ncorrupted.mp4 0\npart_0.mp4 3\n");
    single = folder.resolve("single");
    Cli.run("evaluate", "--model", model, "--data", csv, "--out", single).succeeded();
  }

  private static Object[] evaluate(Path list, Path out, Object... more) {
    List<Object> call = new ArrayList<>(List.of("--model", model, "--data", list, "--out", out));
    call.addAll(List.of(more));
    return call.toArray();
  }

  /** What each rank of a job prints, in order of ranks. */
  private static List<Cli> ranks(
      int ranks, Function<JobOptions, Object> command, IntFunction<Object[]> arguments)
      throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(ranks);
    try {
      List<Future<Cli>> running = new ArrayList<>();
      for (Collective job : InProcess.of(ranks)) {
        Object own = command.apply(new JobOptions(mpi -> job));
        running.add(pool.submit(() -> Cli.of(own, arguments.apply(job.rank()))));
      }
      List<Cli> done = new ArrayList<>();
      for (Future<Cli> one : running) {
        done.add(one.get());
      }
      return done;
    } finally {
      pool.shutdownNow();
    }
  }

  private static void assertSilent(Cli rank) {
    assertEquals("", rank.out());
    assertEquals("", rank.err());
    assertEquals(0, rank.exit());
  }

  @Test
  void ranksReportWhatOneProcessReportsAndRankZeroSpeaks() throws Exception {
    Path out = folder.resolve("ranks");
    List<Cli> ranks = ranks(3, EvaluateCommand::new, rank -> evaluate(csv, out));
    assertTrue(ranks.get(0).succeeded().out().contains("videos 4\nfailed 1\n  corrupted.mp4: "));
    assertSilent(ranks.get(1));
    assertSilent(ranks.get(2));
    ReportFiles.assertSame(single, out);
  }

  @Test
  void ranksShareAShardAndMergeTakesIt() throws Exception {
    Path out = folder.resolve("ranks-of-shards");
    for (String shard : List.of("0/2", "1/2")) {
      ranks(2, EvaluateCommand::new, rank -> evaluate(csv, out, "--shard", shard))
          .forEach(Cli::succeeded);
    }
    Path first = out.resolve("shard-0-of-2.json");
    Cli.run("merge", first, out.resolve("shard-1-of-2.json"), "--out", out).succeeded();
    ReportFiles.assertSame(single, out);
  }

  @Test
  void rankWithOtherViewsIsNamedAndNothingIsWritten() throws Exception {
    Path out = folder.resolve("unequal");
    List<Cli> ranks =
        ranks(2, EvaluateCommand::new, rank -> evaluate(csv, out, "--views", 1 + rank));
    assertEquals(1, ranks.get(0).exit());
    assertTrue(
        ranks.get(0).err().contains("rank 1: the number of views is 2, and that of rank 0 is 1"),
        ranks.get(0).err());
    assertTrue(Files.notExists(out));
  }

  @Test
  void rankThatFailsSaysWhyAndEndsTheOthers() throws Exception {
    Path out = folder.resolve("failed");
    Path gone = folder.resolve("gone.csv");
    List<Cli> ranks = ranks(2, EvaluateCommand::new, rank -> evaluate(rank == 0 ? csv : gone, out));
    assertEquals(1, ranks.get(0).exit());
    assertTrue(ranks.get(0).err().contains("rank 1 ended the job"), ranks.get(0).err());
    assertTrue(
        ranks.get(1).err().startsWith("evaluate: rank 1 of 2 (process ")
            && ranks.get(1).err().contains("): " + gone + ": no such file\n"),
        ranks.get(1).err());
    assertTrue(Files.notExists(out));
  }

  @Test
  void ranksClassifyInTheOrderOfTheVideos() throws Exception {
    List<Object> call = new ArrayList<>(List.of("--model", model, "--json"));
    call.addAll(videos);
    List<Cli> ranks = ranks(3, ClassifyCommand::new, rank -> call.toArray());
    Cli alone = Cli.of(new ClassifyCommand(), call.toArray());
    assertEquals(1, alone.exit());
    assertEquals(1, ranks.get(0).exit());
    for (int i = 0; i < videos.size(); i++) {
      JsonNode answer = ranks.get(0).json(i);
      assertEquals(videos.get(i).toString(), answer.get("video").asText());
      assertEquals(alone.json(i).get("top"), answer.get("top"));
      assertEquals(alone.json(i).get("error"), answer.get("error"));
    }
    assertSilent(ranks.get(1));
    assertSilent(ranks.get(2));
  }

  @Test
  void ranksWithoutAVideoOfTheirOwnHelpNobodyAndHarmNobody() throws Exception {
    Object[] call = {"--model", model, "--top", 1, videos.get(0)};
    List<Cli> ranks = ranks(2, ClassifyCommand::new, rank -> call);
    assertEquals(
        Cli.of(new ClassifyCommand(), call).out(), ranks.get(0).succeeded().out());
    assertSilent(ranks.get(1));
  }

  @Test
  void classifyOfAShardAnswersForItsVideos() throws IOException {
    List<Object> call = new ArrayList<>(List.of("classify", "--model", model, "--json"));
    call.addAll(videos);
    call.addAll(List.of("--shard", "0/2"));
    Cli cli = Cli.run(call.toArray()).succeeded();
    assertEquals(2, cli.out().lines().count());
    assertEquals(videos.get(0).toString(), cli.json(0).get("video").asText());
    assertEquals(videos.get(2).toString(), cli.json(1).get("video").asText());
  }

  @Test
  void classifyTakesTheVideosListedInAFile() throws IOException {
    Path list = Files.writeString(
        folder.resolve("videos.txt"), videos.get(0) + "\n" + videos.get(2) + "\n");
    Cli cli = Cli.run("classify", "--model", model, "--json", "@" + list).succeeded();
    assertEquals(
        new ObjectMapper().valueToTree(videos.get(2).toString()), cli.json(1).get("video"));
  }
}
