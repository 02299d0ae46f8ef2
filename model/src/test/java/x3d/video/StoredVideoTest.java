package x3d.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoredVideoTest {
  private static final long ORIGIN = 0x123456789abcdefL;

  @TempDir
  Path folder;

  private Path stored(Path video) throws IOException {
    Path file = folder.resolve("stored");
    assertTrue(store(video, file));
    return file;
  }

  private static boolean store(Path video, Path file) throws IOException {
    try (Video open = Video.open(video);
        FileChannel channel = FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      boolean kept = StoredVideo.write(open, ORIGIN, channel);
      assertEquals(kept ? StoredVideo.size(open.info()) : 0, channel.size());
      return kept;
    }
  }

  /** Random clips, two spans and two transforms each. */
  private static float[] clips(Footage footage, int side) throws VideoException {
    VideoInfo info = footage.info();
    SplittableRandom random = new SplittableRandom(11);
    ClipTransform.Jitter jitter = new ClipTransform.Jitter(side, 2 * side, false);
    float[] all = new float[3 * 4 * 3 * 5 * side * side];
    FloatBuffer out = FloatBuffer.wrap(all);
    while (out.hasRemaining()) {
      footage.readClips(
          List.of(
              TemporalSampling.random(info.frames(), info.fps(), 5, 6, 30, random),
              TemporalSampling.random(info.frames(), info.fps(), 5, 2, 30, random)),
          List.of(
              ClipTransform.random(jitter, side, true, Normalization.KINETICS, random),
              ClipTransform.random(jitter, side, true, Normalization.KINETICS, random)),
          out);
    }
    return all;
  }

  private void assertSameClips(Path video, int side) throws IOException {
    try (Video decoded = Video.open(video);
        StoredVideo stored = StoredVideo.open(stored(video), video, ORIGIN)) {
      assertEquals(decoded.info(), stored.info());
      assertArrayEquals(clips(decoded, side), clips(stored, side));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo.mp4", "part_0.mp4", "test.avi", "video_90.mov"})
  void clipsOfAStoredVideoAreTheSameBits(String name) throws IOException {
    assertSameClips(Videos.real(name), 112);
  }

  @ParameterizedTest
  @CsvSource({"65, 49, 0", "64, 49, 0", "33, 64, 0", "64, 48, 90", "64, 48, 180"})
  void ofOddSizesAndTurnedVideosToo(int width, int height, int rotation) throws IOException {
    Path video = folder.resolve("made.mp4");
    VideoEncoder.write(
        video, Videos.quarters(20, height, width), new VideoEncoder.Options(25, rotation, 12, 0.6));
    assertSameClips(video, 24);
  }

  @Test
  void aFrameThatIsNotAsWrittenIsNoticedWhenItIsRead() throws IOException {
    Path video = Videos.real("part_0.mp4");
    Path file = stored(video);
    overwrite(file, Files.size(file) - 1000);
    try (StoredVideo stored = StoredVideo.open(file, video, ORIGIN)) {
      ClipTransform transform =
          ClipTransform.of(182, 160, CropPosition.CENTER, Normalization.KINETICS);
      FloatBuffer out = FloatBuffer.allocate(transform.size(1));
      stored.readClips(List.of(new ClipSpan(0, 0, new int[] {30})), List.of(transform), out);
      out.clear();
      VideoException last = assertThrows(
          VideoException.class,
          () -> stored.readClips(
              List.of(new ClipSpan(31, 31, new int[] {31})), List.of(transform), out));
      assertTrue(
          last.getMessage().endsWith("frame 31 does not match its checksum"), last::getMessage);
      assertEquals(0, out.position());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 9, 13, 40, 96, 140})
  void aHeaderThatIsNotAsWrittenIsNoticed(int place) throws IOException {
    Path video = Videos.real("part_0.mp4");
    Path file = stored(video);
    overwrite(file, place);
    assertThrows(StoredVideo.DamagedException.class, () -> StoredVideo.open(file, video, ORIGIN));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 50, 96, 200, 100_000})
  void aFileWithoutItsEndIsNoticed(int size) throws IOException {
    Path video = Videos.real("part_0.mp4");
    Path file = stored(video);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
    assertThrows(StoredVideo.DamagedException.class, () -> StoredVideo.open(file, video, ORIGIN));
  }

  @Test
  void anotherVideosPicturesAreNotTaken() throws IOException {
    Path video = Videos.real("part_0.mp4");
    Path file = stored(video);
    assertThrows(
        StoredVideo.DamagedException.class, () -> StoredVideo.open(file, video, ORIGIN + 1));
  }

  @Test
  void picturesOfAnotherFormatAreNotStored() throws IOException {
    Path gif = folder.resolve("one.gif");
    Files.write(
        gif, Base64.getDecoder().decode("R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="));
    assertFalse(store(gif, folder.resolve("stored")));
  }

  private static void overwrite(Path file, long place) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer old = ByteBuffer.allocate(1);
      channel.read(old, place);
      channel.write(ByteBuffer.wrap(new byte[] {(byte) ~old.get(0)}), place);
    }
  }
}
