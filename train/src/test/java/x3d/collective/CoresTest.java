package x3d.collective;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

class CoresTest {
  private static final int HERE = Runtime.getRuntime().availableProcessors();

  private static List<Integer> each(List<Collective> ranks, ToIntFunction<Collective> question)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(ranks.size());
    try {
      List<Future<Integer>> running = new ArrayList<>();
      ranks.forEach(rank -> running.add(threads.submit(() -> question.applyAsInt(rank))));
      List<Integer> answers = new ArrayList<>();
      for (Future<Integer> answer : running) {
        answers.add(answer.get());
      }
      return answers;
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aListOfCoresIsRead() {
    assertEquals(5, Cores.parse("0-3,8").cardinality());
    assertEquals(0, Cores.parse("").cardinality());
  }

  @Test
  void ranksOfAHostShareItsCoresAndThoseOfAnotherDoNot() throws Exception {
    int half = Math.max(1, HERE / 2);
    assertEquals(List.of(half, half), each(InProcess.of(2), Cores::share));
    assertEquals(List.of(HERE, HERE), each(InProcess.of(2, 1), Cores::share));
    assertEquals(HERE, Cores.share(InProcess.alone()));
  }

  @Test
  void togetherTheyHaveThemAll() throws Exception {
    assertEquals(List.of(HERE, HERE, HERE), each(InProcess.of(3), Cores::together));
  }
}
