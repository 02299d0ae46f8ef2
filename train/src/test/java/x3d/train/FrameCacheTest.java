package x3d.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.video.Footage;
import x3d.video.StoredVideo;
import x3d.video.Video;
import x3d.video.VideoException;

class FrameCacheTest {
  private static final int FLOATS = 3 * 4 * 32 * 32;

  @TempDir
  Path folder;

  private Path cache;
  private Path video;

  @BeforeEach
  void copyAVideo() {
    cache = folder.resolve("cache");
    video = TestRun.video(folder, "part_0.mp4");
  }

  private FrameCache cache(long limit) {
    return new FrameCache(new TrainOptions.Cache(cache, limit));
  }

  /** A random clip as training takes it. */
  private static float[] clip(Footage.Opener opener, Path video, int seed) throws VideoException {
    float[] clip = new float[FLOATS];
    new VideoClips(TestRun.recipe(), Optional.empty(), opener)
        .random()
        .read(video, 0, new SplittableRandom(seed), FloatBuffer.wrap(clip));
    return clip;
  }

  private List<Path> entries() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.filter(file -> !file.endsWith("total")).sorted().toList();
    }
  }

  private long taken() throws IOException {
    long taken = 0;
    for (Path entry : entries()) {
      taken += Files.size(entry);
    }
    return taken;
  }

  /** Puts other bytes into a file; all else stays as it was. */
  private static void replaceUnseen(Path file, byte[] bytes) throws IOException {
    FileTime changed = Files.getLastModifiedTime(file);
    Files.write(file, bytes);
    Files.setLastModifiedTime(file, changed);
  }

  @Test
  void clipsAreTheSameBitsWithAndWithout() throws IOException {
    List<Path> videos =
        List.of(video, TestRun.video(folder, "demo.mp4"), TestRun.video(folder, "test.avi"));
    FrameCache cached = cache(1 << 30);
    for (Path each : videos) {
      for (int seed = 0; seed < 5; seed++) {
        assertArrayEquals(clip(Video::open, each, seed), clip(cached, each, seed));
      }
    }
    assertEquals(3, entries().size());
  }

  @Test
  void aVideoIsDecodedOnce() throws IOException {
    float[] expected = clip(Video::open, video, 8);
    clip(cache(1 << 30), video, 7);
    replaceUnseen(video, new byte[(int) Files.size(video)]);
    assertThrows(VideoException.class, () -> clip(Video::open, video, 8));
    assertArrayEquals(expected, clip(cache(1 << 30), video, 8));
  }

  @Test
  void itCountsWhatCameFromItAndWhatHadToBeDecoded() throws IOException {
    FrameCache cached = cache(1 << 30);
    assertEquals(new CacheUse(0, 0, 0), cached.use());
    long one = StoredVideo.size(Video.probe(video));
    clip(cached, video, 1);
    assertEquals(new CacheUse(0, 1, one), cached.use());
    clip(cached, video, 2);
    clip(cached, video, 3);
    assertEquals(new CacheUse(2, 1, one), cached.use());
    Path entry = entries().get(0);
    byte[] damaged = Files.readAllBytes(entry);
    Arrays.fill(damaged, 20_000, damaged.length, (byte) 77);
    Files.write(entry, damaged);
    clip(cached, video, 4);
    assertEquals(new CacheUse(2, 2, 0), cached.use());
  }

  @Test
  void aDamagedEntryIsThrownAwayAndMadeAnew() throws IOException {
    float[] expected = clip(Video::open, video, 7);
    clip(cache(1 << 30), video, 7);
    Path entry = entries().get(0);
    byte[] whole = Files.readAllBytes(entry);
    byte[] damaged = whole.clone();
    Arrays.fill(damaged, 1000, damaged.length, (byte) 77);
    for (byte[] bytes : List.of(damaged, Arrays.copyOf(whole, whole.length / 2), new byte[0])) {
      Files.write(entry, bytes);
      FrameCache cached = cache(1 << 30);
      assertArrayEquals(expected, clip(cached, video, 7));
      assertArrayEquals(expected, clip(cached, video, 7));
      assertArrayEquals(whole, Files.readAllBytes(entry));
    }
  }

  @Test
  void itNeverTakesMoreThanItsLimit() throws IOException {
    long one = StoredVideo.size(Video.probe(video));
    List<Path> videos = new ArrayList<>(List.of(video));
    for (int i = 0; i < 4; i++) {
      videos.add(Files.copy(video, folder.resolve(i + ".mp4")));
    }
    FrameCache cached = cache(3 * one - 1);
    float[] expected = clip(Video::open, video, 3);
    for (int epoch = 0; epoch < 2; epoch++) {
      for (Path each : videos) {
        assertArrayEquals(expected, clip(cached, each, 3));
        assertTrue(taken() < 3 * one, "takes " + taken());
      }
    }
    assertEquals(2, entries().size());
    assertEquals(2 * one, taken());
  }

  @Test
  void whatAnEarlierRunLeftGivesWayTheOldestFirst() throws IOException {
    long one = StoredVideo.size(Video.probe(video));
    Path second = Files.copy(video, folder.resolve("second.mp4"));
    Path third = Files.copy(video, folder.resolve("third.mp4"));
    clip(cache(2 * one), video, 0);
    Path oldest = entries().get(0);
    age(oldest, Duration.ofDays(2));
    clip(cache(2 * one), second, 0);
    for (Path entry : entries()) {
      age(entry, entry.equals(oldest) ? Duration.ofDays(2) : Duration.ofDays(1));
    }
    List<Path> newer = new ArrayList<>(entries());
    newer.remove(oldest);
    clip(cache(2 * one), third, 0);
    assertEquals(2, entries().size());
    assertFalse(entries().contains(oldest));
    assertTrue(entries().containsAll(newer));
  }

  private static void age(Path file, Duration age) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }

  @Test
  void aVideoThatChangedIsAnotherOne() throws IOException {
    FrameCache cached = cache(1 << 30);
    float[] before = clip(cached, video, 4);
    Files.copy(TestRun.video(folder, "demo.mp4"), video, StandardCopyOption.REPLACE_EXISTING);
    float[] after = clip(cached, video, 4);
    assertFalse(Arrays.equals(before, after));
    assertArrayEquals(clip(Video::open, video, 4), after);
    Files.setLastModifiedTime(video, FileTime.fromMillis(1_000_000));
    assertArrayEquals(after, clip(cached, video, 4));
    assertEquals(3, entries().size());
  }

  @Test
  void severalMayFillItAtOnce() throws Exception {
    List<Path> videos = new ArrayList<>(List.of(video));
    for (int i = 0; i < 3; i++) {
      videos.add(Files.copy(video, folder.resolve(i + ".mp4")));
    }
    List<FrameCache> runs = List.of(cache(1 << 30), cache(1 << 30));
    float[] expected = clip(Video::open, video, 5);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<float[]>> clips = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      Path each = videos.get(i / 4 % 4);
      FrameCache run = runs.get(i % 2);
      Callable<float[]> task = () -> clip(run, each, 5);
      clips.add(threads.submit(task));
    }
    for (Future<float[]> clip : clips) {
      assertArrayEquals(expected, clip.get());
    }
    threads.shutdown();
    assertEquals(4, entries().size());
    assertTrue(entries().stream().allMatch(e -> e.toString().endsWith(".frames")));
  }

  private List<Path> copies(int count) throws IOException {
    List<Path> videos = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      videos.add(Files.copy(video, folder.resolve(i + ".mp4")));
    }
    return videos;
  }

  /** One round of two processes at once; what each answers is checked. */
  private static List<CacheProcess.Round> roundAtOnce(
      CacheProcess first, CacheProcess second, List<Path> videos, int round) throws IOException {
    first.begin();
    second.begin();
    List<CacheProcess.Round> rounds = List.of(first.end(), second.end());
    long expected = CacheProcess.sum(Video::open, videos.get(0), round); // they are copies
    for (CacheProcess.Round each : rounds) {
      assertEquals(Collections.nCopies(videos.size(), expected), each.sums());
    }
    return rounds;
  }

  @Test
  void twoProcessesMayFillAndReadItAtOnce() throws Exception {
    List<Path> videos = copies(6);
    try (CacheProcess first = new CacheProcess(cache, 1 << 30, videos);
        CacheProcess second = new CacheProcess(cache, 1 << 30, videos)) {
      first.awaitReady();
      second.awaitReady();
      List<CacheProcess.Round> filling = roundAtOnce(first, second, videos, 0);
      long misses = filling.get(0).misses() + filling.get(1).misses();
      assertTrue(6 <= misses && misses <= 12, "misses " + misses);
      List<Path> filled = entries();
      assertEquals(6, filled.size());
      assertTrue(filled.stream().allMatch(e -> e.toString().endsWith(".frames")));
      assertEquals(6 * StoredVideo.size(Video.probe(video)), taken());

      List<CacheProcess.Round> reading = roundAtOnce(first, second, videos, 1);
      for (int i = 0; i < 2; i++) {
        assertEquals(filling.get(i).misses(), reading.get(i).misses());
        assertEquals(filling.get(i).hits() + 6, reading.get(i).hits());
      }
      assertEquals(filled, entries());
    }
  }

  @Test
  void twoProcessesTogetherNeverTakeMoreThanTheLimit() throws Exception {
    long one = StoredVideo.size(Video.probe(video));
    List<Path> videos = copies(6);
    try (CacheProcess first = new CacheProcess(cache, 3 * one, videos.subList(0, 3));
        CacheProcess second = new CacheProcess(cache, 3 * one, videos.subList(3, 6))) {
      first.awaitReady();
      second.awaitReady();
      for (int round = 0; round < 2; round++) {
        roundAtOnce(first, second, videos.subList(0, 3), round);
        assertEquals(3, entries().size());
        assertEquals(3 * one, taken());
      }
    }
  }

  @Test
  void itMayBeDeletedAtAnyTime() throws IOException {
    FrameCache cached = cache(1 << 30);
    float[] expected = clip(cached, video, 6);
    try (Footage open = cached.open(video);
        Stream<Path> files = Files.list(cache)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(cache);
      Footage.Opener same = path -> open;
      assertArrayEquals(expected, clip(same, video, 6));
    }
    assertArrayEquals(expected, clip(cached, video, 6));
    assertEquals(1, entries().size());
  }

  @Test
  void aVideoThatCannotBeReadFailsAsWithoutACacheAndLeavesNothing() throws IOException {
    Path bad = TestRun.video(folder, "corrupted.mp4");
    Path missing = folder.resolve("missing.mp4");
    FrameCache cached = cache(1 << 30);
    for (Path each : List.of(bad, bad, missing)) {
      String without =
          assertThrows(VideoException.class, () -> clip(Video::open, each, 1)).getMessage();
      String with =
          assertThrows(VideoException.class, () -> clip(cached, each, 1)).getMessage();
      assertEquals(without, with);
    }
    assertEquals(List.of(), entries());
  }

  @Test
  void aFolderThatCannotBeMadeIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    TrainOptions.Cache inside = new TrainOptions.Cache(file.resolve("cache"), 1);
    assertTrue(assertThrows(TrainingException.class, () -> new FrameCache(inside))
        .getMessage()
        .startsWith("the cache " + inside.folder() + " cannot be made: "));
  }
}
