package x3d.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.SmallModel;

/** Real videos with a few bytes changed: 200 of them, or as many as {@code -Dx3d.fuzz} says. */
final class MutatedVideosTest {
  private static final int MUTANTS = Integer.getInteger("x3d.fuzz", 200);
  private static final List<String> ORIGINALS = List.of("part_0.mp4", "video_90.mov", "test.avi");
  private static final long MOST_GROWTH = 128L << 20;
  private static final int CLIENTS = 4;

  @TempDir
  Path folder;

  @Test
  void mutantsAreAnsweredOrRefusedAndLeaveNothing() throws Exception {
    List<byte[]> originals = new ArrayList<>();
    for (String name : ORIGINALS) {
      originals.add(Files.readAllBytes(SmallModel.video(name, folder)));
    }
    Path uploads = Files.createDirectory(folder.resolve("uploads"));
    try (ServerProcess server = ServerProcess.start(
        folder.resolve("log"),
        SmallModel.writeTo(folder),
        uploads,
        "--max-decode",
        "5",
        "--timeout",
        "30")) {
      int warm = Math.min(60, MUTANTS / 2);
      answer(server, originals, 0, warm);
      long memory = server.memory();
      long open = server.open();
      answer(server, originals, warm, MUTANTS);
      Asking.json(200, server.ask().post("/v1/classify", "video/mp4", originals.get(0)));
      assertEquals(List.of(), ServerProcess.left(uploads));
      long growth = server.memory() - memory;
      assertTrue(growth < MOST_GROWTH, "memory grew by " + (growth >> 20) + " MiB");
      assertTrue(server.open() < open + 20, server.open() + " open files, " + open + " before");
    }
  }

  private static void answer(ServerProcess server, List<byte[]> originals, int from, int to)
      throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int seed = from; seed < to; seed++) {
        int of = seed;
        running.add(clients.submit(() -> answer(server, originals, of)));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } finally {
      clients.shutdownNow();
    }
  }

  private static Void answer(ServerProcess server, List<byte[]> originals, int seed)
      throws Exception {
    byte[] mutant = mutant(originals, seed);
    HttpResponse<String> answer;
    try {
      answer = server.ask().post("/v1/classify?views=2", "video/mp4", mutant);
    } catch (java.io.IOException e) {
      throw new AssertionError("no answer to the mutant of seed " + seed + ": " + server.log(), e);
    }
    assertTrue(
        Set.of(200, 400, 413, 422).contains(answer.statusCode()),
        () -> "seed " + seed + ": " + answer.statusCode() + answer.body());
    return null;
  }

  /** The same one for each seed. Half of the changes are among the tables at the beginning or the end. */
  private static byte[] mutant(List<byte[]> originals, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] bytes = originals.get(seed % originals.size()).clone();
    int changes = 1 + random.nextInt(8);
    for (int i = 0; i < changes; i++) {
      int at = place(random, bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt();
        case 2 -> ByteBuffer.wrap(bytes).putInt(at, extreme(random));
        case 3 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + random.nextInt(64)), (byte) 0);
        case 4 -> {
          int from = place(random, bytes.length);
          int length = Math.min(random.nextInt(256), bytes.length - Math.max(at, from));
          System.arraycopy(bytes, from, bytes, at, length);
        }
        default ->
          bytes = i == 0 ? Arrays.copyOf(bytes, bytes.length - random.nextInt(2000)) : bytes;
      }
    }
    return bytes;
  }

  private static int place(SplittableRandom random, int length) {
    int most = length - 4;
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(Math.min(most, 2000));
      case 1 -> most - random.nextInt(Math.min(most, 1500));
      default -> random.nextInt(most);
    };
  }

  private static int extreme(SplittableRandom random) {
    int[] all = {0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 0xffff, 0x10000, 8, 1 << 24};
    return all[random.nextInt(all.length)];
  }
}
