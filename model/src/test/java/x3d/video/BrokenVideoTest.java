package x3d.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.video.VideoException.Reason;

class BrokenVideoTest {
  @TempDir
  Path folder;

  @Test
  void aCorruptedVideoIsRefusedWithItsNameAndTheDefect() {
    VideoException e = refused(Videos.real("corrupted.mp4"), Reason.CORRUPTED);
    assertEquals(
        "corrupted.mp4: 20 of 50 pictures are broken or built on broken ones "
            + "(packet 30: a NAL unit of 4294967295 bytes where 551 are left)",
        e.getMessage());
    assertEquals(Videos.real("corrupted.mp4"), e.video());
  }

  @Test
  void aMissingFileIsRefused() {
    refused(folder.resolve("nowhere.mp4"), Reason.UNREADABLE);
  }

  @Test
  void aFolderIsRefused() {
    refused(folder, Reason.UNREADABLE);
  }

  @Test
  void anEmptyFileIsRefused() throws IOException {
    refused(Files.createFile(folder.resolve("empty.mp4")), Reason.EMPTY);
  }

  @Test
  void aTextIsRefusedWhateverItsName() throws IOException {
    String text = "No video, but words.\n".repeat(500);
    refused(Files.writeString(folder.resolve("text.mp4"), text), Reason.NOT_A_VIDEO);
    refused(Files.writeString(folder.resolve("text.txt"), text), Reason.NOT_A_VIDEO);
  }

  @Test
  void aPlaylistIsRefusedBecauseItNamesOtherFiles() throws IOException {
    Path video = Videos.real("demo.mp4").toAbsolutePath();
    refused(
        Files.writeString(
            folder.resolve("a.m3u8"),
            "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n" + video + "\n"),
        Reason.NOT_A_VIDEO);
    refused(
        Files.writeString(
            folder.resolve("a.ffconcat"), "ffconcat version 1.0\nfile " + video + "\n"),
        Reason.NOT_A_VIDEO);
  }

  @Test
  void aSoundFileIsRefused() throws IOException {
    refused(Videos.sound(folder.resolve("sound.wav")), Reason.NO_VIDEO_STREAM);
  }

  @Test
  void aFileWithoutItsEndIsRefusedWhereItsTablesAreThere() throws IOException {
    byte[] bytes = Files.readAllBytes(Videos.real("demo.mp4"));
    refused(
        Files.write(folder.resolve("half.mp4"), Arrays.copyOf(bytes, bytes.length / 2)),
        Reason.NOT_A_VIDEO);
  }

  @Test
  void aFileCutBehindItsTablesIsRefusedIfMuchIsMissing() throws IOException {
    byte[] cut = Videos.cutBehindTables(Videos.real("corrupted.mp4"), 10_000);
    refused(Files.write(folder.resolve("cut.mov"), cut), Reason.TRUNCATED);
  }

  @Test
  void aFileCutShortlyBeforeItsEndShowsWhatIsLeft() throws IOException {
    byte[] bytes = Files.readAllBytes(Videos.real("test.avi"));
    Path path =
        Files.write(folder.resolve("shorter.avi"), Arrays.copyOf(bytes, bytes.length * 3 / 4));
    try (Video video = Video.open(path);
        Video whole = Video.open(Videos.real("test.avi"))) {
      int frames = video.info().frames();
      assertTrue(frames > 80 && frames < 164, frames + " frames");
      int[] chosen = {0, 40, frames - 10};
      assertArrayEquals(whole.decode(chosen).rgb(), video.decode(chosen).rgb());
    }
  }

  @Test
  void oneBadPictureInTheMiddleDoesNotLoseTheVideo() throws IOException {
    Path path = numbered(48);
    Videos.spoil(path, 14);
    try (Video video = Video.open(path)) {
      assertEquals(48, video.info().frames());
      Frames all = video.decodeAll();
      assertEquals(13, Videos.number(all, 13));
      assertEquals(13, Videos.number(all, 14), "the picture before stands in");
      assertEquals(27, Videos.number(all, 27));
    }
  }

  @Test
  void besideABadPictureTooAFrameHasTheSamePixelsWhateverElseIsDecoded() throws IOException {
    Path path = numbered(48);
    Videos.spoil(path, 14);
    int[] every = IntStream.range(0, 48).toArray();
    try (Video video = Video.open(path)) {
      Frames all = video.decode(every);
      int size = all.offset(1);
      for (int i : every) {
        try (Video fresh = Video.open(path)) {
          assertArrayEquals(
              Arrays.copyOfRange(all.rgb(), i * size, (i + 1) * size),
              fresh.decode(new int[] {i}).rgb(),
              "frame " + i);
        }
      }
    }
  }

