package x3d.train;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import x3d.collective.InProcess;
import x3d.video.Footage;
import x3d.video.Video;
import x3d.video.VideoException;

/** The trainer's own reading of random clips, without the training: what loading can do by itself. */
public final class LoadingTrial implements AutoCloseable {
  private final DataSet data;
  private final int clips;
  private final long seed;
  private final ClipSource source;
  private final FailedVideos failed = new FailedVideos(List.of());
  private final ClipLoader loader;
  private final Optional<FrameCache> cache;
  private int epoch;

  /**
   * @param recipe says what a clip is
   * @param clips of one {@link #load}; no more than {@code data} hold
   * @param threads that read
   * @param cache of decoded videos, if they are to be read from one
   */
  public LoadingTrial(
      Recipe recipe, DataSet data, int clips, int threads, Optional<TrainOptions.Cache> cache) {
    this.data = data;
    this.clips = Math.min(clips, data.size());
    Recipe checked = recipe.checked();
    seed = checked.whole("RNG_SEED");
    this.cache = cache.map(FrameCache::new);
    Footage.Opener opener = this.cache.<Footage.Opener>map(c -> c).orElse(Video::open);
    source = new VideoClips(checked, Optional.empty(), opener).random();
    loader = new ClipLoader(
        Batch.plain(Batch.Dimensions.of(checked, InProcess.alone()), Trainer.BATCHES_AHEAD),
        threads,
        failed,
        replaced -> {});
  }

  /** Clips of one {@link #load}. */
  public int clips() {
    return clips;
  }

  /**
   * Decodes all videos into the cache, as far as it takes them, one at a time.
   *
   * @throws TrainingException if a video cannot be read
   */
  public void fill() {
    Set<Path> videos = new LinkedHashSet<>();
    for (int i = 0; cache.isPresent() && i < data.size(); i++) {
      videos.add(data.video(i));
    }
    for (Path video : videos) {
      try {
        cache.orElseThrow().open(video).close();
      } catch (VideoException e) {
        throw new TrainingException(e.getMessage(), e);
      }
    }
  }

  /** What the cache did so far, {@link #fill} included; empty without one. */
  public Optional<CacheUse> cacheUse() {
    return cache.map(FrameCache::use);
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
