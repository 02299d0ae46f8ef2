package x3d.collective;

import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.List;

/** One rank of the jobs of {@link MpiTest}: joins as a program does and does what it is told. */
final class MpiRank {
  private MpiRank() {}

  public static void main(String[] arguments) throws Exception {
    String deed = arguments[0];
    Collective ranks =
        Launch.join(System.getenv().getOrDefault("LIBRARY", "auto"), System.getenv());
    say(
        ranks,
        "joined " + ranks.size() + " by " + ranks.describe() + ", " + ranks.localRank() + " of "
            + ranks.localSize() + " here");
    switch (deed) {
      case "exercise" -> say(ranks, Exercise.digests(ranks, lengths(arguments[1])));
      case "null" -> survivesNullPointers(ranks);
      case "wait" -> {
        for (int round = 0; ; round++) {
          if (round == 100) {
            say(ranks, "exchanges");
          }
          ranks.sum(new double[1]);
          ranks.reduceScatter(
              Exercise.direct(100),
              Partition.even(100, 1, ranks.size()),
              Exercise.direct(Partition.even(100, 1, ranks.size()).length(ranks.rank())));
        }
      }
      case "abort" -> {
        if (ranks.rank() == 1) {
          say(ranks, "cannot go on");
          ranks.abort();
        }
        ranks.sum(new double[1]);
      }
      case "throw" -> {
        if (ranks.rank() == 1) {
          throw new IllegalStateException("an error of rank 1");
        }
        ranks.sum(new double[1]);
      }
      case "exit" -> {
        if (ranks.rank() == 1) {
          System.exit(0);
        }
        ranks.sum(new double[1]);
      }
      case "stall" -> {
        if (ranks.rank() == 1) {
          Thread.sleep(Duration.ofMinutes(1).toMillis());
        }
        Partition partition = Partition.even(10, 1, ranks.size());
        try {
          ranks.reduceScatter(
              Exercise.direct(10), partition, Exercise.direct(partition.length(ranks.rank())));
        } catch (CollectiveException e) {
          say(ranks, e.getMessage());
          ranks.abort();
        }
      }
      case "time" -> time(ranks, Integer.parseInt(arguments[1]));
      default -> throw new IllegalArgumentException(deed);
    }
    ranks.close();
    say(ranks, "left");
  }

  static List<Integer> lengths(String list) {
    return List.of(list.split(",")).stream().map(Integer::valueOf).toList();
  }

  private static synchronized void say(Collective ranks, String what) {
    System.out.println("rank " + ranks.rank() + ": " + what);
  }

  /** The JIT leaves null checks to SIGSEGV, until they fail too often. */
  private static void survivesNullPointers(Collective ranks) {
    int caught = 0;
    String[] values = new String[1000];
    for (int round = 0; round < 20_000; round++) {
      values[round % 1000] = round % 5000 == 4999 ? null : "abc";
      try {
        caught += values[round % 1000].length() - 3;
      } catch (NullPointerException e) {
        caught++;
      }
    }
    ranks.sum(new double[1]);
    say(ranks, "survived " + caught);
  }

  private static void time(Collective ranks, int length) {
    Partition partition = Partition.even(length, 1, ranks.size());
    FloatBuffer vector = Exercise.values(ranks.rank(), length, 1);
    FloatBuffer own = Exercise.direct(partition.length(ranks.rank()));
    for (int round = 0; round < 5; round++) {
      long start = System.nanoTime();
      ranks.reduceScatter(vector, partition, own);
      long middle = System.nanoTime();
      ranks.allGather(vector, partition);
      say(
          ranks,
          "reduce-scatter " + (middle - start) / 1000 + " us, all-gather "
              + (System.nanoTime() - middle) / 1000 + " us");
    }
  }
}