  /** The decoder patches such pictures up from others, which must then be the same ones on every way to a frame. */
  @ParameterizedTest
  @ValueSource(ints = {79_530, 226_044, 290_959, 343_200, 412_707, 506_838})
  void afterDamagedPixelsTooAFrameIsTheSameWhateverElseIsDecoded(int place) throws IOException {
    byte[] bytes = Files.readAllBytes(Videos.real("demo.mp4"));
    Random random = new Random(place);
    for (int i = 0; i < 16; i++) {
      bytes[place + i] = (byte) random.nextInt();
    }
    Path path = Files.write(folder.resolve("damaged.mp4"), bytes);
    try (Video video = Video.open(path);
        Video fresh = Video.open(path)) {
      Frames all = video.decodeAll();
      assertEquals(280, all.count());
      int size = all.offset(1);
      int[] chosen = IntStream.range(0, 280).filter(i -> i % 9 == 4).toArray();
      Frames some = fresh.decode(chosen);
      for (int i = 0; i < chosen.length; i++) {
        int from = chosen[i] * size;
        assertTrue(
            Arrays.equals(all.rgb(), from, from + size, some.rgb(), i * size, (i + 1) * size),
            "frame " + chosen[i]);
      }
    }
  }

  @Test
  void aVideoWhoseFirstPictureIsBadBeginsAtTheNextKeyFrame() throws IOException {
    Path path = numbered(48);
    Videos.spoil(path, 0);
    try (Video video = Video.open(path)) {
      assertEquals(36, video.info().frames());
      assertEquals(12, Videos.number(video.decode(new int[] {0}), 0));
    }
  }

  @Test
  void aVideoThatHasLostMostPicturesIsRefused() throws IOException {
    Path path = numbered(48);
    Videos.spoil(path, 0, 12, 24);
    assertTrue(
        refused(path, Reason.CORRUPTED).getMessage().startsWith("numbered.mp4: 36 of 48 pictures"));
  }

  @Test
  void noMessageTakesMoreThanOneLine() {
    for (Path path :
        new Path[] {Videos.real("corrupted.mp4"), folder.resolve("nowhere.mp4"), folder}) {
      assertFalse(assertThrows(VideoException.class, () -> Video.open(path))
          .getMessage()
          .contains("\n"));
    }
  }

  @Test
  void openingDecodingFailingAndClosingLeaveNoNativeMemoryBehind() throws IOException {
    Path text = Files.writeString(folder.resolve("text.mp4"), "words ".repeat(1000));
    Path spoiled = numbered(48);
    Videos.spoil(spoiled, 14);
    useAll(20, text, spoiled);
    long tracked = Pointer.totalBytes();
    long resident = Pointer.physicalBytes();
    useAll(100, text, spoiled);
    assertEquals(tracked, Pointer.totalBytes(), "bytes that JavaCPP knows of");
    // 100 rounds of even one lost 340x256 picture would be 25 MB; the heap itself may still grow a
    // little.
    assertTrue(
        Pointer.physicalBytes() - resident < 64L << 20,
        (Pointer.physicalBytes() - resident) + " bytes more");
  }

  private static void useAll(int rounds, Path text, Path spoiled) throws IOException {
    for (int i = 0; i < rounds; i++) {
      for (Path path : new Path[] {Videos.real("corrupted.mp4"), text}) {
        assertThrows(VideoException.class, () -> Video.open(path));
      }
      for (Path path :
          new Path[] {Videos.real("part_0.mp4"), Videos.real("video_90.mov"), spoiled}) {
        try (Video video = Video.open(path)) {
          video.decode(new int[] {1, 2});
        }
      }
    }
  }

  private Path numbered(int count) throws VideoException {
    Path path = folder.resolve("numbered.mp4");
    VideoEncoder.write(path, Videos.numbered(count, 48, 64), VideoEncoder.Options.of(25));
    return path;
  }

  private static VideoException refused(Path path, Reason reason) {
    VideoException e = assertThrows(VideoException.class, () -> Video.open(path).close());
    assertEquals(reason, e.reason(), e.getMessage());
    assertTrue(e.getMessage().startsWith(path.getFileName() + ": "), e.getMessage());
    return e;
  }
}
