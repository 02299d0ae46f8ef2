package x3d.train;

/**
 * Where a {@link LossScaler} stands. It belongs into checkpoints.
 *
 * @param value what the next update's loss is multiplied by
 * @param goodUpdates without an overflow since the last one, or since the scale last grew
 * @param overflows updates that were skipped, in all
 * @param skippedInARow updates that were skipped since the last that was not
 */
record LossScale(double value, int goodUpdates, long overflows, int skippedInARow) {}
