package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.video.VideoException;

class ClipLoaderTest {
  private static final Batch.Dimensions TWO_BY_TWO = new Batch.Dimensions(2, 2, 1, 1, 0, 1);
  private static final int VIDEOS = 23;

  @TempDir
  Path folder;

  private final List<ClipLoader.Replacement> replaced = new ArrayList<>();
  private FailedVideos failed = new FailedVideos(List.of());
  private DataSet data;

  /** The clip of video n.mp4: the label, and two numbers drawn. Odd ones among "bad" fail. */
  private final ClipSource source = (video, label, random, out) -> {
    if (video.toString().contains("bad")) {
      throw new VideoException(video, VideoException.Reason.CORRUPTED, "is broken");
    }
    out.put(0, label).put(1, (float) random.nextDouble()).put(2, (float) random.nextDouble());
  };

  @BeforeEach
  void listVideos() throws IOException {
    data = list(IntStream.range(0, VIDEOS)
        .mapToObj(i -> (i % 6 == 5 ? "bad" : "good") + i + ".mp4 " + i)
        .toList());
  }

  private DataSet list(List<String> lines) throws IOException {
    Path csv = Files.write(folder.resolve("train.csv"), lines);
    return DataSet.read(csv, " ", "", VIDEOS);
  }

  private ClipLoader loader(int threads, int depth) {
    return new ClipLoader(TWO_BY_TWO, threads, depth, failed, replaced::add);
  }

  /** All places of a pass in order: label and numbers. */
  private List<String> clips(ClipLoader loader, ClipPlan plan, int from, int to) {
    List<String> clips = new ArrayList<>();
    try (ClipLoader.Pass pass = loader.read(plan, source, from, to)) {
      for (Batch batch = pass.next(); batch != null; batch = pass.next()) {
        for (int place = 0; place < TWO_BY_TWO.places(); place++) {
          int label = batch.labels(place / 2)[place % 2];
          clips.add(label + " " + batch.place(place).get(0) + " "
              + batch.place(place).get(1) + " " + batch.place(place).get(2));
        }
      }
    }
    return clips;
  }

  @Test
  void clipsDoNotDependOnThreadsOrDepth() {
    ClipPlan plan = ClipPlan.training(data, 1, 0);
    List<String> one;
    try (ClipLoader loader = loader(1, 2)) {
      one = clips(loader, plan, 0, 20);
    }
    failed = new FailedVideos(List.of());
    List<ClipLoader.Replacement> first = List.copyOf(replaced);
    replaced.clear();
    try (ClipLoader loader = loader(4, 3)) {
      assertEquals(one, clips(loader, plan, 0, 20));
    }
    assertEquals(first, replaced);
    assertEquals(20, one.size());
  }

  @Test
  void startingInTheMiddleOfAnEpochGivesTheRestOfIt() {
    ClipPlan plan = ClipPlan.training(data, 1, 4);
    try (ClipLoader loader = loader(3, 2)) {
      List<String> whole = clips(loader, plan, 0, 20);
      assertEquals(whole.subList(8, 20), clips(loader, plan, 8, 20));
    }
  }

  @Test
  void epochsAndSeedsDiffer() {
    try (ClipLoader loader = loader(2, 2)) {
      List<String> epoch = clips(loader, ClipPlan.training(data, 1, 0), 0, 20);
      assertTrue(!epoch.equals(clips(loader, ClipPlan.training(data, 1, 1), 0, 20)));
      assertTrue(!epoch.equals(clips(loader, ClipPlan.training(data, 2, 0), 0, 20)));
    }
  }

  @Test
  void aVideoThatCannotBeReadGivesWayByNameAndIsNotTriedAgain() {
    try (ClipLoader loader = loader(2, 2)) {
      List<String> clips = clips(loader, ClipPlan.training(data, 1, 0), 0, 20);
      assertEquals(20, clips.size());
    }
    assertTrue(!replaced.isEmpty());
    for (ClipLoader.Replacement replacement : replaced) {
      assertTrue(replacement.video().video().contains("bad"));
      assertTrue(replacement.video().reason().endsWith("is broken"));
      assertTrue(replacement.by().contains("good"));
    }
    assertTrue(failed.list().stream().allMatch(video -> video.video().contains("bad")));
    AtomicInteger tries = new AtomicInteger();
    ClipSource counting = (video, label, random, out) -> {
      tries.addAndGet(failed.contains(video) ? 1 : 0);
      source.read(video, label, random, out);
    };
    try (ClipLoader loader = loader(1, 2);
        ClipLoader.Pass pass = loader.read(ClipPlan.training(data, 1, 0), counting, 0, 20)) {
      while (pass.next() != null) {
        continue;
      }
    }
    assertEquals(0, tries.get());
  }

  @Test
  void aValidationLeavesOutWhatCannotBeReadAndWhatIsBeyondTheEnd() {
    try (ClipLoader loader = loader(2, 2)) {
      List<String> clips = clips(loader, ClipPlan.validation(data, 1, 0), 0, VIDEOS);
      assertEquals(24, clips.size());
      assertTrue(clips.get(0).startsWith("0 0.0"));
      assertTrue(clips.get(5).startsWith(Batch.EMPTY + " "));
      assertTrue(clips.get(23).startsWith(Batch.EMPTY + " "));
      assertTrue(replaced.isEmpty());
    }
  }

  @Test
  void dataWithoutAReadableVideoEndTheRunWithAReason() throws IOException {
    DataSet bad = list(List.of("bad0.mp4 0", "bad1.mp4 1", "bad2.mp4 2", "bad3.mp4 3"));
    try (ClipLoader loader = loader(2, 2);
        ClipLoader.Pass pass = loader.read(ClipPlan.training(bad, 1, 0), source, 0, 4)) {
      String message = assertThrows(TrainingException.class, pass::next).getMessage();
      assertTrue(message.startsWith("100 videos in a row could not be read from"), message);
      assertTrue(message.endsWith("is broken"), message);
    }
  }

  @Test
  void neverReadsFurtherAheadThanItsRing() throws InterruptedException {
    AtomicInteger read = new AtomicInteger();
    ClipSource counting = (video, label, random, out) -> read.incrementAndGet();
    try (ClipLoader loader = loader(4, 2);
        ClipLoader.Pass pass = loader.read(ClipPlan.validation(data, 1, 0), counting, 0, VIDEOS)) {
      pass.next();
      Thread.sleep(100);
      assertTrue(read.get() <= 2 * TWO_BY_TWO.places(), "read " + read);
      pass.next();
      pass.next();
    }
  }

  @Test
  void aPassThatIsClosedEarlyLeavesTheLoaderUsable() {
    try (ClipLoader loader = loader(2, 2)) {
      try (ClipLoader.Pass pass = loader.read(ClipPlan.validation(data, 1, 0), source, 0, VIDEOS)) {
        pass.next();
      }
      ClipPlan plan = ClipPlan.validation(data, 1, 0);
      try (ClipLoader.Pass pass = loader.read(plan, source, 0, 4)) {
        assertEquals(0, pass.next().labels(0)[0]);
        assertNull(pass.next());
      }
    }
  }
}
