package x3d.tools.evaluate;

import java.util.List;

/**
 * What looking took: it differs from run to run, and so stands beside the report, not in it.
 *
 * @param seconds from the first video to the last
 * @param videos that were looked at in this time
 * @param clips that were answered for in this time, of all looks; some may have been the same
 * @param resumed videos that an interrupted run had looked at before
 * @param costs of each look, where there is more than one
 */
record Timing(double seconds, int videos, long clips, int resumed, List<Cost> costs) {
  /**
   * What a look takes alone, one video at a time.
   *
   * @param videos over which that was measured
   * @param millisPerVideo their mean
   */
  record Cost(int views, int crops, int videos, double millisPerVideo) {}

  Timing {
    costs = List.copyOf(costs);
  }

  double videosPerSecond() {
    return seconds > 0 ? videos / seconds : 0;
  }

  double clipsPerSecond() {
    return seconds > 0 ? clips / seconds : 0;
  }

  /** The timing of parts that ran side by side: it took what the longest took. */
  static Timing sideBySide(List<Timing> parts) {
    return new Timing(
        parts.stream().mapToDouble(Timing::seconds).max().orElse(0),
        parts.stream().mapToInt(Timing::videos).sum(),
        parts.stream().mapToLong(Timing::clips).sum(),
        parts.stream().mapToInt(Timing::resumed).sum(),
        costs(parts));
  }

  private static List<Cost> costs(List<Timing> parts) {
    List<List<Cost>> measured =
        parts.stream().map(Timing::costs).filter(costs -> !costs.isEmpty()).toList();
    if (measured.isEmpty()) {
      return List.of();
    }
    return measured.get(0).stream()
        .map(look -> {
          List<Cost> same = measured.stream()
              .flatMap(List::stream)
              .filter(c -> c.views == look.views && c.crops == look.crops)
              .toList();
          int videos = same.stream().mapToInt(Cost::videos).sum();
          double millis =
              same.stream().mapToDouble(c -> c.millisPerVideo * c.videos).sum();
          return new Cost(look.views, look.crops, videos, millis / videos);
        })
        .toList();
  }
}
