package x3d.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreparedVideoTest {
  private static final PreparedVideo.Options OPTIONS = new PreparedVideo.Options(32, 4, 20);

  @TempDir
  Path folder;

  @Test
  void everyFrameOfAVariableRateKeepsItsTimeAndItsPlace() throws Exception {
    long[] times = new long[20];
    for (int i = 1; i < times.length; i++) {
      times[i] = times[i - 1] + (i % 5 == 0 ? VideoEncoder.CLOCK : VideoEncoder.CLOCK / 60 + i);
    }
    Path original = folder.resolve("variable.mp4");
    VideoEncoder.write(original, Videos.numbered(20, 48, 64), VideoEncoder.Options.of(25), times);
    try (Video before = Video.open(original);
        Video after = prepared(original)) {
      assertArrayEquals(times, after.times().ticks());
      assertEquals(before.times().clock(), after.times().clock());
      assertEquals(before.times().lastDuration(), after.times().lastDuration());
      assertEquals(before.info().fps(), after.info().fps(), 1e-9);
      assertEquals(before.info().durationSeconds(), after.info().durationSeconds(), 1e-9);
      Frames frames = after.decodeAll();
      assertArrayEquals(
          IntStream.range(0, 20).toArray(),
          IntStream.range(0, 20).map(i -> Videos.number(frames, i)).toArray());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 90, 180, 270})
  void aTurnedVideoIsStoredUpright(int rotation) throws Exception {
    Path original = folder.resolve("turned.mp4");
    VideoEncoder.write(
        original, Videos.quarters(3, 48, 64), new VideoEncoder.Options(10, rotation, 12, 2));
    try (Video after = prepared(original)) {
      assertEquals(0, after.info().rotation());
      assertEquals(42, after.info().width());
      assertEquals(32, after.info().height());
      Frames frames = after.decodeAll();
      assertTrue(frames.at(1, 7, 7, 0) > 150, "red is in the upper left");
      assertTrue(frames.at(1, 7, 35, 1) > 150, "green is in the upper right");
      assertTrue(frames.at(1, 25, 7, 2) > 150, "blue is in the lower left");
    }
  }

  @ParameterizedTest
  @CsvSource({"64, 48, 42, 32", "30, 50, 30, 50", "31, 51, 30, 50", "65, 49, 42, 32"})
  void sidesBecomeEvenAndAreNeverEnlarged(int width, int height, int newWidth, int newHeight)
      throws Exception {
    Path original = folder.resolve("sized.mp4");
    VideoEncoder.write(original, Videos.numbered(5, height, width), VideoEncoder.Options.of(25));
    try (Video after = prepared(original)) {
      assertEquals(newWidth, after.info().width());
      assertEquals(newHeight, after.info().height());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"part_0.mp4", "video_90.mov"})
  void aRealVideoLooksAsItDidAndHasItsFrames(String name) throws Exception {
    Path original = Videos.real(name);
    Path target = folder.resolve("prepared.mp4");
    PreparedVideo.write(original, target, new PreparedVideo.Options(320, 4, 16), "");
    try (Video before = Video.open(original);
        Video after = Video.open(target)) {
      assertEquals(before.info().frames(), after.info().frames());
      assertEquals(before.info().fps(), after.info().fps(), 0.003);
      assertArrayEquals(before.times().ticks(), after.times().ticks());
      double noise = psnr(before.decodeAll().rgb(), after.decodeAll().rgb());
      assertTrue(noise > 36, "PSNR is " + noise + " dB");
    }
  }

  private static double psnr(byte[] expected, byte[] actual) {
    assertEquals(expected.length, actual.length);
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = (expected[i] & 0xff) - (actual[i] & 0xff);
      sum += difference * difference;
    }
    return 10 * Math.log10(255.0 * 255.0 * expected.length / sum);
  }

  @Test
  void theSameVideoMakesTheSameBytes() throws Exception {
    Path one = folder.resolve("one.mp4");
    Path two = folder.resolve("two.mp4");
    PreparedVideo.write(Videos.real("part_0.mp4"), one, OPTIONS, "some words");
    PreparedVideo.write(Videos.real("part_0.mp4"), two, OPTIONS, "some words");
    assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(two));
    assertEquals("some words", PreparedVideo.comment(one));
    assertEquals("", PreparedVideo.comment(Videos.real("part_0.mp4")));
  }

  @Test
  void whatIsPreparedNeedsNothingMoreAndOthersDo() throws Exception {
    Path original = folder.resolve("original.mp4");
    VideoEncoder.write(original, Videos.numbered(9, 48, 64), VideoEncoder.Options.of(25));
    Path target = folder.resolve("prepared.mp4");
    PreparedVideo.write(original, target, OPTIONS, "");
    assertFalse(PreparedVideo.isPrepared(original, OPTIONS));
    assertTrue(PreparedVideo.isPrepared(target, OPTIONS));
    assertFalse(PreparedVideo.isPrepared(target, new PreparedVideo.Options(30, 4, 20)));
    assertFalse(PreparedVideo.isPrepared(target, new PreparedVideo.Options(32, 3, 20)));
  }

  @Test
  void aBrokenVideoIsRefusedAndLeavesNothing() {
    Path target = folder.resolve("prepared.mp4");
    assertThrows(
        VideoException.class,
        () -> PreparedVideo.write(Videos.real("corrupted.mp4"), target, OPTIONS, ""));
    assertFalse(Files.exists(target));
  }

  private Video prepared(Path original) throws VideoException {
    Path target = folder.resolve("prepared.mp4");
    PreparedVideo.write(original, target, OPTIONS, "");
    return Video.open(target);
  }
}
