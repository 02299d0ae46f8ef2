package x3d.collective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import x3d.collective.MpiJob.Launcher;
import x3d.collective.MpiJob.Outcome;

/** Jobs of real processes on this machine. */
@Timeout(180)
class MpiTest {
  /** Short ones, and one whose slices take several chunks. */
  private static final String LENGTHS = "1,2,13,1000,1500001";

  private static Map<String, String> hosts(int ranksAHost) {
    return Map.of("X3D_RANKS_A_HOST", Integer.toString(ranksAHost));
  }

  private static List<String> said(Outcome outcome, int rank) {
    String start = "rank " + rank + ": ";
    return outcome.lines().stream()
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(start.length()))
        .toList();
  }

  private static List<String> inProcess(int ranks, int ranksAHost) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(ranks);
    List<Future<String>> running = new ArrayList<>();
    for (Collective rank : InProcess.of(ranks, ranksAHost)) {
      running.add(threads.submit(() -> Exercise.digests(rank, MpiRank.lengths(LENGTHS))));
    }
    List<String> digests = new ArrayList<>();
    for (Future<String> future : running) {
      digests.add(future.get());
    }
    threads.shutdown();
    return digests;
  }

  @ParameterizedTest
  @CsvSource({
    "OPEN_MPI, 2, 2",
    "OPEN_MPI, 4, 2",
    "OPEN_MPI, 3, 2",
    "MPICH, 2, 1",
    "MPICH, 4, 4",
    "MPICH, 4, 2"
  })
  void processesGetTheBitsThatThreadsGet(Launcher launcher, int ranks, int ranksAHost)
      throws Exception {
    Outcome outcome =
        MpiJob.run(launcher, ranks, hosts(ranksAHost), MpiRank.class, "exercise", LENGTHS);
    assertEquals(0, outcome.exitCode(), outcome.text());
    List<String> expected = inProcess(ranks, ranksAHost);
    for (int rank = 0; rank < ranks; rank++) {
      assertEquals(expected.get(rank), said(outcome, rank).get(1), outcome.text());
    }
  }

  /** UCX, of which both make use, would take the signal of a null check and end the process. */
  @ParameterizedTest
  @CsvSource({"OPEN_MPI, Open MPI", "MPICH, MPICH"})
  void ranksKnowTheirPlaceAndNullPointersStayExceptions(Launcher launcher, String library)
      throws Exception {
    Outcome outcome = MpiJob.run(launcher, 2, Map.of(), MpiRank.class, "null");
    assertEquals(0, outcome.exitCode(), outcome.text());
    List<String> said = said(outcome, 1);
    assertTrue(
        said.get(0).matches("joined 2 by " + library + " \\d[\\d.]*, 1 of 2 here"), outcome.text());
    assertEquals(List.of("survived 4", "left"), said.subList(1, 3));
  }

  @ParameterizedTest
  @EnumSource
  void aKilledRankEndsTheJobWithinTenSeconds(Launcher launcher) throws Exception {
    AtomicLong killed = new AtomicLong();
    Outcome outcome = MpiJob.run(
        launcher,
        4,
        Map.of(),
        line -> line.startsWith("rank 2: exchanges"),
        job -> {
          job.rank(2).destroyForcibly();
          killed.set(System.nanoTime());
        },
        MpiRank.class,
        "wait");
    assertNotEquals(0, outcome.exitCode(), outcome.text());
    double seconds = (outcome.end() - killed.get()) / 1e9;
    assertTrue(seconds < 10, seconds + " s, " + outcome.text());
    String reason = launcher == Launcher.OPEN_MPI ? "signal 9 (Killed)" : "EXIT CODE: 9";
    assertTrue(outcome.text().contains(reason), outcome.text());
  }

  @ParameterizedTest
  @CsvSource({
    "OPEN_MPI, abort, cannot go on",
    "MPICH, abort, cannot go on",
    "OPEN_MPI, exit, rank 1 ended without having left",
    "MPICH, exit, rank 1 ended without having left",
    "OPEN_MPI, throw, an error of rank 1",
    "MPICH, throw, an error of rank 1"
  })
  void aRankThatCannotGoOnEndsTheJob(Launcher launcher, String deed, String reason)
      throws Exception {
    Outcome outcome = MpiJob.run(launcher, 3, Map.of(), MpiRank.class, deed);
    assertNotEquals(0, outcome.exitCode(), outcome.text());
    assertTrue(outcome.text().contains(reason), outcome.text());
    assertTrue(outcome.seconds() < 30, outcome.text());
  }

  @ParameterizedTest
  @EnumSource
  void aRankThatDoesNotAnswerIsNamed(Launcher launcher) throws Exception {
    Outcome outcome =
        MpiJob.run(launcher, 2, Map.of("X3D_STALL_SECONDS", "1"), MpiRank.class, "stall");
    assertNotEquals(0, outcome.exitCode(), outcome.text());
    assertEquals(
        "rank 0 waited 1 s for other ranks in reduce-scatter; no answer from [1]",
        said(outcome, 0).get(1),
        outcome.text());
  }

  @ParameterizedTest
  @CsvSource({
    "OPEN_MPI, libmpich.so.12, Open MPI's mpirun, MPICH",
    "MPICH, libmpi.so.40, MPICH's mpiexec, Open MPI"
  })
  void anotherLaunchersLibraryIsRefused(
      Launcher launcher, String library, String started, String joined) throws Exception {
    Outcome outcome = MpiJob.run(launcher, 2, Map.of("LIBRARY", library), MpiRank.class, "null");
    assertNotEquals(0, outcome.exitCode(), outcome.text());
    assertTrue(
        outcome.text().contains(started + " started 2 ranks, but " + joined), outcome.text());
  }
}
