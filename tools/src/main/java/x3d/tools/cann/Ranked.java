package x3d.tools.cann;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Tasks that belong together.
 *
 * @param cores what ran them, parted by commas
 * @param share of the time of all tasks, from 0 to 1
 */
record Ranked(
    String name, String cores, long count, double seconds, double share, double longestSeconds) {
  /** By falling time. */
  static List<Ranked> by(Function<Task, String> key, List<Task> tasks) {
    double all = tasks.stream().mapToDouble(Task::seconds).sum();
    Map<String, List<Task>> groups =
        tasks.stream().collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
    List<Ranked> ranked = new ArrayList<>();
    groups.forEach((name, group) -> ranked.add(of(name, group, all)));
    ranked.sort(Comparator.comparingDouble(Ranked::seconds).reversed().thenComparing(Ranked::name));
    return ranked;
  }

  private static Ranked of(String name, List<Task> tasks, double all) {
    double seconds = tasks.stream().mapToDouble(Task::seconds).sum();
    return new Ranked(
        name,
        tasks.stream().map(Task::core).collect(Collectors.toCollection(TreeSet::new)).stream()
            .filter(core -> !core.isEmpty())
            .collect(Collectors.joining(",")),
        tasks.size(),
        seconds,
        all == 0 ? 0 : seconds / all,
        tasks.stream().mapToDouble(Task::seconds).max().orElse(0));
  }

  double meanMicros() {
    return seconds / count * 1e6;
  }

  /** For JSON. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", name);
    fields.put("cores", cores);
    fields.put("count", count);
    fields.put("seconds", seconds);
    fields.put("share", share);
    fields.put("meanMicros", meanMicros());
    fields.put("longestMicros", longestSeconds * 1e6);
    return fields;
  }
}
