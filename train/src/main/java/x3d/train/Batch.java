package x3d.train;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.Stream;
import x3d.runtime.HostTensor;

/**
 * One micro-batch over all replicas, in memory that is used again and again. Place <i>i</i> belongs to replica <i>i</i> /
 * {@code clipsEach}.
 */
final class Batch implements AutoCloseable {
  /** The label of a place without a clip. */
  static final int EMPTY = -1;

  private final Dimensions dimensions;
  private final List<HostTensor> clips;
  private final int[][] labels;
  private int firstPosition;

  /**
   * How large a micro-batch is.
   *
   * @param replicas how many share it
   * @param clipsEach clips of one replica
   * @param frames of a clip
   * @param crop pixels a side of a clip
   */
  record Dimensions(int replicas, int clipsEach, int frames, int crop) {
    static Dimensions of(Recipe recipe) {
      int replicas = Math.max(1, recipe.integer("NUM_GPUS"));
      int microBatch =
          recipe.integer("TRAIN.BATCH_SIZE") / recipe.integer("SOLVER.ACCUMULATION_STEPS");
      return new Dimensions(
          replicas,
          microBatch / replicas,
          recipe.integer("DATA.NUM_FRAMES"),
          recipe.integer("DATA.TRAIN_CROP_SIZE"));
    }

    int places() {
      return replicas * clipsEach;
    }

    int floatsPerClip() {
      return 3 * frames * crop * crop;
    }
  }

  Batch(Dimensions dimensions) {
    this.dimensions = dimensions;
    this.labels = new int[dimensions.replicas][dimensions.clipsEach];
    this.clips = Stream.generate(() -> HostTensor.floats(
            dimensions.clipsEach, 3, dimensions.frames, dimensions.crop, dimensions.crop))
        .limit(dimensions.replicas)
        .toList();
  }

  /** A replica's clips, [clipsEach, 3, T, H, W]. */
  HostTensor clips(int replica) {
    return clips.get(replica);
  }

  /** A replica's labels; {@link #EMPTY} where there is no clip. */
  int[] labels(int replica) {
    return labels[replica];
  }

  /** Where in the epoch the first place stands. */
  int firstPosition() {
    return firstPosition;
  }

  void startAt(int position) {
    firstPosition = position;
  }

  /** The memory of one place's clip. Views may be taken by several threads. */
  FloatBuffer place(int place) {
    int size = dimensions.floatsPerClip();
    FloatBuffer all = clips.get(place / dimensions.clipsEach).floats();
    return all.slice(place % dimensions.clipsEach * size, size);
  }

  void label(int place, int label) {
    labels[place / dimensions.clipsEach][place % dimensions.clipsEach] = label;
  }

  @Override
  public void close() {
    clips.forEach(HostTensor::close);
  }
}
