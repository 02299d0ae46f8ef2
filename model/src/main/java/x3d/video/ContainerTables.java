package x3d.video;

import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;

/** What a container says of its tracks before a packet is read. */
final class ContainerTables {
  private ContainerTables() {}

  /**
   * Whether the container's tables tell all that FFmpeg would else find out by decoding pictures, which takes longer than
   * all the rest of opening a file: so in mp4 with one H.264 or HEVC track.
   */
  static boolean tellAll(AVFormatContext format) {
    if (!format.iformat().name().getString().startsWith("mov,")) {
      return false;
    }
    AVStream only = null;
    for (int i = 0; i < format.nb_streams(); i++) {
      AVStream stream = format.streams(i);
      if (stream.codecpar().codec_type() == avutil.AVMEDIA_TYPE_VIDEO) {
        if (only != null) {
          return false;
        }
        only = stream;
      }
    }
    return only != null && described(only);
  }

  private static boolean described(AVStream stream) {
    AVCodecParameters parameters = stream.codecpar();
    int codec = parameters.codec_id();
    return (codec == avcodec.AV_CODEC_ID_H264 || codec == avcodec.AV_CODEC_ID_HEVC)
        && parameters.extradata_size() > 0
        && parameters.width() > 0
        && parameters.height() > 0
        && stream.nb_frames() > 0
        && stream.duration() != avutil.AV_NOPTS_VALUE
        && stream.duration() > 0
        && VideoSource.ratio(stream.avg_frame_rate()) > 0;
  }
}
