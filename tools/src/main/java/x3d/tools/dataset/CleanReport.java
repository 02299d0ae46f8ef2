package x3d.tools.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What {@code clean.json} says.
 *
 * @param check the table that was obeyed
 * @param lists that were written
 * @param leftOut videos that are on them no more
 * @param emptied classes that a list has no video of any more
 */
record CleanReport(String check, List<Kept> lists, List<Left> leftOut, List<Emptied> emptied) {
  /**
   * A list.
   *
   * @param from the list it was made of
   * @param file where it is
   * @param videos it has
   * @param leftOut how many of the other's it has not
   */
  record Kept(String from, String file, int videos, int leftOut) {}

  /** A video that is left out of the list {@code from}, and why. */
  record Left(String from, String video, int label, String reason, String detail) {}

  /** A class that a list has no video of any more; {@code name} is null where there is no {@code classes.txt}. */
  record Emptied(String file, int label, String name) {}

  /** @param classNames a {@code classes.txt}, if there is one */
  static CleanReport of(Path check, List<CleanCommand.Cleaned> results, Optional<Path> classNames)
      throws IOException {
    List<String> names = classNames.isPresent() ? Files.readAllLines(classNames.get()) : List.of();
    return new CleanReport(
        check.toString(),
        results.stream().map(CleanReport::kept).toList(),
        results.stream().flatMap(CleanReport::left).toList(),
        results.stream().flatMap(result -> emptied(result, names)).toList());
  }

  private static Kept kept(CleanCommand.Cleaned result) {
    return new Kept(
        result.from().file().toString(),
        result.list().csv().toString(),
        result.lines().size(),
        result.leftOut().size());
  }

  private static Stream<Left> left(CleanCommand.Cleaned result) {
    return result.leftOut().stream()
        .map(one -> new Left(
            result.from().file().toString(),
            one.video().video(),
            one.label(),
            one.video().fault().reason(),
            one.video().fault().detail()));
  }

  private static Stream<Emptied> emptied(CleanCommand.Cleaned result, List<String> names) {
    Set<String> gone =
        result.leftOut().stream().map(one -> one.video().video()).collect(Collectors.toSet());
    Set<Integer> emptied = new TreeSet<>();
    result.leftOut().forEach(one -> emptied.add(one.label()));
    IntStream.range(0, result.from().size())
        .filter(i -> !gone.contains(result.from().video(i).toString()))
        .forEach(i -> emptied.remove(result.from().label(i)));
    return emptied.stream()
        .map(label -> new Emptied(
            result.list().csv().toString(), label, label < names.size() ? names.get(label) : null));
  }
}
