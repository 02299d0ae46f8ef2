package x3d.video;

import java.nio.charset.StandardCharsets;
import org.bytedeco.ffmpeg.global.avutil;

/** FFmpeg's library-wide matters: it is told to be quiet and modest once, and its error numbers become words. */
final class FFmpeg {
  /** Bytes that FFmpeg may take in one piece: a plane of 8K in 16 bits and three colours is 200 MB. */
  private static final long LARGEST_PIECE = 256L << 20;

  static {
    // Every defect of a file comes back as a return value; printed, it would land in the caller's
    // own output.
    avutil.av_log_set_level(avutil.AV_LOG_QUIET);
    // A file of 1 MB can make it take 2 GB in one piece: QuickTime's packed tables, a picture's
    // announced size.
    avutil.av_max_alloc(LARGEST_PIECE);
  }

  private FFmpeg() {}

  /** Makes sure that the library is loaded and quiet. */
  static void load() {}

  /** Whether the call asks for more input. */
  static boolean again(int code) {
    return code == avutil.AVERROR_EAGAIN();
  }

  /** What an error number means, in FFmpeg's words. */
  static String words(int code) {
    byte[] text = new byte[avutil.AV_ERROR_MAX_STRING_SIZE];
    avutil.av_strerror(code, text, text.length);
    int end = 0;
    while (end < text.length && text[end] != 0) {
      end++;
    }
    return new String(text, 0, end, StandardCharsets.UTF_8);
  }

  /** Native memory was refused: nothing that a caller could mend. */
  static OutOfMemoryError outOfMemory(String what) {
    return new OutOfMemoryError("FFmpeg got no memory for " + what);
  }
}
