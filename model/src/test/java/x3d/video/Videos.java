package x3d.video;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** The real videos of the tests, and made ones whose pictures can be told apart. */
final class Videos {
  private Videos() {}

  /** A real video of the test resources. */
  static Path real(String name) {
    Path path = Path.of("src/test/resources/videos", name);
    if (!Files.exists(path)) {
      throw new AssertionError(path.toAbsolutePath() + " is missing from the checkout");
    }
    return path;
  }

  /** Pictures that are one grey each, 8 brighter from one to the next: {@link #number} reads which one it is. */
  static Frames numbered(int count, int height, int width) {
    Frames frames = Frames.black(count, height, width);
    for (int i = 0; i < count; i++) {
      Arrays.fill(
          frames.rgb(), frames.offset(i), frames.offset(i) + frames.rgb().length / count, grey(i));
    }
    return frames;
  }

  private static byte grey(int number) {
    return (byte) (16 + 8 * (number % 28));
  }

  /** Which of the {@link #numbered} pictures this one is, for numbers below 28. */
  static int number(Frames frames, int index) {
    int middle = frames.at(index, frames.height() / 2, frames.width() / 2, 1);
    return Math.round((middle - 16) / 8f);
  }

  /** A dark picture with a red upper left, a green upper right and a blue lower left quarter. */
  static Frames quarters(int count, int height, int width) {
    Frames frames = Frames.black(count, height, width);
    for (int i = 0; i < count; i++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          boolean left = x < width / 2;
          boolean top = y < height / 2;
          int channel = top ? (left ? 0 : 1) : 2;
          if (left || top) {
            frames.rgb()[frames.offset(i) + 3 * (y * width + x) + channel] = (byte) 220;
          }
        }
      }
    }
    return frames;
  }

  /** Where the packets of a file's first track lie in the file. */
  static List<Integer> packetPlaces(Path path) {
    AVFormatContext format = new AVFormatContext((Pointer) null);
    AVPacket packet = avcodec.av_packet_alloc();
    try {
      if (avformat.avformat_open_input(format, path.toString(), null, null) < 0
          || avformat.avformat_find_stream_info(format, (PointerPointer<?>) null) < 0) {
        throw new AssertionError(path + " cannot be read");
      }
      List<Integer> places = new ArrayList<>();
      while (avformat.av_read_frame(format, packet) >= 0) {
        places.add((int) packet.pos());
        avcodec.av_packet_unref(packet);
      }
      return places;
    } finally {
      avcodec.av_packet_free(packet);
      avformat.avformat_close_input(format);
    }
  }

  /** Spoils packets of a file: the length of their first NAL unit becomes absurd. */
  static void spoil(Path path, int... packets) throws IOException {
    List<Integer> places = packetPlaces(path);
    byte[] bytes = Files.readAllBytes(path);
    for (int packet : packets) {
      Arrays.fill(bytes, places.get(packet), places.get(packet) + 4, (byte) 0xff);
    }
    Files.write(path, bytes);
  }

  /**
   * A QuickTime file whose media end after {@code kept} bytes and whose tables, all of them, follow. A fast-start copy would
   * need all chunk places rewritten: this keeps them.
   */
  static byte[] cutBehindTables(Path path, int kept) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    int tables = indexOf(bytes, "moov") - 4;
    byte[] cut = ByteBuffer.allocate(kept + bytes.length - tables)
        .put(bytes, 0, kept)
        .put(bytes, tables, bytes.length - tables)
        .array();
    int media = indexOf(cut, "mdat") - 4;
    ByteBuffer.wrap(cut).putInt(media, kept - media);
    return cut;
  }

  private static int indexOf(byte[] bytes, String word) {
    return new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf(word);
  }

  /** Writes a second of silence: a WAVE file. */
  static Path sound(Path path) throws IOException {
    byte[] name = "RIFF____WAVEfmt ____________________data".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer wav = ByteBuffer.allocate(44 + 8000).order(ByteOrder.LITTLE_ENDIAN);
    wav.put(name, 0, 4)
        .putInt(36 + 8000)
        .put(name, 8, 8)
        .putInt(16)
        .putShort((short) 1)
        .putShort((short) 1);
    wav.putInt(8000)
        .putInt(8000)
        .putShort((short) 1)
        .putShort((short) 8)
        .put(name, 36, 4)
        .putInt(8000);
    return Files.write(path, wav.array());
  }
}
