package x3d.tools.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Warm rounds of one kind of work, ours and perhaps a peer's. The rounds of the two take turns, A B A B, so that a machine that
 * slows down slows both, and never run at the same time.
 *
 * @param name what was measured
 * @param item what is counted, in the singular
 */
record Measurement(String name, String item, Series ours, Optional<Series> peer) {
  /**
   * How often.
   *
   * @param warmUp rounds that are not counted, 0 or more
   * @param rounds that are, 1 or more
   */
  record Plan(int warmUp, int rounds) {
    Plan {
      if (warmUp < 0 || rounds < 1) {
        throw new IllegalArgumentException(
            "a measurement has 0 or more rounds of warm-up and 1 or more that count; got " + warmUp
                + " and " + rounds);
      }
    }
  }

  /** Measures. */
  static Measurement of(
      String name, String item, Plan plan, Contender ours, Optional<? extends Contender> peer)
      throws IOException, InterruptedException {
    List<Round> own = new ArrayList<>();
    List<Round> other = new ArrayList<>();
    for (int i = -plan.warmUp; i < plan.rounds; i++) {
      Round round = ours.round();
      if (i >= 0) {
        own.add(round);
      }
      if (peer.isPresent()) {
        Round answer = peer.get().round();
        if (i >= 0) {
          other.add(answer);
        }
      }
    }
    return new Measurement(
        name,
        item,
        new Series(own),
        other.isEmpty() ? Optional.empty() : Optional.of(new Series(other)));
  }

  /** How many times the peer's items a second ours are: of each pair of neighbouring rounds. */
  Optional<Spread> ratio() {
    return peer.map(other -> {
      double[] ratios = new double[ours.rounds().size()];
      for (int i = 0; i < ratios.length; i++) {
        ratios[i] = ours.rounds().get(i).rate() / other.rounds().get(i).rate();
      }
      return Spread.of(ratios);
    });
  }

  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", name);
    fields.put("item", item);
    fields.put("ours", ours.fields());
    fields.put("peer", peer.map(Series::fields).orElse(null));
    fields.put("ratio", ratio().map(Spread::fields).orElse(null));
    return fields;
  }
}
