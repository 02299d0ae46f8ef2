package x3d.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VideoEncoderTest {
  @TempDir
  Path folder;

  @ParameterizedTest
  @ValueSource(doubles = {10, 15, 23.976, 25, 29.97, 30, 60})
  void theRateIsWhatWasAskedFor(double fps) throws VideoException {
    Path path = folder.resolve("rate.mp4");
    VideoEncoder.write(path, Videos.numbered(30, 48, 64), VideoEncoder.Options.of(fps));
    VideoInfo info = Video.probe(path);
    assertEquals(fps, info.fps(), fps * 1e-3);
    assertEquals(30, info.frames());
    assertEquals(30 / fps, info.durationSeconds(), 0.01);
  }

  @Test
  void picturesSurviveCompression() throws VideoException {
    Path path = folder.resolve("quarters.mp4");
    Frames written = Videos.quarters(8, 48, 64);
    VideoEncoder.write(path, written, VideoEncoder.Options.of(25));
    try (Video video = Video.open(path)) {
      Frames read = video.decodeAll();
      double sum = 0;
      for (int i = 0; i < read.rgb().length; i++) {
        sum += Math.abs((read.rgb()[i] & 0xff) - (written.rgb()[i] & 0xff));
      }
      assertTrue(sum / read.rgb().length < 6, "mean difference " + sum / read.rgb().length);
    }
  }

  @Test
  void anExistingFileIsReplaced() throws VideoException {
    Path path = folder.resolve("twice.mp4");
    VideoEncoder.write(path, Videos.numbered(9, 48, 64), VideoEncoder.Options.of(25));
    VideoEncoder.write(path, Videos.numbered(5, 48, 64), VideoEncoder.Options.of(25));
    assertEquals(5, Video.probe(path).frames());
  }

  @Test
  void whatCannotBeWrittenLeavesNothingBehind() throws IOException {
    Path path = folder.resolve("missing").resolve("a.mp4");
    VideoException e = assertThrows(
        VideoException.class,
        () -> VideoEncoder.write(path, Videos.numbered(2, 48, 64), VideoEncoder.Options.of(25)));
    assertEquals(VideoException.Reason.NOT_WRITTEN, e.reason());
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void aSlantingRotationIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new VideoEncoder.Options(25, 45, 12, 1));
  }
}
