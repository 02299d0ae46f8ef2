package x3d.tools.plan;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import x3d.collective.Collective;

/** How many cores the ranks of a job have together: launchers bind each to one or to all of them. */
final class Cores {
  private Cores() {}

  /** Of ranks on one host. Every rank must call it. */
  static int of(Collective ranks) {
    if (ranks.size() == 1) {
      return Runtime.getRuntime().availableProcessors();
    }
    BitSet all = new BitSet();
    for (byte[] list : ranks.allGather(allowed().getBytes(StandardCharsets.UTF_8))) {
      all.or(parse(new String(list, StandardCharsets.UTF_8)));
    }
    return all.isEmpty() ? Runtime.getRuntime().availableProcessors() : all.cardinality();
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
