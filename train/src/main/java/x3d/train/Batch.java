package x3d.train;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.Stream;
import x3d.collective.Collective;
import x3d.runtime.HostTensor;

/**
 * This rank's share of one micro-batch, in memory that is used again and again. Place <i>i</i> belongs to replica <i>i</i> /
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
   * How large this rank's share of a micro-batch is.
   *
   * @param replicas of this rank
   * @param clipsEach clips of one replica
   * @param frames of a clip
   * @param crop pixels a side of a clip
   * @param rank this one, from 0
   * @param ranks how many share a micro-batch
   */
  record Dimensions(int replicas, int clipsEach, int frames, int crop, int rank, int ranks) {
    /**
     * What a checked recipe comes to in a job.
     *
     * @throws RecipeException if the batch cannot be shared evenly
     */
    static Dimensions of(Recipe recipe, Collective job) {
      int replicas = Math.max(1, recipe.integer("NUM_GPUS"));
      int steps = recipe.integer("SOLVER.ACCUMULATION_STEPS");
      int clips = clipsOfAnUpdate(recipe);
      int parts = job.size() * replicas * steps;
      if (clips % parts != 0) {
        throw new RecipeException("TRAIN.BATCH_SIZE " + recipe.integer("TRAIN.BATCH_SIZE")
            + " x NUM_SHARDS " + recipe.integer("NUM_SHARDS") + " is " + clips + " clips, which "
            + job.size() + (job.size() == 1 ? " process" : " processes") + " x NUM_GPUS " + replicas
            + " x SOLVER.ACCUMULATION_STEPS " + steps + " do not divide; make it a multiple of "
            + parts);
      }
      return new Dimensions(
          replicas,
          clips / parts,
          recipe.integer("DATA.NUM_FRAMES"),
          recipe.integer("DATA.TRAIN_CROP_SIZE"),
          job.rank(),
          job.size());
    }

    /** SlowFast's batch is that of one shard, and an update takes all shards'. */
    static int clipsOfAnUpdate(Recipe recipe) {
      return Math.multiplyExact(recipe.integer("TRAIN.BATCH_SIZE"), recipe.integer("NUM_SHARDS"));
    }

    /** Of this rank. */
    int places() {
      return replicas * clipsEach;
    }

    /** Of all ranks. */
    int allPlaces() {
      return ranks * places();
    }

    /** Where this rank's share begins among all places. */
    int firstPlace() {
      return rank * places();
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

  /** Of this rank. */
  int places() {
    return dimensions.places();
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
