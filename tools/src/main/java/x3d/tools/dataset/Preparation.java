package x3d.tools.dataset;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import x3d.video.PreparedVideo;
import x3d.video.VideoException;
import x3d.weights.WholeFile;

/**
 * How originals become prepared videos. A prepared video says in itself what it was made of and how, so that one that is there
 * is known to be right without a list of what was done; a link is right if it is the original.
 */
final class Preparation {
  /** To be raised when the same original and options no longer make the same pictures. */
  private static final int VERSION = 1;

  private final PreparedVideo.Options options;

  Preparation(PreparedVideo.Options options) {
    this.options = options;
  }

  /** How a prepared video came about. */
  enum Way {
    /** Decoded and encoded again. */
    ENCODED,
    /** The original itself, which needed nothing: linked, or copied where the file system does not link. */
    LINKED
  }

  /**
   * What became of an original.
   *
   * @param way how its prepared video came about
   * @param before whether it was there before
   */
  record Result(Way way, boolean before) {}

  /**
   * Makes a prepared video, unless it is there and right.
   *
   * @param target replaced if it is there; its folder is made
   * @throws VideoException if the original cannot be used
   * @throws IOException if the target cannot be written
   */
  Result prepare(Path original, Path target) throws IOException {
    FileState state = FileState.of(original);
    String stamp = stamp(state);
    if (Files.exists(target) && PreparedVideo.comment(target).equals(stamp)) {
      return new Result(Way.ENCODED, true);
    }
    boolean enough = PreparedVideo.isPrepared(original, options);
    Files.createDirectories(target.getParent());
    if (!enough) {
      PreparedVideo.write(original, target, options, stamp);
      return new Result(Way.ENCODED, false);
    }
    if (isOriginal(target, original, state)) {
      return new Result(Way.LINKED, true);
    }
    link(original, target);
    return new Result(Way.LINKED, false);
  }

  private String stamp(FileState original) {
    return "x3d prepare " + VERSION + ": short side " + options.shortSide() + ", key frame every "
        + options.keyFrameInterval() + ", quality " + options.quantizer() + "; of "
        + original.bytes() + " bytes changed at " + original.modified();
  }

  private static boolean isOriginal(Path target, Path original, FileState state)
      throws IOException {
    if (!Files.exists(target)) {
      return false;
    }
    FileState found = FileState.of(target);
    return Files.isSameFile(target, original)
        || found.bytes() == state.bytes() && found.modified() == state.modified();
  }

  private static void link(Path original, Path target) throws IOException {
    Path file = original.toRealPath();
    Path beside =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      Files.createLink(beside, file);
      Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | UnsupportedOperationException e) {
      Files.deleteIfExists(beside);
      copy(file, target);
    }
  }

  /** The time of change comes last: a copy that has it is whole and known to be one. */
  private static void copy(Path original, Path target) throws IOException {
    WholeFile.write(target, to -> {
      try (FileChannel from = FileChannel.open(original)) {
        for (long at = 0; at < from.size(); ) {
          at += from.transferTo(at, from.size() - at, to);
        }
      }
    });
    Files.setLastModifiedTime(target, Files.getLastModifiedTime(original));
  }
}
