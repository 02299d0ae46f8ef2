package x3d.video;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;

/** The last good picture, kept for the ones after it that turn out to be lost. */
final class StandIn implements AutoCloseable {
  private final AVFrame kept;

  StandIn() {
    kept = avutil.av_frame_alloc();
    if (kept == null) {
      throw FFmpeg.outOfMemory("a picture");
    }
  }

  /** Takes the pixels over; {@code frame} is empty afterwards. */
  void keep(AVFrame frame) {
    avutil.av_frame_unref(kept);
    avutil.av_frame_move_ref(kept, frame);
  }

  AVFrame frame() {
    return kept;
  }

  @Override
  public void close() {
    avutil.av_frame_free(kept);
  }
}
