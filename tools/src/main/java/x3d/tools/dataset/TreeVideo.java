package x3d.tools.dataset;

import java.nio.file.Path;

/**
 * A file that is a video by its extension.
 *
 * @param split whose folder it lies in
 * @param folder the name of its class's folder; empty if it lies beside those
 * @param path below the root, with {@code /} between names
 * @param file where it lies
 * @param bytes of the file
 */
record TreeVideo(Split split, String folder, String path, Path file, long bytes) {
  /** Its name without the extension. */
  String stem() {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return name.substring(0, name.lastIndexOf('.'));
  }
}
