package x3d.classify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import x3d.video.ClipSpan;
import x3d.video.ClipTransform;
import x3d.video.CropPosition;
import x3d.video.Footage;
import x3d.video.Normalization;
import x3d.video.TemporalSampling;
import x3d.video.Video;
import x3d.video.VideoException;
import x3d.video.VideoInfo;

@Timeout(60)
class ViewReaderTest {
  @TempDir
  Path folder;

  private interface Reading {
    void read(IntConsumer finished) throws VideoException;
  }

  private static ViewReader reader(Reading reading) {
    Footage footage = new Footage() {
      @Override
      public VideoInfo info() {
        throw new AssertionError("nobody asks");
      }

      @Override
      public void readClips(
          List<ClipSpan> spans,
          List<ClipTransform> transforms,
          FloatBuffer out,
          IntConsumer finished)
          throws VideoException {
        reading.read(finished);
      }

      @Override
      public void close() {}
    };
    return new ViewReader(footage, List.of(), List.of(), FloatBuffer.allocate(0));
  }

  @Test
  void aViewComesWhileTheNextIsStillRead() throws VideoException {
    CountDownLatch looked = new CountDownLatch(1);
    AtomicBoolean inTime = new AtomicBoolean();
    try (ViewReader reader = reader(finished -> {
      finished.accept(0);
      inTime.set(await(looked));
      finished.accept(1);
    })) {
      assertEquals(0, reader.next());
      looked.countDown();
      assertEquals(1, reader.next());
      assertEquals(ViewReader.END, reader.next());
    }
    assertTrue(inTime.get());
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  @Test
  void whatIsWrongWithAVideoReachesTheCallerAfterItsViews() throws VideoException {
    VideoException broken =
        new VideoException(Path.of("a.mp4"), VideoException.Reason.CORRUPTED, "is broken");
    try (ViewReader reader = reader(finished -> {
      finished.accept(0);
      throw broken;
    })) {
      assertEquals(0, reader.next());
      assertSame(broken, assertThrows(VideoException.class, reader::next));
    }
  }

  @Test
  void closingEndsTheReading() throws VideoException {
    AtomicBoolean reading = new AtomicBoolean(true);
    try (ViewReader reader = reader(finished -> {
      try {
        while (true) {
          finished.accept(0);
        }
      } finally {
        reading.set(false);
      }
    })) {
      assertEquals(0, reader.next());
    }
    assertFalse(reading.get());
  }

  @Test
  void viewsOfAVideoComeInOrderWithTheClipsThatOneReadingGives() throws IOException {
    Path file = SmallModel.video("demo.mp4", folder);
    List<ClipSpan> spans = TemporalSampling.views(280, 28, 4, 6, 30, 5);
    ClipTransform transform = ClipTransform.of(36, 32, CropPosition.CENTER, Normalization.KINETICS);
    int size = transform.size(4);
    FloatBuffer expected = FloatBuffer.allocate(5 * size);
    FloatBuffer clips = FloatBuffer.allocate(5 * size);
    try (Video video = Video.open(file)) {
      video.readClips(spans, List.of(transform), expected);
      try (ViewReader reader = new ViewReader(video, spans, List.of(transform), clips)) {
        for (int view = 0; view < 5; view++) {
          assertEquals(view, reader.next());
          assertEquals(expected.slice(view * size, size), clips.slice(view * size, size));
        }
        assertEquals(ViewReader.END, reader.next());
      }
    }
  }
}
