package x3d.train;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import x3d.collective.Collective;

/**
 * The videos that could not be read, by path. A video that failed once is not tried again in the run, resumed or not: what
 * training sees must not hang on when a disk recovers.
 */
final class FailedVideos {
  private final ConcurrentSkipListMap<String, FailedVideo> byPath = new ConcurrentSkipListMap<>();

  FailedVideos(Collection<FailedVideo> known) {
    known.forEach(video -> byPath.put(video.video(), video));
  }

  boolean contains(Path video) {
    return byPath.containsKey(video.toString());
  }

  /** The failure of a video that has one. */
  FailedVideo get(Path video) {
    return byPath.get(video.toString());
  }

  void add(Path video, String reason) {
    byPath.putIfAbsent(video.toString(), new FailedVideo(video.toString(), reason));
  }

  /** Adds those of the other ranks; every rank must call it. */
  void share(Collective ranks) {
    if (ranks.size() > 1) {
      ranks
          .allGather(Checkpoint.json(list()).getBytes(StandardCharsets.UTF_8))
          .forEach(of -> Checkpoint.failed(new String(of, StandardCharsets.UTF_8))
              .forEach(video -> byPath.putIfAbsent(video.video(), video)));
    }
  }

  /** All of them, by path. */
  List<FailedVideo> list() {
    return List.copyOf(byPath.values());
  }
}
