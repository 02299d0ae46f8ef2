package x3d.tools.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import x3d.tools.Shard;

/** Puts the shards of one evaluation together, once it is sure that they are all of one and that none is missing. */
final class ShardMerge {
  private final Shard whole;
  private final TreeMap<Integer, Source> byIndex = new TreeMap<>();
  private Source first;

  /** A shard and the file or rank that it came from. */
  private record Source(String name, EvaluationShard shard) {}

  /** @param whole what the shards are the parts of */
  ShardMerge(Shard whole) {
    this.whole = whole;
  }

  /**
   * Takes one more shard.
   *
   * @param name of the file or rank that it came from
   * @throws IllegalArgumentException naming it and the one that it does not go with
   */
  void add(String name, EvaluationShard shard) {
    Source source = new Source(name, shard);
    if (first == null) {
      first = source;
    }
    if (shard.shards() != first.shard().shards()) {
      throw new IllegalArgumentException(name + ": the number of shards is " + shard.shards()
          + ", and that of " + first.name() + " is " + first.shard().shards());
    }
    shard.subject().difference(name, first.shard().subject(), first.name()).ifPresent(words -> {
      throw new IllegalArgumentException(words);
    });
    Source twin = byIndex.putIfAbsent(shard.shard(), source);
    if (twin != null) {
      throw new IllegalArgumentException(
          name + ": holds shard " + shard.place() + ", as " + twin.name() + " does");
    }
  }

  /**
   * The whole of the shards: what one run over all of it has. Where their paths of the model and the list differ, those of the
   * shard with the lowest number stand for all.
   *
   * @throws IllegalArgumentException naming the shards that are missing
   */
  EvaluationShard merged() {
    int parts = first.shard().shards() / whole.count();
    List<Shard> expected =
        IntStream.range(0, parts).mapToObj(part -> whole.part(part, parts)).toList();
    String missing = expected.stream()
        .filter(shard -> !byIndex.containsKey(shard.index()))
        .map(Shard::toString)
        .collect(Collectors.joining(", "));
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "of " + parts + " shards " + byIndex.size() + " were given; missing: " + missing);
    }
    EvaluationShard lowest = byIndex.firstEntry().getValue().shard();
    List<Outcome> outcomes = new ArrayList<>();
    for (int k = 0; k < whole.size(lowest.subject().videos()); k++) {
      Shard from = expected.get(k % parts);
      outcomes.add(byIndex.get(from.index()).shard().outcomes().get(k / parts));
    }
    Timing timing = Timing.sideBySide(
        byIndex.values().stream().map(source -> source.shard().timing()).toList());
    return EvaluationShard.of(lowest.subject(), whole, timing, outcomes);
  }
}
