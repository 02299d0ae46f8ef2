package x3d.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.SmallModel;
import x3d.classify.Views;

final class LoadTest {
  private static final int CLIENTS = 32;
  private static final int ROUNDS = 5;
  private static final int REQUESTS = 500;

  /** Enough work a request that it is measured, not the protocol: of 10 views a video as the usual models take. */
  private static final Views VIEWS = new Views(20, 1);

  private static final double LEAST_SHARE = 0.9;
  private static final long MOST_GROWTH = 48L << 20;

  @TempDir
  Path folder;

  /**
   * The server and the same work without it take turns in rounds, so that whatever else the machine does slows both; the clients
   * share the cores with the server, at its cost. The best round of each counts.
   */
  @Test
  void manyClientsAreServedAsFastAsTheModelGoesAndMemoryStaysFlat() throws Exception {
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
      direct.rate(REQUESTS / ROUNDS);
      new Load(server.ask(), path, videos).run(CLIENTS, REQUESTS / ROUNDS);
      long memory = server.memory();
      double without = 0;
      double with = 0;
      int refused = 0;
      for (int round = 0; round < ROUNDS; round++) {
        without = Math.max(without, direct.rate(REQUESTS / ROUNDS));
        Load.Seen seen = new Load(server.ask(), path, videos).run(CLIENTS, REQUESTS / ROUNDS);
        with = Math.max(with, seen.rate());
        refused += seen.count(503);
        assertEquals(REQUESTS / ROUNDS, seen.count(200));
        assertTrue(Set.of(200, 503).containsAll(seen.statuses().keySet()), "" + seen.statuses());
        assertTrue(
            seen.time(0.99) < 3 * seen.time(0.5),
            "p99 is " + seen.time(0.99) + " s, the median " + seen.time(0.5) + " s");
        System.err.println(Map.of(
            "direct",
            without,
            "server",
            with,
            "refused",
            refused,
            "median",
            seen.time(0.5),
            "p99",
            seen.time(0.99)));
      }
      long growth = server.memory() - memory;
      System.err.println("growth " + (growth >> 20) + " of " + (memory >> 20));
      assertTrue(growth < MOST_GROWTH, "memory grew by " + (growth >> 20) + " MiB");
      assertEquals(List.of(), ServerProcess.left(uploads));
      assertTrue(
          with >= LEAST_SHARE * without,
          with + " videos a second through the server, " + without + " without");
    }
  }
}
