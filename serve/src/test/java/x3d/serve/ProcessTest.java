package x3d.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.classify.SmallModel;

/** The server as a process that is killed, stopped and given other models while it is asked. */
final class ProcessTest {
  private static final String PATH = "/v1/classify?views=30";
  private static final int CLIENTS = 8;

  @TempDir
  Path folder;

  Path model;
  Path uploads;
  List<byte[]> videos;

  @BeforeEach
  void prepare() throws Exception {
    model = SmallModel.writeTo(folder);
    uploads = Files.createDirectory(folder.resolve("uploads"));
    videos = List.of(Files.readAllBytes(SmallModel.video("part_0.mp4", folder)));
  }

  /** Clients that ask until they are told that it is enough. */
  private static final class Busy implements AutoCloseable {
    final Load load;
    private final AtomicBoolean enough = new AtomicBoolean();
    private final CompletableFuture<Load.Seen> seen;

    Busy(ServerProcess server, List<byte[]> videos) {
      load = new Load(server.ask(), PATH, videos);
      seen = CompletableFuture.supplyAsync(() -> {
        try {
          return load.run(CLIENTS, number -> !enough.get());
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      });
    }

    void awaitAnswers(int count) throws Exception {
      int goal = load.count(200) + count;
      long deadline = System.nanoTime() + 60_000_000_000L;
      while (load.count(200) < goal) {
        assertTrue(System.nanoTime() < deadline, "no more answers after 60 s");
        Thread.sleep(5);
      }
    }

    /** Whoever asks after this comes no more. */
    void stopAsking() {
      enough.set(true);
    }

    Load.Seen seen() throws Exception {
      return seen.get();
    }

    @Override
    public void close() {
      enough.set(true);
    }
  }

  @Test
  void afterAKillTheNextServerIsReadySoonAndCleansWhatWasLeft() throws Exception {
    Duration usual;
    try (ServerProcess first = ServerProcess.start(folder.resolve("first"), model, uploads);
        Busy busy = new Busy(first, videos)) {
      usual = first.startTook();
      busy.awaitAnswers(10);
      busy.stopAsking();
      first.kill();
      first.exitCode();
      assertFalse(ServerProcess.left(uploads).isEmpty(), "nothing was being worked on");
      busy.seen();
    }
    try (ServerProcess next = ServerProcess.start(folder.resolve("next"), model, uploads)) {
      Duration most = Duration.ofSeconds(10); // or as long as a busy machine takes for any start
      assertTrue(
          next.startTook().compareTo(most) < 0
              || next.startTook().compareTo(usual.multipliedBy(2)) < 0,
          "the start took " + next.startTook().toMillis() + " ms");
      assertEquals(List.of(), ServerProcess.left(uploads));
      assertEquals(1, Files.list(uploads).count(), "areas");
      Asking.json(200, next.ask().get("/readyz"));
      Asking.json(200, next.ask().post(PATH, "video/mp4", videos.get(0)));
    }
  }

  @Test
  void whenToldToStopAllThatWasLetInIsAnsweredFirst() throws Exception {
    try (ServerProcess server = ServerProcess.start(folder.resolve("log"), model, uploads);
        Busy busy = new Busy(server, videos)) {
      busy.awaitAnswers(10);
      server.terminate();
      Thread.sleep(200);
      busy.stopAsking();
      assertEquals(143, server.exitCode()); // 128 and the number of SIGTERM, as the JVM has it
      Load.Seen seen = busy.seen();
      assertTrue(Set.of(0, 200, 503).containsAll(seen.statuses().keySet()), "" + seen.statuses());
      List<String> answered = server
          .log()
          .lines()
          .filter(line -> line.contains(" POST /v1/classify "))
          .toList();
      long good =
          answered.stream().filter(line -> line.contains(" 200 problem=-")).count();
      long drained =
          answered.stream().filter(line -> line.contains("problem=draining")).count();
      assertEquals(answered.size(), good + drained, server.log());
      assertEquals(good, seen.count(200), "answers that were sent and that arrived");
      assertEquals(List.of(), ServerProcess.left(uploads));
      assertEquals(0, Files.list(uploads).count(), "areas");
    }
  }

  @Test
  void modelsAreReplacedWithoutAFailedRequestAndABrokenOneIsNotTaken() throws Exception {
    Path whole = folder.resolve("whole");
    Files.copy(model, whole);
    try (ServerProcess server = ServerProcess.start(folder.resolve("log"), model, uploads);
        Busy busy = new Busy(server, videos)) {
      Asking ask = server.ask();
      String version = "x3d_model_version{model=\"small\"}";
      String refused = "x3d_model_reloads_total{model=\"small\",outcome=\"refused\"}";
      for (int next = 2; next <= 3; next++) {
        busy.awaitAnswers(5);
        replace(Files.copy(whole, folder.resolve("other")));
        until(ask, version, next);
      }
      byte[] cut = Files.readAllBytes(whole);
      replace(Files.write(folder.resolve("other"), java.util.Arrays.copyOf(cut, cut.length / 2)));
      until(ask, refused, 1);
      busy.awaitAnswers(5);
      assertEquals(3, ask.metric(version));
      replace(Files.copy(whole, folder.resolve("other")));
      until(ask, version, 4);
      busy.awaitAnswers(5);
      busy.stopAsking();
      assertEquals(Set.of(200), busy.seen().statuses().keySet());
      assertTrue(
          server.log().contains("model small: the new file cannot be used, so version 3 stays: "),
          server.log());
      assertTrue(
          server.log().contains("model small: its file was replaced, this is version 4"),
          server.log());
    }
  }

  private void replace(Path by) throws Exception {
    Files.move(by, model, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void until(Asking ask, String metric, double value) throws Exception {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (ask.metric(metric) != value) {
      assertTrue(System.nanoTime() < deadline, metric + " is not " + value + " after 30 s");
      Thread.sleep(50);
    }
  }
}
