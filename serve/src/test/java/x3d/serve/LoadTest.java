package x3d.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.SmallModel;
import x3d.classify.Views;

final class LoadTest {
  private static final int CLIENTS = 32;

  /** Requests of a round, and videos without the server. */
  private static final int REQUESTS = 100;

  private static final int DIRECT = 50;
  private static final int WARM_UP_ROUNDS = 6;
  private static final int LEAST_ROUNDS = 5;
  private static final int MOST_ROUNDS = 20;
  private static final Views VIEWS = new Views(20, 1);

  /** Of the processor's time of a video, what it takes without the server. */
  private static final double LEAST_SHARE = 0.9;

  private static final long MOST_GROWTH = 48L << 20;

  @TempDir
  Path folder;

  /**
   * The server and the same work without it take turns. Compared is what a video costs of the processor: how many are done in a
   * second depends on who else is on the cores, the clients among them. More rounds narrow the means, and for thousands of requests
   * the JVM still compiles.
   */
  @Test
  void manyClientsCostLittleMoreThanTheModelAndMemoryStaysFlat() throws Exception {
    Path model = SmallModel.writeTo(folder);
    List<Path> files =
        List.of(SmallModel.video("part_0.mp4", folder), SmallModel.video("demo.mp4", folder));
    List<byte[]> videos = new ArrayList<>();
    for (Path file : files) {
      videos.add(Files.readAllBytes(file));
    }
    Path uploads = Files.createDirectory(folder.resolve("uploads"));
    int cores = Runtime.getRuntime().availableProcessors();
    try (DirectWork direct = DirectWork.start(folder.resolve("direct"), model, VIEWS, files);
        ServerProcess server = ServerProcess.start(
            folder.resolve("log"),
            model,
            uploads,
            "--concurrency",
            "" + cores,
            "--queue",
            "" + (CLIENTS - 4 - cores))) {
      for (int round = 0; round < WARM_UP_ROUNDS; round++) {
        direct.rate(DIRECT);
        load(server, videos);
      }
      long memory = server.memory();
      Cost without = new Cost();
      Cost with = new Cost();
      int round = 0;
      while (round < LEAST_ROUNDS
          || round < MOST_ROUNDS && without.ofAVideo() < LEAST_SHARE * with.ofAVideo()) {
        double before = direct.processorSeconds();
        double rate = direct.rate(DIRECT);
        without.add(rate, DIRECT, direct.processorSeconds() - before);
        before = server.processorSeconds();
        Load.Seen seen = load(server, videos);
        with.add(seen.rate(), REQUESTS, server.processorSeconds() - before);
        assertEquals(REQUESTS, seen.count(200));
        assertTrue(Set.of(200, 503).containsAll(seen.statuses().keySet()), "" + seen.statuses());
        assertTrue(
            seen.time(0.99) < 3 * seen.time(0.5),
            "p99 is " + seen.time(0.99) + " s, the median " + seen.time(0.5) + " s");
        round++;
      }
      long growth = server.memory() - memory;
      assertTrue(growth < MOST_GROWTH, "memory grew by " + (growth >> 20) + " MiB");
      assertEquals(List.of(), ServerProcess.left(uploads));
      assertTrue(
          without.ofAVideo() >= LEAST_SHARE * with.ofAVideo(),
          "through the server " + with + ", without " + without);
    }
  }

  private static Load.Seen load(ServerProcess server, List<byte[]> videos) throws Exception {
    return new Load(server.ask(), "/v1/classify?views=" + VIEWS.views(), videos)
        .run(CLIENTS, REQUESTS);
  }

  /** Of all rounds. */
  private static final class Cost {
    private double bestRate;
    private double processorSeconds;
    private int videos;

    void add(double rate, int more, double seconds) {
      bestRate = Math.max(bestRate, rate);
      videos += more;
      processorSeconds += seconds;
    }

    double ofAVideo() {
      return processorSeconds / videos;
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%.1f ms of the processor a video, %.1f videos a second at best",
          1000 * ofAVideo(),
          bestRate);
    }
  }
}
