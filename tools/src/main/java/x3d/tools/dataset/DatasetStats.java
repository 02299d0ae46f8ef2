package x3d.tools.dataset;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What {@code stats.json} says of the videos of some lists. Distributions are of the videos that can be used, each once, upright.
 *
 * @param version of x3d that looked
 * @param lists with the number of their lines
 * @param videos how many different ones are on the lists
 * @param usable how many of them can be read and, where they were checked, are sound
 * @param hours of all usable videos together
 * @param seconds lengths
 * @param fps frames a second
 * @param shortSides pixels
 * @param kilobitsPerSecond of the files
 * @param resolutions how many videos have a size, the most frequent first
 * @param codecs how many videos have a codec, the most frequent first
 * @param portrait videos that are higher than wide
 * @param rotated videos whose pictures are stored turned
 * @param clipSeconds how much of a video a clip covers
 * @param shorterThanClip videos that are shorter, whose last frame is repeated
 * @param classes by label
 * @param balance of each list
 * @param few below how many lines of a list a class counts as small
 * @param unusable videos that cannot be used
 */
record DatasetStats(
    String version,
    Map<String, Integer> lists,
    int videos,
    int usable,
    double hours,
    Spread seconds,
    Spread fps,
    Spread shortSides,
    Spread kilobitsPerSecond,
    Map<String, Long> resolutions,
    Map<String, Long> codecs,
    List<String> portrait,
    List<String> rotated,
    double clipSeconds,
    List<String> shorterThanClip,
    List<ClassSize> classes,
    List<Balance> balance,
    int few,
    List<Unusable> unusable) {
  /**
   * A class.
   *
   * @param name the label, where there are no names
   * @param lines of each list, in the order of the lists
   */
  record ClassSize(int label, String name, List<Integer> lines) {}

  /**
   * How evenly a list's lines are spread over the classes.
   *
   * @param list the file
   * @param smallest lines of the smallest class
   * @param largest lines of the largest class
   * @param ratio of the largest class to the smallest one that is not empty
   * @param fewVideos classes with few lines, the smallest first, empty ones included
   */
  record Balance(String list, int smallest, int largest, double ratio, List<String> fewVideos) {
    private static Balance of(String list, int number, List<ClassSize> classes, int few) {
      int[] sizes = classes.stream().mapToInt(one -> one.lines().get(number)).toArray();
      int largest = IntStream.of(sizes).max().orElse(0);
      int positive = IntStream.of(sizes).filter(size -> size > 0).min().orElse(1);
      return new Balance(
          list,
          IntStream.of(sizes).min().orElse(0),
          largest,
          (double) largest / positive,
          classes.stream()
              .filter(one -> one.lines().get(number) < few)
              .sorted(Comparator.comparingInt((ClassSize one) -> one.lines().get(number)))
              .map(ClassSize::name)
              .toList());
    }
  }

  /** A video that cannot be used, and why. */
  record Unusable(String video, String reason) {}

  /**
   * Sums up.
   *
   * @param found each video once
   */
  static DatasetStats of(
      String version,
      Map<String, Integer> lists,
      List<CheckedVideo> found,
      List<ClassSize> classes,
      double clipSeconds,
      int few) {
    List<CheckedVideo> usable = found.stream().filter(CheckedVideo::sound).toList();
    List<String> files = List.copyOf(lists.keySet());
    return new DatasetStats(
        version,
        lists,
        found.size(),
        usable.size(),
        usable.stream().mapToDouble(video -> video.facts().seconds()).sum() / 3600,
        spread(usable, video -> video.facts().seconds()),
        spread(usable, video -> video.facts().fps()),
        spread(usable, video -> Math.min(video.facts().width(), video.facts().height())),
        spread(usable, video -> 8e-3 * video.bytes() / video.facts().seconds()),
        counts(usable, video -> video.facts().width() + "x" + video.facts().height()),
        counts(usable, video -> video.facts().codec()),
        names(usable, video -> video.facts().height() > video.facts().width()),
        names(usable, video -> video.facts().rotation() != 0),
        clipSeconds,
        names(usable, video -> video.facts().frames() / video.facts().fps() < clipSeconds),
        classes,
        IntStream.range(0, files.size())
            .mapToObj(i -> Balance.of(files.get(i), i, classes, few))
            .toList(),
        few,
        found.stream()
            .filter(video -> !video.sound())
            .map(video -> new Unusable(video.video(), video.fault().detail()))
            .toList());
  }

  private static Spread spread(List<CheckedVideo> videos, ToDoubleFunction<CheckedVideo> value) {
    return Spread.of(videos.stream().mapToDouble(value));
  }

  private static List<String> names(List<CheckedVideo> videos, Predicate<CheckedVideo> which) {
    return videos.stream().filter(which).map(CheckedVideo::video).toList();
  }

  private static Map<String, Long> counts(
      List<CheckedVideo> videos, Function<CheckedVideo, String> key) {
    Stream<Map.Entry<String, Long>> counted =
        videos.stream()
            .collect(Collectors.groupingBy(key, Collectors.counting()))
            .entrySet()
            .stream()
            .sorted(Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()));
    return counted.collect(
        Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, LinkedHashMap::new));
  }
}
