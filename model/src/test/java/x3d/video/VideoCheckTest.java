package x3d.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.video.VideoDefect.Reason;

class VideoCheckTest {
  @TempDir
  Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"demo.mp4", "part_0.mp4", "test.avi", "video_90.mov"})
  void aSoundVideoHasNoDefectAndTheFactsThatVideoGives(String name) throws IOException {
    Path path = Videos.real(name);
    VideoCheck check = VideoCheck.full(path);
    String codec = name.equals("test.avi") ? "mpeg4" : "h264";
    assertEquals(
        new VideoCheck(Files.size(path), Optional.of(Video.probe(path)), codec, Optional.empty()),
        check);
    assertEquals(check, VideoCheck.fast(path));
  }

  @Test
  void decodeErrorsAreCountedAndTheFirstIsPlacedInTime() throws IOException {
    assertDefect(
        Videos.real("corrupted.mp4"),
        new VideoDefect(
            Reason.DECODE_ERRORS,
            2,
            OptionalDouble.of(3),
            "2 decode errors, the first at 3.0 s (packet 30: a NAL unit of 4294967295 bytes where"
                + " 551 are left)"));
  }

  @Test
  void onePictureThatVideoWouldStandInForIsADefectAllTheSame() throws IOException {
    Path path = numbered();
    Videos.spoil(path, 14);
    assertEquals(48, Video.probe(path).frames());
    assertDefect(
        path,
        new VideoDefect(
            Reason.DECODE_ERRORS,
            1,
            OptionalDouble.of(14 / 25.0),
            "1 decode error at 0.6 s (packet 14: a NAL unit of 4294967295 bytes where 24 are left)"));
  }

  @Test
  void pixelsOverwrittenInTheMiddleAreDecodeErrors() throws IOException {
    byte[] bytes = Files.readAllBytes(Videos.real("demo.mp4"));
    byte[] noise = new byte[64];
    new Random(1).nextBytes(noise);
    System.arraycopy(noise, 0, bytes, 290_959, noise.length);
    VideoDefect defect = defect(Files.write(folder.resolve("damaged.mp4"), bytes));
    assertEquals(Reason.DECODE_ERRORS, defect.reason());
    assertTrue(defect.errors() >= 1, defect.detail());
    assertEquals(5, defect.seconds().orElseThrow(), 1.5, defect.detail());
  }

  @Test
  void aVideoWithoutOnePictureThatCanBeDecodedHasZeroFrames() throws IOException {
    Path path = numbered();
    Videos.spoil(path, IntStream.range(0, 48).toArray());
    assertDefect(
        path,
        new VideoDefect(
            Reason.ZERO_FRAMES,
            0,
            OptionalDouble.empty(),
            "none of its 48 pictures can be decoded"));
  }

  @Test
  void aCutIsPlacedInTimeWhereTheTablesAreThere() throws IOException {
    byte[] cut = Videos.cutBehindTables(Videos.real("corrupted.mp4"), 25_000);
    VideoDefect defect = defect(Files.write(folder.resolve("cut.mov"), cut));
    assertEquals(Reason.TRUNCATED, defect.reason());
    assertEquals("truncated at 2.5 s of 5.0 s", defect.detail());
    assertEquals(2.5, defect.seconds().orElseThrow(), 1e-9);
  }

  @Test
  void aCutAviIsPlacedInTimeEvenWithoutADecodeError() throws IOException {
    byte[] bytes = Files.readAllBytes(Videos.real("test.avi"));
    Path path = Files.write(folder.resolve("cut.avi"), Arrays.copyOf(bytes, bytes.length / 2));
    assertDefect(
        path,
        new VideoDefect(Reason.TRUNCATED, 0, OptionalDouble.of(77 / 25.0), "truncated at 3.1 s"));
  }

  @Test
  void aCutFileWithoutItsTablesIsTruncatedRatherThanNoMediaFile() throws IOException {
    byte[] bytes = Files.readAllBytes(Videos.real("demo.mp4"));
    Path path = Files.write(folder.resolve("half.mp4"), Arrays.copyOf(bytes, bytes.length / 2));
    VideoDefect defect = defect(path);
    assertEquals(Reason.TRUNCATED, defect.reason());
    assertTrue(
        defect
            .detail()
            .matches("truncated: its last \\d+ bytes are missing, and it cannot be opened"),
        defect.detail());
  }

  @Test
  void whatIsNoVideoSaysWhatItIs() throws IOException {
    Path text = Files.writeString(folder.resolve("text.mp4"), "No video, but words.\n".repeat(500));
    assertEquals(Reason.NOT_A_MEDIA_FILE, defect(text).reason());
    assertEquals(
        "the file is empty",
        defect(Files.createFile(folder.resolve("empty.mp4"))).detail());
    assertEquals(Reason.UNREADABLE, defect(folder.resolve("none.mp4")).reason());
    assertEquals(Reason.UNREADABLE, defect(folder).reason());
    Path sound = Videos.sound(folder.resolve("sound.wav"));
    assertEquals(VideoDefect.of(Reason.NO_VIDEO_STREAM, "holds no picture track"), defect(sound));
  }

  @Test
  void whateverIsDoneToAFileNothingButAnAnswerComesOfIt() throws IOException {
    byte[] whole = Files.readAllBytes(Videos.real("part_0.mp4"));
    Random random = new Random(7);
    int defects = 0;
    for (int round = 0; round < 40; round++) {
      byte[] bytes =
          Arrays.copyOf(whole, round % 2 == 0 ? whole.length : random.nextInt(whole.length));
      for (int i = 0; i < 20; i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      Path path = Files.write(folder.resolve("hostile.mp4"), bytes);
      VideoCheck full = VideoCheck.full(path);
      defects += full.defect().isPresent() ? 1 : 0;
      full.defect().ifPresent(defect -> assertEquals(1, defect.detail().lines().count()));
      if (full.defect().isEmpty()) {
        Video.open(path).close();
      }
    }
    assertTrue(defects > 30, defects + " of 40 were found out");
  }

  @Test
  void checkingLeavesNoNativeMemoryBehind() throws IOException {
    Path text = Files.writeString(folder.resolve("text.mp4"), "words ".repeat(1000));
    Path spoiled = numbered();
    Videos.spoil(spoiled, 14);
    checkAll(10, text, spoiled);
    long tracked = Pointer.totalBytes();
    long resident = Pointer.physicalBytes();
    checkAll(60, text, spoiled);
    assertEquals(tracked, Pointer.totalBytes(), "bytes that JavaCPP knows of");
    assertTrue(
        Pointer.physicalBytes() - resident < 64L << 20,
        (Pointer.physicalBytes() - resident) + " bytes more");
  }

  private static void checkAll(int rounds, Path... broken) {
    for (int i = 0; i < rounds; i++) {
      for (Path path : broken) {
        assertTrue(VideoCheck.full(path).defect().isPresent());
        assertTrue(VideoCheck.fast(path).defect().isPresent());
      }
      VideoCheck.full(Videos.real("part_0.mp4"));
      VideoCheck.fast(Videos.real("video_90.mov"));
    }
  }

  private Path numbered() throws VideoException {
    Path path = folder.resolve("numbered.mp4");
    VideoEncoder.write(path, Videos.numbered(48, 48, 64), VideoEncoder.Options.of(25));
    return path;
  }

  private static VideoDefect defect(Path path) {
    return VideoCheck.full(path).defect().orElseThrow();
  }

  private static void assertDefect(Path path, VideoDefect expected) {
    assertEquals(expected, defect(path));
    assertEquals(VideoCheck.full(path), VideoCheck.fast(path), "the quick check");
  }
}
