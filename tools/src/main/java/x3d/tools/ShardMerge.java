package x3d.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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
    same(source, "number of shards", EvaluationShard::shards);
    same(source, "model", EvaluationShard::modelSha256, s -> file(s.model(), s.modelSha256()));
    same(
        source, "list of videos", EvaluationShard::dataSha256, s -> file(s.data(), s.dataSha256()));
    same(source, "separator", EvaluationShard::separator, s -> "'" + s.separator() + "'");
    same(source, "number of videos in the list", EvaluationShard::videos);
    same(source, "number of views", EvaluationShard::views);
    same(source, "number of crops", EvaluationShard::crops);
    same(source, "execution provider", EvaluationShard::provider);
    Source twin = byIndex.putIfAbsent(shard.shard(), source);
    if (twin != null) {
      throw new IllegalArgumentException(
          name + ": holds shard " + shard.place() + ", as " + twin.name() + " does");
    }
  }

  private void same(Source source, String what, Function<EvaluationShard, Object> of) {
    same(source, what, of, of);
  }

  private void same(
      Source source,
      String what,
      Function<EvaluationShard, Object> of,
      Function<EvaluationShard, Object> words) {
    if (!of.apply(source.shard()).equals(of.apply(first.shard()))) {
      throw new IllegalArgumentException(source.name() + ": the " + what + " is "
          + words.apply(source.shard()) + ", and that of " + first.name() + " is "
          + words.apply(first.shard()));
    }
  }

  private static String file(String path, String sha256) {
    return path + " (sha256 " + sha256.substring(0, Math.min(16, sha256.length())) + ")";
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
    for (int k = 0; k < whole.size(lowest.videos()); k++) {
      Shard from = expected.get(k % parts);
      outcomes.add(byIndex.get(from.index()).shard().outcomes().get(k / parts));
    }
    return lowest.with(whole, outcomes);
  }
}
