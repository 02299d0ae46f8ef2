package x3d.video;

import java.nio.ByteBuffer;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.javacpp.BytePointer;

/**
 * Whether the NAL units of an H.264 or HEVC packet add up to it. In mp4 and Matroska each unit has its length before
 * it (ISO 14496-15, 5.3.3); a wrong length makes the decoder throw the whole picture away, and this finds it without
 * decoding. Other codecs and framings have nothing to check.
 */
final class NalFraming {
  /** Bytes of a unit's length, or 0 where nothing is checked. */
  private final int lengthBytes;

  NalFraming(int lengthBytes) {
    this.lengthBytes = lengthBytes;
  }

  /** For a track, by its avcC or hvcC record. */
  static NalFraming of(AVCodecParameters parameters) {
    int at = parameters.codec_id() == avcodec.AV_CODEC_ID_H264
        ? 4
        : parameters.codec_id() == avcodec.AV_CODEC_ID_HEVC ? 21 : -1;
    BytePointer record = parameters.extradata();
    boolean present =
        at > 0 && record != null && parameters.extradata_size() > at && record.get(0) == 1;
    return new NalFraming(present ? (record.get(at) & 3) + 1 : 0);
  }

  /** What is wrong with a packet, or null. */
  String defect(AVPacket packet) {
    if (lengthBytes == 0 || packet.size() == 0) {
      return null;
    }
    return defect(packet.data().capacity(packet.size()).asByteBuffer());
  }

  String defect(ByteBuffer bytes) {
    while (bytes.remaining() > lengthBytes) {
      long length = 0;
      for (int i = 0; i < lengthBytes; i++) {
        length = length << 8 | bytes.get() & 0xff;
      }
      if (length == 0 || length > bytes.remaining()) {
        return "a NAL unit of " + length + " bytes where " + bytes.remaining() + " are left";
      }
      bytes.position(bytes.position() + (int) length);
    }
    return null;
  }
}
