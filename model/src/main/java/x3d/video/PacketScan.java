package x3d.video;

import java.util.Arrays;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;

/** What a reading of all packets of a track, without decoding one, tells about each. */
final class PacketScan {
  private static final byte KEY = 1;
  private static final byte DISCARDED = 2;
  private static final byte BROKEN = 4;

  private final NalFraming framing;
  private long[] presentation = new long[512];
  private long[] decoding = new long[512];
  private byte[] flags = new byte[512];
  private int count;
  private int shown;
  private int damaged;
  private boolean inDamage;
  private String firstDefect;

  PacketScan(NalFraming framing) {
    this.framing = framing;
  }

  void add(AVPacket packet) {
    if (count == flags.length) {
      presentation = Arrays.copyOf(presentation, 2 * count);
      decoding = Arrays.copyOf(decoding, 2 * count);
      flags = Arrays.copyOf(flags, 2 * count);
    }
    String defect = framing.defect(packet);
    boolean key = (packet.flags() & avcodec.AV_PKT_FLAG_KEY) != 0;
    boolean discarded = (packet.flags() & avcodec.AV_PKT_FLAG_DISCARD) != 0;
    presentation[count] = packet.pts();
    decoding[count] = packet.dts();
    flags[count] =
        (byte) ((key ? KEY : 0) | (discarded ? DISCARDED : 0) | (defect != null ? BROKEN : 0));
    noteDamage(defect, key, (packet.flags() & avcodec.AV_PKT_FLAG_DISPOSABLE) != 0);
    count++;
    if (!discarded) {
      shown++;
    }
  }

  /** A broken picture spoils those built on it, which may be all up to the next key frame. */
  private void noteDamage(String defect, boolean key, boolean disposable) {
    if (defect != null) {
      if (firstDefect == null) {
        firstDefect = "packet " + count + ": " + defect;
      }
      inDamage |= !disposable;
    } else if (key) {
      inDamage = false;
    }
    if (inDamage || defect != null) {
      damaged++;
    }
  }

  int count() {
    return count;
  }

  /** Packets whose picture the container wants shown. */
  int shown() {
    return shown;
  }

  /** Packets that are broken, or that come after a broken one and before the next key frame. */
  int damaged() {
    return damaged;
  }

  /** The first broken packet and its defect in words, or null. */
  String firstDefect() {
    return firstDefect;
  }

  boolean key(int packet) {
    return (flags[packet] & KEY) != 0;
  }

  boolean discarded(int packet) {
    return (flags[packet] & DISCARDED) != 0;
  }

  boolean timed(int packet) {
    return presentation[packet] != avutil.AV_NOPTS_VALUE;
  }

  long presentation(int packet) {
    return presentation[packet];
  }

  /** The decoding time, which demuxers seek by, or the presentation time where the container has no other. */
  long seekTime(int packet) {
    return decoding[packet] == avutil.AV_NOPTS_VALUE ? presentation[packet] : decoding[packet];
  }
}
