package x3d.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VideoTest {
  @TempDir
  Path folder;

  @ParameterizedTest
  @CsvSource({
    "demo.mp4, 280, 28, 10, 340, 256, 0",
    "part_0.mp4, 32, 30, 1.0666667, 340, 256, 0",
    "test.avi, 164, 25, 6.56, 320, 240, 0",
    "video_90.mov, 3, 30, 0.1, 320, 568, 90"
  })
  void probingARealVideoTellsWhatItHolds(
      String name, int frames, double fps, double seconds, int width, int height, int rotation)
      throws VideoException {
    VideoInfo info = Video.probe(Videos.real(name));
    assertEquals(frames, info.frames());
    assertEquals(fps, info.fps());
    assertEquals(seconds, info.durationSeconds(), 1e-6);
    assertEquals(width, info.width());
    assertEquals(height, info.height());
    assertEquals(rotation, info.rotation());
  }

  /** The sums are of PyAV 18's {@code frame.to_ndarray(format="rgb24")} of all frames, FFmpeg 8; the last one turned. */
  @ParameterizedTest
  @CsvSource({
    "demo.mp4, f1ddf14d",
    "part_0.mp4, d10531f7",
    "test.avi, db027383",
    "video_90.mov, a0bfb334"
  })
  void everyPixelOfARealVideoIsPyAvs(String name, String sum) throws VideoException {
    try (Video video = Video.open(Videos.real(name))) {
      CRC32 crc = new CRC32();
      crc.update(video.decodeAll().rgb());
      assertEquals(sum, Long.toHexString(crc.getValue()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo.mp4", "part_0.mp4", "test.avi", "video_90.mov"})
  void aFrameHasTheSamePixelsWhateverElseIsDecoded(String name) throws VideoException {
    try (Video video = Video.open(Videos.real(name))) {
      Frames all = video.decodeAll();
      int count = video.info().frames();
      for (int step : new int[] {1, 2, 7, 50}) {
        int[] chosen = IntStream.range(0, count)
            .filter(i -> i % step == step - 1 || i == count - 1)
            .toArray();
        assertSameFrames(all, video.decode(chosen), chosen);
      }
    }
  }

  @Test
  void eachSingleFrameIsFoundByItsKeyFrame() throws VideoException {
    try (Video video = Video.open(Videos.real("demo.mp4"))) {
      Frames all = video.decodeAll();
      for (int i : new int[] {279, 0, 186, 187, 188, 229, 230, 231, 267, 268, 100}) {
        assertSameFrames(all, video.decode(new int[] {i}), new int[] {i});
      }
    }
  }

  @Test
  void threadsChangeNoPixel() throws VideoException {
    int[] chosen = IntStream.range(0, 40).map(i -> 7 * i).toArray();
    try (Video one = Video.open(Videos.real("demo.mp4"), 1);
        Video four = Video.open(Videos.real("demo.mp4"), 4)) {
      assertArrayEquals(one.decode(chosen).rgb(), four.decode(chosen).rgb());
    }
  }

  @Test
  void aTelephonesVideoComesOutUpright() throws VideoException {
    try (Video video = Video.open(Videos.real("video_90.mov"))) {
      Frames frames = video.decodeAll();
      assertEquals(568, frames.height());
      assertEquals(320, frames.width());
      // A keyboard: white letters on dark keys, the U of the upper left open above and closed
      // below.
      assertTrue(frames.at(0, 170, 6, 0) > 200, "its left stroke");
      assertTrue(frames.at(0, 162, 12, 0) < 160, "its opening");
      assertTrue(frames.at(0, 180, 12, 0) > 200, "its bend");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 90, 180, 270})
  void aTaggedRotationIsObeyed(int rotation) throws VideoException {
    Path path = folder.resolve("turned.mp4");
    VideoEncoder.write(
        path, Videos.quarters(3, 48, 64), new VideoEncoder.Options(10, rotation, 12, 2));
    try (Video video = Video.open(path)) {
      assertEquals(rotation, video.info().rotation());
      assertEquals(64, video.info().width());
      assertEquals(48, video.info().height());
      Frames frames = video.decodeAll();
      assertTrue(frames.at(1, 10, 10, 0) > 150, "red is in the upper left");
      assertTrue(frames.at(1, 10, 54, 1) > 150, "green is in the upper right");
      assertTrue(frames.at(1, 38, 10, 2) > 150, "blue is in the lower left");
    }
  }

  @Test
  void aVideoOfOneFrameIsAVideo() throws VideoException {
    Path path = made("one.mp4", 1, 64, 48);
    try (Video video = Video.open(path)) {
      assertEquals(1, video.info().frames());
      assertEquals(25, video.info().fps(), 0.01);
      assertEquals(0, Videos.number(video.decodeAll(), 0));
    }
  }

  @Test
  void aVideoShorterThanAClipRepeatsItsFrames() throws VideoException {
    Path path = made("short.mp4", 5, 64, 48);
    try (Video video = Video.open(path)) {
      List<ClipSpan> spans = TemporalSampling.views(video.info().frames(), 25, 13, 6, 30, 2);
      ClipTransform transform =
          ClipTransform.of(40, 32, CropPosition.CENTER, Normalization.KINETICS);
      FloatBuffer clips = FloatBuffer.allocate(2 * transform.size(13));
      video.readClips(spans, List.of(transform), clips);
      assertEquals(0, clips.remaining());
      int last = spans.get(0).frames()[12];
      assertEquals(4, last);
      assertEquals((16 + 8 * 4) / 255f, clips.get(12 * 32 * 32) * 0.225f + 0.45f, 0.02f);
    }
  }

  @ParameterizedTest
  @CsvSource({"65, 49", "64, 49", "33, 64", "17, 19"})
  void sidesMayBeOdd(int width, int height) throws VideoException {
    Path path = made("odd.mp4", 20, width, height);
    try (Video video = Video.open(path)) {
      assertEquals(width, video.info().width());
      assertEquals(height, video.info().height());
      Frames frames = video.decode(new int[] {3, 8, 19});
      assertArrayEquals(
          new int[] {3, 8, 19},
          IntStream.range(0, 3).map(i -> Videos.number(frames, i)).toArray());
    }
  }

  @Test
  void framesOfAVariableRateAreCountedOneByOne() throws VideoException {
    Path path = folder.resolve("variable.mp4");
    long[] times = new long[20];
    for (int i = 1; i < times.length; i++) {
      times[i] = times[i - 1] + (i % 5 == 0 ? VideoEncoder.CLOCK : VideoEncoder.CLOCK / 60);
    }
    VideoEncoder.write(path, Videos.numbered(20, 48, 64), VideoEncoder.Options.of(25), times);
    try (Video video = Video.open(path)) {
      assertEquals(20, video.info().frames());
      Frames frames = video.decode(new int[] {4, 5, 6, 19});
      assertArrayEquals(
          new int[] {4, 5, 6, 19},
          IntStream.range(0, 4).map(i -> Videos.number(frames, i)).toArray());
    }
  }

  @Test
  void finishedClipsAreTheTransformsOfTheDecodedFrames() throws VideoException {
    List<ClipTransform> transforms = List.of(
        ClipTransform.of(182, 160, CropPosition.LEFT, Normalization.KINETICS),
        new ClipTransform(190, 160, CropPosition.RIGHT, true, Normalization.KINETICS));
    try (Video video = Video.open(Videos.real("part_0.mp4"))) {
      List<ClipSpan> spans = TemporalSampling.views(32, 30, 4, 4, 30, 3);
      FloatBuffer direct = FloatBuffer.allocate(6 * transforms.get(0).size(4));
      video.readClips(spans, transforms, direct);
      Frames all = video.decodeAll();
      FloatBuffer expected = FloatBuffer.allocate(direct.capacity());
      for (ClipSpan span : spans) {
        for (ClipTransform transform : transforms) {
          transform.apply(all, span.frames(), expected);
        }
      }
      assertArrayEquals(expected.array(), direct.array());
    }
  }

  @Test
  void framesOutOfOrderOrOutsideAreRefused() throws VideoException {
    try (Video video = Video.open(Videos.real("part_0.mp4"))) {
      for (int[] wrong : new int[][] {{}, {-1}, {32}, {3, 3}, {4, 2}}) {
        assertThrows(
            IllegalArgumentException.class, () -> video.decode(wrong), Arrays.toString(wrong));
      }
    }
  }

  @Test
  void closingTwiceIsHarmless() throws IOException {
    Video video = Video.open(Videos.real("part_0.mp4"));
    video.close();
    video.close();
  }

  private Path made(String name, int count, int width, int height) throws VideoException {
    Path path = folder.resolve(name);
    VideoEncoder.write(path, Videos.numbered(count, height, width), VideoEncoder.Options.of(25));
    return path;
  }

  private static void assertSameFrames(Frames all, Frames some, int[] chosen) {
    int size = all.rgb().length / all.count();
    for (int i = 0; i < chosen.length; i++) {
      int from = chosen[i] * size;
      assertTrue(
          Arrays.equals(all.rgb(), from, from + size, some.rgb(), i * size, (i + 1) * size),
          "frame " + chosen[i]);
    }
  }
}
