package x3d.train;

import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import x3d.collective.Collective;
import x3d.net.ClipType;
import x3d.number.Float16;
import x3d.runtime.DeviceTensor;
import x3d.runtime.HostTensor;
import x3d.runtime.RuntimeTensor;
import x3d.runtime.Session;

/**
 * This rank's share of one micro-batch, in memory that is used again and again. Place <i>i</i> belongs to replica <i>i</i> /
 * {@code clipsEach}.
 */
final class Batch implements AutoCloseable {
  /** The label of a place without a clip. */
  static final int EMPTY = -1;

  private final Dimensions dimensions;
  private final List<HostTensor> clips = new ArrayList<>();
  private final List<HostTensor> halves = new ArrayList<>();
  private final List<DeviceTensor> onDevice = new ArrayList<>();
  private final AtomicInteger unfilled = new AtomicInteger();
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

  /** In plain memory of the host, which is where it stays. */
  Batch(Dimensions dimensions) {
    this(dimensions, ClipType.FLOAT32, List.of());
  }

  /** Several in plain memory. */
  static List<Batch> plain(Dimensions dimensions, int count) {
    return Stream.generate(() -> new Batch(dimensions)).limit(count).toList();
  }

  /**
   * @param type in which clips go to devices
   * @param sessions one a replica, to whose device its clips go as soon as they are all there; empty if they are to stay
   */
  Batch(Dimensions dimensions, ClipType type, List<Session> sessions) {
    this.dimensions = dimensions;
    this.labels = new int[dimensions.replicas][dimensions.clipsEach];
    long[] shape = {dimensions.clipsEach, 3, dimensions.frames, dimensions.crop, dimensions.crop};
    try {
      for (int i = 0; i < dimensions.replicas; i++) {
        if (sessions.isEmpty()) {
          clips.add(HostTensor.floats(shape));
        } else if (type == ClipType.FLOAT16) {
          clips.add(HostTensor.floats(shape));
          halves.add(HostTensor.pinnedHalves(sessions.get(i), shape));
          onDevice.add(DeviceTensor.halves(sessions.get(i), shape));
        } else {
          clips.add(HostTensor.pinnedFloats(sessions.get(i), shape));
          onDevice.add(DeviceTensor.floats(sessions.get(i), shape));
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Begins anew: so many places are going to be {@link #filled}. */
  void expect(int places) {
    unfilled.set(places);
  }

  /** Takes notice that a place's clip is there, or will not be. By any thread; when the last is, the clips go to the devices. */
  void filled(int place) {
    if (!halves.isEmpty()) {
      narrow(place);
    }
    if (unfilled.decrementAndGet() == 0) {
      for (int i = 0; i < onDevice.size(); i++) {
        onDevice.get(i).upload(halves.isEmpty() ? clips.get(i) : halves.get(i));
      }
    }
  }

  private void narrow(int place) {
    FloatBuffer wide = place(place);
    int size = dimensions.floatsPerClip();
    ShortBuffer bits = halves
        .get(place / dimensions.clipsEach)
        .halves()
        .slice(place % dimensions.clipsEach * size, size);
    for (int i = 0; i < size; i++) {
      bits.put(i, Float16.of(wide.get(i)));
    }
  }

  /** A replica's clips as the training step takes them: on its device, if they went there. */
  RuntimeTensor trainingClips(int replica) {
    return onDevice.isEmpty() ? clips.get(replica) : onDevice.get(replica);
  }

  Dimensions dimensions() {
    return dimensions;
  }

  /** Of this rank. */
  int places() {
    return dimensions.places();
  }

  /** A replica's clips in the host's memory, float32 [clipsEach, 3, T, H, W]. */
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
    halves.forEach(HostTensor::close);
    onDevice.forEach(DeviceTensor::close);
  }
}
