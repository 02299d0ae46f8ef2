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
  private static final int ROUNDS = 5;
  private static final int REQUESTS = 500;
  private static final int DIRECT = 50;

  /** Enough work a request that the model is measured and not the protocol. */
  private static final Views VIEWS = new Views(20, 1);

  /**
   * Of the processor's time of a video, what the model alone takes. A request costs about 10 ms beside, half of them the JVM's
   * compiler: much here, where a video takes 33 ms, and little beside one that X3D-S looks at.
   */
  private static final double LEAST_SHARE = 0.6;

  private static final long MOST_GROWTH = 48L << 20;

  @TempDir
  Path folder;

  /**
   * The server and the same work without it take turns. Compared is what a video costs of the processor, of each the best round:
   * how many are done in a second depends on who else is on the cores, the clients among them.
   */
  @Test
  void manyClientsCostLittleMoreThanTheModelAndMemoryStaysFlat() throws Exception {
    Path model = SmallModel.writeTo(folder);
    List<Path> files =
        List.of(SmallModel.video("part_0.mp4", folder), SmallModel.video("video_90.mov", folder));
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
      String path = "/v1/classify?views=" + VIEWS.views();
      direct.rate(DIRECT);
      new Load(server.ask(), path, videos).run(CLIENTS, REQUESTS / ROUNDS);
      long memory = server.memory();
      Best without = new Best();
      Best with = new Best();
      for (int round = 0; round < ROUNDS; round++) {
        double before = direct.processorSeconds();
        double rate = direct.rate(DIRECT);
        without.take(rate, (direct.processorSeconds() - before) / DIRECT);
        before = server.processorSeconds();
        Load.Seen seen = new Load(server.ask(), path, videos).run(CLIENTS, REQUESTS / ROUNDS);
        with.take(seen.rate(), (server.processorSeconds() - before) / seen.count(200));
        assertEquals(REQUESTS / ROUNDS, seen.count(200));
        assertTrue(Set.of(200, 503).containsAll(seen.statuses().keySet()), "" + seen.statuses());
        assertTrue(
            seen.time(0.99) < 3 * seen.time(0.5),
            "p99 is " + seen.time(0.99) + " s, the median " + seen.time(0.5) + " s");
      }
      long growth = server.memory() - memory;
      assertTrue(growth < MOST_GROWTH, "memory grew by " + (growth >> 20) + " MiB");
      assertEquals(List.of(), ServerProcess.left(uploads));
      String figures = "through the server " + with + ", without " + without;
      assertTrue(without.cost >= LEAST_SHARE * with.cost, figures);
    }
  }

  /** Of several rounds. */
  private static final class Best {
    double rate;
    double cost = Double.POSITIVE_INFINITY;

    /**
     * @param videos a second
     * @param processorSeconds a video
     */
    void take(double videos, double processorSeconds) {
      rate = Math.max(rate, videos);
      cost = Math.min(cost, processorSeconds);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%.1f videos a second at %.1f ms of the processor", rate, 1000 * cost);
    }
  }
}
