package x3d.tools;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import x3d.classify.SmallModel;

/** Folders of real videos with planted faults, and names that are hard on lists. */
final class DatasetTree {
  private DatasetTree() {}

  /** Three classes, one of them empty; each fault of a kind once. */
  static Path plant(Path root) throws IOException {
    Path videos = Files.createDirectories(root.resolveSibling("videos"));
    Path mp4 = SmallModel.video("part_0.mp4", videos);
    Path avi = SmallModel.video("test.avi", videos);
    Path upright = SmallModel.video("video_90.mov", videos);
    Path damaged = SmallModel.video("corrupted.mp4", videos);
    byte[] moving = Files.readAllBytes(avi);
    byte[] still = Files.readAllBytes(mp4);
    put(root, "val/snow ball/clip.MOV", Files.readAllBytes(upright));
    put(root, "val/snow ball/damaged.mp4", Files.readAllBytes(damaged));
    put(root, "val/müde/leak.mp4", still);
    put(root, "train/müde/наше видео 1.avi", moving);
    put(root, "train/müde/again.AVI", moving);
    put(root, "train/snow ball/a, b 7.mp4", still);
    put(root, "train/snow ball/cut.avi", Arrays.copyOf(moving, moving.length / 2));
    put(root, "train/snow ball/cut.mp4", Arrays.copyOf(still, still.length / 2));
    put(root, "train/snow ball/nothing.mp4", new byte[0]);
    put(root, "train/snow ball/sound.mp4", silence());
    put(root, "train/snow ball/words.mp4", "No video, but words.\n".repeat(99).getBytes());
    put(root, "train/snow ball/notes.txt", "no video".getBytes());
    Files.createDirectories(root.resolve("train/empty"));
    return root;
  }

  static void put(Path root, String name, byte[] content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  /** A WAVE file of a second. */
  private static byte[] silence() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteBuffer head = ByteBuffer.allocate(44).order(ByteOrder.LITTLE_ENDIAN);
    head.put(ascii("RIFF")).putInt(36 + 8000).put(ascii("WAVEfmt ")).putInt(16);
    head.putShort((short) 1).putShort((short) 1).putInt(8000).putInt(8000);
    head.putShort((short) 1).putShort((short) 8).put(ascii("data")).putInt(8000);
    out.writeBytes(head.array());
    out.writeBytes(new byte[8000]);
    return out.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
