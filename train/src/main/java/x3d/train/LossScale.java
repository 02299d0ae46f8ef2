package x3d.train;

import java.util.Map;

/**
 * Where a {@link LossScaler} stands. It belongs into checkpoints.
 *
 * @param value what the next update's loss is multiplied by
 * @param goodUpdates without an overflow since the last one, or since the scale last grew
 * @param overflows updates that were skipped, in all
 * @param skippedInARow updates that were skipped since the last that was not
 */
record LossScale(double value, int goodUpdates, long overflows, int skippedInARow) {
  private static final String VALUE = "loss_scale";
  private static final String GOOD = "loss_scale_good_updates";
  private static final String OVERFLOWS = "overflows";
  private static final String SKIPPED = "overflows_in_a_row";

  /** As texts of a checkpoint. */
  Map<String, String> toMap() {
    return Map.of(
        VALUE, Double.toString(value),
        GOOD, Integer.toString(goodUpdates),
        OVERFLOWS, Long.toString(overflows),
        SKIPPED, Integer.toString(skippedInARow));
  }

  /** From the texts of a checkpoint; those of float32 runs once had none. */
  static LossScale of(Map<String, String> texts) {
    return new LossScale(
        Double.parseDouble(texts.getOrDefault(VALUE, "1")),
        Integer.parseInt(texts.getOrDefault(GOOD, "0")),
        Long.parseLong(texts.getOrDefault(OVERFLOWS, "0")),
        Integer.parseInt(texts.getOrDefault(SKIPPED, "0")));
  }
}
