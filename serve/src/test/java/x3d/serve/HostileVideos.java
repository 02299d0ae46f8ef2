package x3d.serve;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/** Uploads that are no video, or one whose tables lie, by what they are. */
final class HostileVideos {
  /** What a video of 32 pictures says for its 16-bit width and height, and for its length in seconds. */
  private static final int HUGE = 0xffff;

  private static final int TEN_HOURS = 36_000;

  private final byte[] video;
  private final byte[] avi;
  private final String secretFile;
  private final String secretUrl;

  /**
   * @param video an mp4 of one H.264 track
   * @param avi an AVI file
   * @param secretFile the path of a good video that no upload may lead to
   * @param secretUrl the address of one
   */
  HostileVideos(byte[] video, byte[] avi, String secretFile, String secretUrl) {
    this.video = video;
    this.avi = avi;
    this.secretFile = secretFile;
    this.secretUrl = secretUrl;
  }

  /** Those that hold nothing to classify. */
  Map<String, byte[]> refused() throws IOException {
    Map<String, byte[]> all = new LinkedHashMap<>();
    noVideos(all);
    pictures(all);
    playlists(all);
    liars(all);
    return all;
  }

  private void noVideos(Map<String, byte[]> all) throws IOException {
    all.put("nothing", new byte[0]);
    all.put("one byte", new byte[1]);
    all.put("first half of a video", Arrays.copyOf(video, video.length / 2));
    all.put("first 100 bytes of a video", Arrays.copyOf(video, 100));
    all.put("second half of a video", Arrays.copyOfRange(video, video.length / 2, video.length));
    all.put("zeros", new byte[100_000]);
    all.put("random bytes", random(100_000));
    all.put("random bytes behind an mp4 head", behind(Arrays.copyOf(video, 40), random(50_000)));
    all.put("random bytes behind an AVI head", behind(Arrays.copyOf(avi, 12), random(50_000)));
    all.put("Matroska head only", new byte[] {0x1a, 0x45, (byte) 0xdf, (byte) 0xa3, 1, -1, -1});
    all.put("zip with a video", zip());
    all.put("web page", latin("<!DOCTYPE html><video src='" + secretUrl + "'></video>"));
    all.put("program", behind(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}, random(1000)));
    all.put("sound", sound());
    all.put(
        "mp4 whose only track is sound",
        Mp4.of(video).withType("hdlr", 8, "soun").bytes());
  }

  private void pictures(Map<String, byte[]> all) throws IOException {
    byte[] gif = picture("gif");
    all.put("PNG picture", picture("png"));
    all.put("JPEG picture", picture("jpg"));
    all.put("BMP picture", picture("bmp"));
    byte[] huge = gif.clone();
    Arrays.fill(huge, 6, 10, (byte) 0xff);
    all.put("GIF that says 65535 x 65535", huge);
  }

  private void playlists(Map<String, byte[]> all) {
    for (String target : new String[] {"file://" + secretFile, secretFile, secretUrl}) {
      all.put(
          "HLS of " + target,
          latin("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n#EXT-X-MEDIA-SEQUENCE:0\n"
              + "#EXTINF:9.0,\n" + target + "\n#EXT-X-ENDLIST\n"));
      all.put("ffconcat of " + target, latin("ffconcat version 1.0\nfile '" + target + "'\n"));
    }
    all.put(
        "HLS of concat:",
        latin(
            "#EXTM3U\n#EXTINF:9.0,\nconcat:" + secretFile + "|/etc/passwd\n" + "#EXT-X-ENDLIST\n"));
    all.put(
        "DASH",
        latin("<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\""
            + " mediaPresentationDuration=\"PT9S\" profiles=\"urn:mpeg:dash:profile:isoff-main:2011\">"
            + "<Period><AdaptationSet mimeType=\"video/mp4\"><Representation id=\"1\" bandwidth=\"1\">"
            + "<BaseURL>" + secretUrl
            + "</BaseURL></Representation></AdaptationSet></Period></MPD>"));
    all.put(
        "SDP",
        latin("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
            + "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"));
    all.put("RTSP redirection", latin("RTSPtext\r\nrtsp://127.0.0.1:1/x\r\n"));
    all.put(
        "ASX",
        latin("<asx version=\"3.0\"><entry><ref href=\"" + secretUrl + "\"/></entry></asx>"));
  }

  private void liars(Map<String, byte[]> all) throws IOException {
    all.put(
        "mp4 that says 65535 x 65535",
        Mp4.of(video).with16("stsd", 40, HUGE).with16("stsd", 42, HUGE).bytes());
    all.put(
        "mp4 with a billion frames",
        Mp4.of(video).with32("stsz", 8, 1_000_000_000).bytes());
    all.put(
        "mp4 with samples of 2 GB", Mp4.of(video).with32("stsz", 4, 0x7fffffff).bytes());
    all.put(
        "mp4 whose data lie beyond its end",
        Mp4.of(video).with32("stco", 8, -16).bytes());
    all.put(
        "mp4 without a description of its samples",
        Mp4.of(video).with32("stsd", 4, 0).bytes());
    all.put(
        "mp4 whose tables end too soon", Mp4.of(video).with32("moov", -8, 200).bytes());
    all.put(
        "mp4 with an unknown codec", Mp4.of(video).withType("stsd", 12, "zzzz").bytes());
    all.put("mp4 of boxes in boxes", nested(20_000));
    all.put("mp4 with tables that unpack to 1 GB", bomb());
  }

  /** Those whose tables lie where the pictures may well be found all the same. */
  Map<String, byte[]> survived() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("mp4 of no time units", Mp4.of(video).with32("mdhd", 12, 0).bytes());
    all.put(
        "mp4 of no time units at all",
        Mp4.of(video).with32("mdhd", 12, 0).with32("mvhd", 12, 0).bytes());
    all.put("mp4 of 0 frames a second", Mp4.of(video).with32("stts", 12, 0).bytes());
    all.put(
        "mp4 whose time runs backwards", Mp4.of(video).with32("stts", 12, -512).bytes());
    all.put(
        "mp4 shown before it begins",
        Mp4.of(video).with32("ctts", 12, 0x80000000L).bytes());
    all.put(
        "mp4 that begins at a negative time",
        Mp4.of(video).with32("elst", 12, -5000).bytes());
    all.put(
        "mp4 of a frame in 10 hours",
        Mp4.of(video).with32("stts", 12, 0x7fffffff).bytes());
    all.put(
        "mp4 whose data lie elsewhere",
        Mp4.of(video).withType("dref", 12, "alis").with32("dref", 16, 0).bytes());
    all.put(
        "mp4 whose media say 10 hours",
        Mp4.of(video).with32("mdhd", 16, TEN_HOURS * 15_360L).bytes());
    all.put(
        "mp4 whose movie says 10 hours",
        Mp4.of(video).with32("mvhd", 16, TEN_HOURS * 1000L).bytes());
    all.put(
        "mp4 whose track says 65535 x 65535",
        Mp4.of(video).with32("tkhd", 76, -1).with32("tkhd", 80, -1).bytes());
    all.put("mp4 with a box of no size", Mp4.of(video).with32("free", -8, 0).bytes());
    byte[] wide = avi.clone();
    int header = new String(wide, StandardCharsets.ISO_8859_1).indexOf("strf") + 12;
    ByteBuffer.wrap(wide).order(ByteOrder.LITTLE_ENDIAN).putInt(header, 60_000);
    all.put("AVI that says 60000 pixels a line", wide);
    return all;
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SplittableRandom(length).nextBytes(bytes);
    return bytes;
  }

  private static byte[] behind(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length)
        .put(first)
        .put(second)
        .array();
  }

  private byte[] zip() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("clip.mp4"));
      zip.write(video);
    }
    return bytes.toByteArray();
  }

  private static byte[] picture(String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB), format, bytes);
    return bytes.toByteArray();
  }

  /** A second of silence: a WAVE file. */
  private static byte[] sound() {
    ByteBuffer wav = ByteBuffer.allocate(44 + 8000).order(ByteOrder.LITTLE_ENDIAN);
    wav.put(latin("RIFF")).putInt(36 + 8000).put(latin("WAVEfmt ")).putInt(16);
    wav.putShort((short) 1).putShort((short) 1).putInt(8000).putInt(8000);
    wav.putShort((short) 1).putShort((short) 8).put(latin("data")).putInt(8000);
    return wav.array();
  }

  private byte[] nested(int depth) {
    ByteBuffer boxes = ByteBuffer.allocate(40 + 8 * depth).put(video, 0, 40);
    for (int left = depth; left > 0; left--) {
      boxes.putInt(8 * left).put(latin(left % 2 == 0 ? "moov" : "trak"));
    }
    return boxes.array();
  }

  /** QuickTime may pack its tables. */
  private byte[] bomb() throws IOException {
    int unpacked = 1 << 30;
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(packed)) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < unpacked / zeros.length; i++) {
        deflater.write(zeros);
      }
    }
    ByteBuffer boxes = ByteBuffer.allocate(40 + 40 + packed.size()).put(video, 0, 40);
    boxes.putInt(40 + packed.size()).put(latin("moov"));
    boxes.putInt(32 + packed.size()).put(latin("cmov"));
    boxes.putInt(12).put(latin("dcom")).put(latin("zlib"));
    boxes.putInt(12 + packed.size()).put(latin("cmvd")).putInt(unpacked);
    return boxes.put(packed.toByteArray()).array();
  }
}
