package x3d.collective;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;

/** The cores that ranks may run on: launchers bind each to some of its host's, or to none, and then they share all. */
public final class Cores {
  private Cores() {}

  /** How many the ranks of one host have together. Every rank must call it. */
  public static int together(Collective ranks) {
    int here = Runtime.getRuntime().availableProcessors();
    if (ranks.size() == 1) {
      return here;
    }
    BitSet all = new BitSet();
    everybodys(ranks, allowed()).forEach(list -> all.or(parse(list)));
    return all.isEmpty() ? here : all.cardinality();
  }

  /** This rank's part of those that it may run on, which it shares with the ranks of its host that have the same. Every rank must call it. */
  public static int share(Collective ranks) {
    int here = Runtime.getRuntime().availableProcessors();
    if (ranks.size() == 1) {
      return here;
    }
    String own = ranks.host() + ":" + allowed();
    long sharers = everybodys(ranks, own).stream().filter(own::equals).count();
    return (int) Math.max(1, here / sharers);
  }

  private static List<String> everybodys(Collective ranks, String own) {
    return ranks.allGather(own.getBytes(StandardCharsets.UTF_8)).stream()
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .toList();
  }

  private static String allowed() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("Cpus_allowed_list:"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("");
    } catch (IOException e) {
      return ""; // not Linux: launchers there bind no process to cores
    }
  }

  /** Such as {@code 0-3,8}. */
  static BitSet parse(String list) {
    BitSet cores = new BitSet();
    for (String range : list.isEmpty() ? new String[0] : list.split(",")) {
      String[] ends = range.split("-");
      cores.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
    }
    return cores;
  }
}
