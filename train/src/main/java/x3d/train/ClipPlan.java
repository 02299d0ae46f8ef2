package x3d.train;

import java.util.SplittableRandom;

/**
 * Which video stands at each position of a pass over the data, and what is drawn there: a function of seed, epoch and
 * position.
 */
final class ClipPlan {
  private final DataSet data;
  private final RandomStream stream;
  private final long seed;
  private final int epoch;
  private final int[] order;
  private final boolean replaces;

  private ClipPlan(
      DataSet data, RandomStream stream, long seed, int epoch, int[] order, boolean replaces) {
    this.data = data;
    this.stream = stream;
    this.seed = seed;
    this.epoch = epoch;
    this.order = order;
    this.replaces = replaces;
  }

  /** An epoch of training: shuffled; a video that cannot be read gives way to another, drawn from the same stream. */
  static ClipPlan training(DataSet data, long seed, int epoch) {
    int[] order = RandomStream.permutation(RandomStream.ORDER.at(seed, epoch), data.size());
    return new ClipPlan(data, RandomStream.CLIP, seed, epoch, order, true);
  }

  /** The clips for precise BN after an epoch: shuffled otherwise than the epoch was. */
  static ClipPlan precise(DataSet data, long seed, int epoch) {
    int[] order = RandomStream.permutation(RandomStream.PRECISE.at(seed, epoch), data.size());
    return new ClipPlan(data, RandomStream.PRECISE, seed, epoch, order, true);
  }

  /** A validation: every video once, as listed; one that cannot be read is left out. */
  static ClipPlan validation(DataSet data, long seed, int epoch) {
    int[] order = new int[data.size()];
    java.util.Arrays.setAll(order, i -> i);
    return new ClipPlan(data, RandomStream.VALIDATION, seed, epoch, order, false);
  }

  DataSet data() {
    return data;
  }

  /** Epochs done before this one. */
  int epoch() {
    return epoch;
  }

  /** Whether a video that cannot be read gives way to another. */
  boolean replaces() {
    return replaces;
  }

  /** The generator for an attempt at a position. */
  SplittableRandom random(int position, int attempt) {
    return stream.at(seed, epoch, position, attempt);
  }

  /**
   * The video for an attempt at a position: the one whose turn it is, then others.
   *
   * @param random of that attempt; moved on by each attempt after the first
   */
  int video(int position, int attempt, SplittableRandom random) {
    return attempt == 0 ? order[position] : random.nextInt(data.size());
  }
}
