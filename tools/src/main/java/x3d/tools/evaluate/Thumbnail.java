package x3d.tools.evaluate;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import javax.imageio.ImageIO;
import x3d.video.Frames;
import x3d.video.Video;
import x3d.video.VideoException;

/** A small picture of a video, for pages. */
final class Thumbnail {
  private static final int LONG_SIDE = 176;

  private Thumbnail() {}

  /** The picture in the middle of a video as a {@code data:} address, 4 to 10 KB; none if the video is not here any more. */
  static Optional<String> of(Path file) {
    try (Video video = Video.open(file)) {
      BufferedImage small = scaled(video.decode(new int[] {video.info().frames() / 2}));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ImageIO.write(small, "jpeg", bytes);
      return Optional.of(
          "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray()));
    } catch (VideoException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static BufferedImage scaled(Frames frame) {
    BufferedImage whole =
        new BufferedImage(frame.width(), frame.height(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < frame.height(); y++) {
      for (int x = 0; x < frame.width(); x++) {
        int rgb = frame.at(0, y, x, 0) << 16 | frame.at(0, y, x, 1) << 8 | frame.at(0, y, x, 2);
        whole.setRGB(x, y, rgb);
      }
    }
    double scale = Math.min(1, (double) LONG_SIDE / Math.max(frame.width(), frame.height()));
    BufferedImage small = new BufferedImage(
        Math.max(1, (int) Math.round(scale * frame.width())),
        Math.max(1, (int) Math.round(scale * frame.height())),
        BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = small.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(whole, 0, 0, small.getWidth(), small.getHeight(), null);
    graphics.dispose();
    return small;
  }
}
