package x3d.video;

import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;

/** FFmpeg's library-wide matters: it is told to be quiet once, and its error numbers become words. */
final class FFmpeg {
  static {
    // Every defect of a file comes back as a return value; printed, it would land in the caller's
    // own output.
    avutil.av_log_set_level(avutil.AV_LOG_QUIET);
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
    try (BytePointer text = new BytePointer(avutil.AV_ERROR_MAX_STRING_SIZE)) {
      avutil.av_strerror(code, text, avutil.AV_ERROR_MAX_STRING_SIZE);
      return text.getString();
    }
  }

  /** Native memory was refused: nothing that a caller could mend. */
  static OutOfMemoryError outOfMemory(String what) {
    return new OutOfMemoryError("FFmpeg got no memory for " + what);
  }
}
