package x3d.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class VideoLimitsTest {
  private static final VideoLimits NONE = VideoLimits.NONE;

  private void refused(VideoLimits limits, String words) {
    for (String name : new String[] {"part_0.mp4", "test.avi"}) {
      VideoException failure =
          assertThrows(VideoException.class, () -> Video.open(Videos.real(name), 1, limits));
      assertEquals(VideoException.Reason.TOO_LARGE, failure.reason());
      assertTrue(failure.getMessage().contains(words), failure.getMessage());
    }
  }

  @Test
  void videosBeyondALimitAreRefusedByIt() {
    double any = Double.POSITIVE_INFINITY;
    refused(new VideoLimits(100, 1000, any, any, () -> {}), "more than the 100 pixels");
    refused(new VideoLimits(1 << 24, 10, any, any, () -> {}), "more than the 10 pictures");
    refused(new VideoLimits(1 << 24, 100_000, 0.25, any, () -> {}), "longer than the 0.25");
    refused(new VideoLimits(1 << 24, 100_000, any, 1e-9, () -> {}), "longer to decode");
  }

  @Test
  void readingEndsWhenTheVideoIsNoLongerWanted() throws Exception {
    CancellationException enough = new CancellationException();
    int[] looks = {0};
    VideoLimits limits = new VideoLimits(
        NONE.pixels(), NONE.frames(), NONE.seconds(), NONE.decodingSeconds(), () -> {
          if (looks[0]++ == 100) {
            throw enough;
          }
        });
    try (Video video = Video.open(Videos.real("part_0.mp4"), 1, limits)) {
      assertSame(enough, assertThrows(CancellationException.class, () -> {
        for (int i = 0; i < 100; i++) {
          video.decodeAll();
        }
      }));
    }
  }
}
