package x3d.tools.dataset;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What {@code dataset.json} says of lists that were made. Paths are below the root.
 *
 * @param root the folder of the splits' folders
 * @param separator what stands between path and label
 * @param testIsVal whether there was no {@code test}, so that {@code test.csv} lists what {@code val.csv} does
 * @param pathsWithSeparator lines that SlowFast, which splits at each separator, would not take
 * @param videos how many each list has
 * @param classes by label
 * @param emptyClasses those without a video on any list
 * @param notInTrain those that a list has and {@code train.csv} has not
 * @param missing clips that are annotated and not there
 * @param notAnnotated videos there that are not annotated
 * @param duplicates videos of the same content
 * @param notVideos what else lies in the folders
 */
record DatasetReport(
    String root,
    String separator,
    boolean testIsVal,
    int pathsWithSeparator,
    Map<String, Integer> videos,
    List<ClassCount> classes,
    List<String> emptyClasses,
    List<String> notInTrain,
    List<Selection.Missing> missing,
    List<Stray> notAnnotated,
    List<Duplicates.Group> duplicates,
    List<Stray> notVideos) {
  /** How many videos of a class each list has. */
  record ClassCount(int label, String name, int train, int val, int test) {
    private int of(Split split) {
      return switch (split) {
        case TRAIN -> train;
        case VAL -> val;
        case TEST -> test;
      };
    }

    boolean empty() {
      return train + val + test == 0;
    }
  }

  static DatasetReport of(
      Path root,
      String separator,
      int pathsWithSeparator,
      Selection selection,
      List<Duplicates.Group> duplicates) {
    boolean testIsVal = !selection.lists().containsKey(Split.TEST);
    List<String> names = selection.classes().names();
    Map<Split, Map<String, Long>> counts = selection.lists().entrySet().stream()
        .collect(Collectors.toMap(
            Map.Entry::getKey,
            entry -> entry.getValue().stream()
                .collect(Collectors.groupingBy(Listed::className, Collectors.counting()))));
    counts.putIfAbsent(Split.TEST, counts.get(Split.VAL));
    List<ClassCount> classes = IntStream.range(0, names.size())
        .mapToObj(label -> new ClassCount(
            label,
            names.get(label),
            count(counts, Split.TRAIN, names.get(label)),
            count(counts, Split.VAL, names.get(label)),
            count(counts, Split.TEST, names.get(label))))
        .toList();
    return new DatasetReport(
        root.toString(),
        separator,
        testIsVal,
        pathsWithSeparator,
        Stream.of(Split.values())
            .collect(Collectors.toMap(
                Split::id,
                split -> classes.stream().mapToInt(one -> one.of(split)).sum(),
                (a, b) -> a,
                LinkedHashMap::new)),
        classes,
        names(classes.stream().filter(ClassCount::empty)),
        names(classes.stream().filter(one -> one.train() == 0 && !one.empty())),
        selection.missing(),
        selection.notAnnotated(),
        duplicates,
        selection.strays());
  }

  private static int count(Map<Split, Map<String, Long>> counts, Split split, String name) {
    return Math.toIntExact(counts.get(split).getOrDefault(name, 0L));
  }

  private static List<String> names(Stream<ClassCount> classes) {
    return classes.map(ClassCount::name).toList();
  }
}
