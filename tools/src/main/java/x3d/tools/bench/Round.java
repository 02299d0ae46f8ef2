package x3d.tools.bench;

import java.util.OptionalLong;

/**
 * One timed round.
 *
 * @param seconds above 0
 * @param items what was done in it, 1 or more
 * @param peakBytes the most memory that the process had until its end, where that is known
 */
record Round(double seconds, long items, OptionalLong peakBytes) {
  Round {
    if (!(seconds > 0) || items < 1) {
      throw new IllegalArgumentException(
          "a round takes more than 0 s and does 1 item or more, not " + seconds + " s, " + items);
    }
  }

  double rate() {
    return items / seconds;
  }
}
