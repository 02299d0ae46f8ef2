package x3d.video;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.zip.CRC32C;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;

/**
 * The pictures of a video as its decoder gave them (YUV 4:2:0, 8 bits, of the size that they have), in a file: clips of it
 * are the same bits as the video's and cost no decoding. A frame takes 1.5 bytes a pixel.
 *
 * <p>The file: a header, a checksum a frame, the frames; each frame is its Y, U and V plane without gaps. Header and frames
 * are checked whenever they are read. Frames are read rather than mapped: a mapped page that the disk cannot give
 * ends the process, a read that fails is an exception.
 */
public final class StoredVideo implements Footage {
  private static final int MAGIC = 0x58334656; // "X3FV"
  private static final int VERSION = 1;
  private static final int HEADER = 96;

  /** What FFmpeg's vector code may read beyond the last pixel. */
  private static final int PADDING = 64;

  private final Path file;
  private final FileChannel channel;
  private final Header header;
  private final int[] sums;
  private final VideoInfo info;
  private final BytePointer pixels;
  private final ByteBuffer buffer;
  private final RgbConverter converter;
  private AVFrame frame;

  /** A file that is not what was written: it should be thrown away. */
  public static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedException(Path file, String what) {
      super(file + ": " + what);
    }
  }

  /** The fixed part of the file. */
  private record Header(
      int frames,
      int width,
      int height,
      int colorspace,
      int range,
      Orientation orientation,
      double fps,
      double seconds,
      long origin) {
    static Header of(
        VideoInfo info, Orientation orientation, int colorspace, int range, long origin) {
      return new Header(
          info.frames(),
          orientation.width(info.width(), info.height()),
          orientation.height(info.width(), info.height()),
          colorspace,
          range,
          orientation,
          info.fps(),
          info.durationSeconds(),
          origin);
    }

    int frameBytes() {
      return width * height + 2 * ((width + 1) / 2) * ((height + 1) / 2);
    }

    long place(int index) {
      return HEADER + 4L * frames + (long) index * frameBytes();
    }

    long size() {
      return place(frames);
    }

    /** Header and checksums as they stand in the file. */
    ByteBuffer toBytes(int[] sums) {
      ByteBuffer bytes = ByteBuffer.allocate(HEADER + 4 * frames).order(ByteOrder.LITTLE_ENDIAN);
      bytes.putInt(MAGIC).putInt(VERSION).putInt(0).putInt(frames).putInt(width).putInt(height);
      bytes.putInt(colorspace).putInt(range);
      bytes.putInt(orientation.transposed() ? 1 : 0);
      bytes.putInt(orientation.mirrorX() ? 1 : 0).putInt(orientation.mirrorY() ? 1 : 0);
      bytes.putDouble(fps).putDouble(seconds).putLong(origin).position(HEADER);
      for (int sum : sums) {
        bytes.putInt(sum);
      }
      return bytes.putInt(SUM, sum(bytes.flip())).position(0);
    }

    private static final int SUM = 8;

    /** The checksum of header and checksums, the field of the sum itself being 0. */
    static int sum(ByteBuffer bytes) {
      bytes.putInt(SUM, 0);
      return checksum(bytes.duplicate());
    }

    static Header read(ByteBuffer bytes) {
      bytes.position(12);
      return new Header(
          bytes.getInt(),
          bytes.getInt(),
          bytes.getInt(),
          bytes.getInt(),
          bytes.getInt(),
          new Orientation(bytes.getInt() != 0, bytes.getInt() != 0, bytes.getInt() != 0),
          bytes.getDouble(),
          bytes.getDouble(),
          bytes.getLong());
    }
  }

  /** Bytes of the file of a video. */
  public static long size(VideoInfo info) {
    long chroma = 2L * ((info.width() + 1) / 2) * ((info.height() + 1) / 2);
    return HEADER + info.frames() * (4 + (long) info.width() * info.height() + chroma);
  }

  /**
   * Decodes a video and writes its pictures.
   *
   * @param origin a number that says which video this is, to be given to {@link #open} again
   * @param file an empty file to write, which is left behind half written if this fails or returns false
   * @return false if the video is of a kind that is not stored: other pixels than YUV 4:2:0 of 8 bits, or pictures that
   *     change their size or colours
   * @throws VideoException if the video cannot be decoded to its end
   */
  public static boolean write(Video video, long origin, FileChannel file)
      throws VideoException, IOException {
    try (Writing writing = new Writing(video, origin, file)) {
      return writing.run();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** One video on its way to a file. */
  private static final class Writing implements AutoCloseable {
    private final Video video;
    private final long origin;
    private final FileChannel file;
    private Header header;
    private BytePointer pixels;
    private ByteBuffer buffer;
    private int[] sums;
    private boolean kept = true;

    Writing(Video video, long origin, FileChannel file) {
      this.video = video;
      this.origin = origin;
      this.file = file;
    }

    boolean run() throws VideoException, IOException {
      video.decodeAll((place, frame) -> {
        if (kept && accepts(frame)) {
          take(place, frame);
        } else {
          kept = false;
        }
      });
      if (kept) {
        writeFully(file, header.toBytes(sums), 0);
      }
      return kept;
    }

    private boolean accepts(AVFrame frame) {
      int range = frame.color_range();
      if (header == null) {
        header = Header.of(video.info(), video.orientation(), frame.colorspace(), range, origin);
        pixels = new BytePointer(header.frameBytes());
        buffer = pixels.asByteBuffer();
        sums = new int[header.frames()];
      }
      return frame.format() == avutil.AV_PIX_FMT_YUV420P
          && frame.width() == header.width()
          && frame.height() == header.height()
          && frame.colorspace() == header.colorspace()
          && range == header.range();
    }

    private void take(int place, AVFrame frame) {
      avutil.av_image_copy_to_buffer(
          pixels,
          header.frameBytes(),
          frame.data(),
          frame.linesize(),
          avutil.AV_PIX_FMT_YUV420P,
          header.width(),
          header.height(),
          1);
      sums[place] = checksum(buffer.clear());
      try {
        writeFully(file, buffer.clear(), header.place(place));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      if (pixels != null) {
        pixels.close();
      }
    }
  }

  private static void writeFully(FileChannel file, ByteBuffer bytes, long place)
      throws IOException {
    for (long at = place; bytes.hasRemaining(); ) {
      at += file.write(bytes, at);
    }
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  private StoredVideo(Path file, FileChannel channel, Header header, int[] sums, Path video) {
    this.file = file;
    this.channel = channel;
    this.header = header;
    this.sums = sums;
    Orientation orientation = header.orientation;
    info = new VideoInfo(
        video,
        header.frames,
        header.fps,
        header.seconds,
        orientation.width(header.width, header.height),
        orientation.height(header.width, header.height),
        orientation.degrees());
    FFmpeg.load();
    converter = new RgbConverter(header.width, header.height, orientation);
    pixels = new BytePointer(header.frameBytes() + PADDING);
    buffer = pixels.asByteBuffer();
    frame = avutil.av_frame_alloc();
    if (frame == null) {
      close();
      throw FFmpeg.outOfMemory("a picture");
    }
    avutil.av_image_fill_arrays(
        frame.data(),
        frame.linesize(),
        pixels,
        avutil.AV_PIX_FMT_YUV420P,
        header.width,
        header.height,
        1);
    frame.format(avutil.AV_PIX_FMT_YUV420P).width(header.width).height(header.height);
    frame.colorspace(header.colorspace).color_range(header.range);
  }

  /**
   * Opens what {@link #write} wrote.
   *
   * @param video the file that the pictures come from, for {@link #info} and messages
   * @param origin as it was given to {@link #write}
   * @throws DamagedException if the file is another one, or not as it was written
   */
  public static StoredVideo open(Path file, Path video, long origin) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      ByteBuffer fixed = read(channel, 0, HEADER, file);
      if (fixed.getInt(0) != MAGIC || fixed.getInt(4) != VERSION) {
        throw new DamagedException(file, "is no stored video of this version");
      }
      Header header = Header.read(fixed);
      if (header.frames < 1
          || header.frames > 1 << 24
          || header.size() != channel.size()
          || header.origin != origin) {
        throw new DamagedException(file, "is not as long as it says, or of another video");
      }
      ByteBuffer all = read(channel, 0, HEADER + 4 * header.frames, file);
      if (fixed.getInt(Header.SUM) != Header.sum(all)) {
        throw new DamagedException(file, "its header does not match its checksum");
      }
      int[] sums = new int[header.frames];
      all.position(HEADER).asIntBuffer().get(sums);
      return new StoredVideo(file, channel, header, sums, video);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  private static ByteBuffer read(FileChannel channel, long place, int count, Path file)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    readFully(channel, bytes, place, file);
    return bytes.flip();
  }

  private static void readFully(FileChannel channel, ByteBuffer bytes, long place, Path file)
      throws IOException {
    for (long at = place; bytes.hasRemaining(); ) {
      int count = channel.read(bytes, at);
      if (count < 0) {
        throw new DamagedException(file, "ends early");
      }
      at += count;
    }
  }

  @Override
  public VideoInfo info() {
    return info;
  }

  /**
   * As {@link Footage} has it.
   *
   * @throws VideoException if a frame cannot be read or does not match its checksum; its cause is then an {@link
   *     IOException}
   */
  @Override
  public void readClips(
      List<ClipSpan> spans, List<ClipTransform> transforms, FloatBuffer out, IntConsumer finished)
      throws VideoException {
    ClipWriter writer =
        new ClipWriter(spans, transforms, info.height(), info.width(), out, finished);
    int[] wanted = writer.frames();
    byte[] rgb = new byte[3 * info.width() * info.height()];
    Frames one = new Frames(1, info.height(), info.width(), rgb);
    int top = writer.firstRow();
    int bottom = writer.lastRow() + 1;
    for (int place = 0; place < wanted.length; place++) {
      load(wanted[place]);
      converter.convert(frame, rgb, 0, top, bottom);
      writer.write(place, one);
    }
    writer.finish();
  }

  private void load(int index) throws VideoException {
    try {
      readFully(channel, buffer.clear().limit(header.frameBytes()), header.place(index), file);
      if (checksum(buffer.flip()) != sums[index]) {
        throw new DamagedException(file, "frame " + index + " does not match its checksum");
      }
    } catch (IOException e) {
      throw new VideoException(file, VideoException.Reason.CORRUPTED, e.getMessage(), e);
    }
  }

  /** Frees all native memory; later calls do nothing. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      return; // it was only read
    } finally {
      converter.close();
      pixels.close();
      if (frame != null) {
        avutil.av_frame_free(frame);
        frame = null;
      }
    }
  }
}
