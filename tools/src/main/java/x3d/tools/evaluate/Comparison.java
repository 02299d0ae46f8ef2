package x3d.tools.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import x3d.tools.evaluate.Outcome.Prediction;

/**
 * Two reports beside each other, over the videos that both could read. Accuracies are in percent of those.
 *
 * @param first name of the report that the other is held against
 * @param second name of the other
 * @param videos that both answered for
 * @param onlyFirst videos that only the first report answered for
 * @param onlySecond videos that only the second report answered for
 * @param bothRight videos that both named rightly
 * @param bothWrong videos that neither named rightly
 * @param mcNemar whether the difference may be chance
 * @param perClass what the most changed first
 * @param better videos that only the second named rightly
 * @param worse videos that only the first named rightly
 */
record Comparison(
    String first,
    String second,
    String firstModel,
    String secondModel,
    int videos,
    int onlyFirst,
    int onlySecond,
    double firstTop1,
    double secondTop1,
    int bothRight,
    int bothWrong,
    McNemar mcNemar,
    List<ClassChange> perClass,
    List<Change> better,
    List<Change> worse) {

  /** One class's part; {@code change} in percentage points. */
  record ClassChange(
      int label,
      String name,
      int videos,
      double firstTop1,
      double secondTop1,
      double change,
      int better,
      int worse) {}

  /** A video that one report named rightly and the other did not, with the names that they gave. */
  record Change(String video, int label, String name, String firstAnswer, String secondAnswer) {}

  /** What both say of one video. */
  private record Pair(Prediction first, Prediction second) {
    boolean isBetter() {
      return !first.right() && second.right();
    }

    boolean isWorse() {
      return first.right() && !second.right();
    }
  }

  /**
   * Compares two reports.
   *
   * @param common whether to compare the videos that both lists hold, by path, where the lists differ
   * @throws IllegalArgumentException if the lists differ and that was not asked for, or no video is common
   */
  static Comparison of(
      String firstName,
      EvaluationReport first,
      String secondName,
      EvaluationReport second,
      boolean common) {
    boolean same = first.provenance().dataSha256().equals(second.provenance().dataSha256());
    if (!same && !common) {
      throw new IllegalArgumentException(secondName + ": the list of videos is "
          + Subject.file(second.data(), second.provenance().dataSha256()) + ", and that of "
          + firstName + " is " + Subject.file(first.data(), first.provenance().dataSha256())
          + "; --common compares the videos that both hold");
    }
    Function<Prediction, Object> key = same ? Prediction::index : Prediction::video;
    Map<Object, Prediction> theirs = new HashMap<>();
    second.predictions().forEach(p -> theirs.putIfAbsent(key.apply(p), p));
    Map<Object, Pair> pairs = new LinkedHashMap<>();
    for (Prediction p : first.predictions()) {
      Prediction other = theirs.get(key.apply(p));
      if (other != null) {
        pairs.putIfAbsent(key.apply(p), pair(p, other));
      }
    }
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException(
          secondName + ": has no video that could be read in common with " + firstName);
    }
    return of(firstName, first, secondName, second, List.copyOf(pairs.values()));
  }

  private static Pair pair(Prediction first, Prediction second) {
    if (first.label() != second.label()) {
      throw new IllegalArgumentException(first.video() + ": is of class " + first.label()
          + " in one report and of class " + second.label() + " in the other");
    }
    return new Pair(first, second);
  }

  private static Comparison of(
      String firstName,
      EvaluationReport first,
      String secondName,
      EvaluationReport second,
      List<Pair> pairs) {
    Map<Integer, String> names = new HashMap<>();
    first.perClass().forEach(c -> names.put(c.label(), c.name()));
    List<Pair> better = pairs.stream().filter(Pair::isBetter).toList();
    List<Pair> worse = pairs.stream().filter(Pair::isWorse).toList();
    int bothRight =
        (int) pairs.stream().filter(p -> p.first.right() && p.second.right()).count();
    return new Comparison(
        firstName,
        secondName,
        first.model(),
        second.model(),
        pairs.size(),
        first.predictions().size() - pairs.size(),
        second.predictions().size() - pairs.size(),
        100.0 * (bothRight + worse.size()) / pairs.size(),
        100.0 * (bothRight + better.size()) / pairs.size(),
        bothRight,
        pairs.size() - bothRight - better.size() - worse.size(),
        McNemar.of(better.size(), worse.size()),
        perClass(pairs, names),
        better.stream().map(pair -> change(pair, names)).toList(),
        worse.stream().map(pair -> change(pair, names)).toList());
  }

  private static List<ClassChange> perClass(List<Pair> pairs, Map<Integer, String> names) {
    Map<Integer, List<Pair>> byLabel = new TreeMap<>();
    pairs.forEach(p ->
        byLabel.computeIfAbsent(p.first.label(), label -> new ArrayList<>()).add(p));
    return byLabel.entrySet().stream()
        .map(e -> classChange(e.getKey(), names.get(e.getKey()), e.getValue()))
        .sorted(Comparator.comparingDouble((ClassChange c) -> -Math.abs(c.change()))
            .thenComparing(ClassChange::label))
        .toList();
  }

  private static ClassChange classChange(int label, String name, List<Pair> own) {
    int better = (int) own.stream().filter(Pair::isBetter).count();
    int worse = (int) own.stream().filter(Pair::isWorse).count();
    long right = own.stream().filter(p -> p.first.right()).count();
    return new ClassChange(
        label,
        name,
        own.size(),
        100.0 * right / own.size(),
        100.0 * (right + better - worse) / own.size(),
        100.0 * (better - worse) / own.size(),
        better,
        worse);
  }

  private static Change change(Pair pair, Map<Integer, String> names) {
    Prediction first = pair.first;
    return new Change(
        first.video(),
        first.label(),
        names.get(first.label()),
        first.answer().name(),
        pair.second.answer().name());
  }
}
