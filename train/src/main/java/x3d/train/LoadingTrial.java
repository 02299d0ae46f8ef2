package x3d.train;

import java.util.List;
import java.util.Optional;
import x3d.video.Video;

/** The trainer's own reading of random clips, without the training: what loading can do by itself. */
public final class LoadingTrial implements AutoCloseable {
  /** As the trainer has it. */
  private static final int BATCHES_AHEAD = 2;

  private final DataSet data;
  private final int clips;
  private final long seed;
  private final ClipSource source;
  private final FailedVideos failed = new FailedVideos(List.of());
  private final ClipLoader loader;
  private int epoch;

  /**
   * @param recipe says what a clip is
   * @param clips of one {@link #load}; no more than {@code data} hold
   * @param threads that read
   */
  public LoadingTrial(Recipe recipe, DataSet data, int clips, int threads) {
    this.data = data;
    this.clips = Math.min(clips, data.size());
    Recipe checked = recipe.checked();
    seed = checked.whole("RNG_SEED");
    source = new VideoClips(checked, Optional.empty(), Video::open).random();
    loader = new ClipLoader(
        Batch.Dimensions.of(checked), threads, BATCHES_AHEAD, failed, replaced -> {});
  }

  /** Clips of one {@link #load}. */
  public int clips() {
    return clips;
  }

  /**
   * Reads clips in the order of a next epoch.
   *
   * @throws TrainingException if a video cannot be read: figures would say nothing of the others
   */
  public void load() {
    try (ClipLoader.Pass pass =
        loader.read(ClipPlan.training(data, seed, epoch++), source, 0, clips)) {
      for (Batch batch = pass.next(); batch != null; ) {
        batch = pass.next();
      }
    }
    if (!failed.list().isEmpty()) {
      throw new TrainingException(failed.list().get(0).reason());
    }
  }

  @Override
  public void close() {
    loader.close();
  }
}
