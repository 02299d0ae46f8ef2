package x3d.tools.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The rounds of one contender, in the order in which they were done. */
record Series(List<Round> rounds) {
  Series {
    rounds = List.copyOf(rounds);
  }

  /** Items a second. */
  Spread rates() {
    return Spread.of(rounds.stream().mapToDouble(Round::rate).toArray());
  }

  /** Milliseconds an item. */
  Spread millis() {
    return Spread.of(rounds.stream().mapToDouble(r -> 1e3 / r.rate()).toArray());
  }

  /** The peak of the process after the last round. */
  OptionalLong peakBytes() {
    return rounds.get(rounds.size() - 1).peakBytes();
  }

  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("itemsPerSecond", rates().fields());
    fields.put("millisPerItem", millis().fields());
    fields.put("seconds", rounds.stream().map(Round::seconds).toList());
    fields.put("items", rounds.stream().map(Round::items).toList());
    fields.put("peakMemoryBytes", peakBytes().isPresent() ? peakBytes().getAsLong() : null);
    return fields;
  }
}
