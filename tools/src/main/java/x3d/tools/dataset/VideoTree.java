package x3d.tools.dataset;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import x3d.tools.VideoFiles;

/**
 * What lies in {@code ROOT/train/<class>/<video>}, {@code ROOT/val} and perhaps {@code ROOT/test}; a split's folder may hold
 * videos beside the class folders too. Names are in the order of their code points. Links are followed.
 *
 * @param splits whose folders are there
 * @param folders the names of all class folders
 * @param videos in order of split, folder and name
 * @param strays what is neither a video by its extension nor a folder where one belongs
 */
record VideoTree(
    Set<Split> splits, Set<String> folders, List<TreeVideo> videos, List<Stray> strays) {
  /**
   * Looks through the folders.
   *
   * @throws IllegalArgumentException if a folder is missing, or a name is none that a list could hold
   */
  static VideoTree read(Path root) throws IOException {
    Reading reading = new Reading(root);
    for (Split split : Split.values()) {
      Path folder = root.resolve(split.id());
      if (Files.isDirectory(folder)) {
        reading.split(split, folder);
      } else if (split != Split.TEST) {
        throw new IllegalArgumentException(root + ": holds no folder " + split.id()
            + "; a data set has train/<class>/<video>, val/<class>/<video> and perhaps test");
      }
    }
    return new VideoTree(reading.splits, reading.folders, reading.videos, reading.strays);
  }

  private static final class Reading {
    private final Path root;
    private final Set<Split> splits = EnumSet.noneOf(Split.class);
    private final Set<String> folders = new TreeSet<>(NameOrder.BY_CODE_POINT);
    private final List<TreeVideo> videos = new ArrayList<>();
    private final List<Stray> strays = new ArrayList<>();

    Reading(Path root) {
      this.root = root;
    }

    void split(Split split, Path folder) throws IOException {
      splits.add(split);
      for (Path entry : sorted(folder)) {
        String name = entry.getFileName().toString();
        if (!Files.isDirectory(entry)) {
          file(split, "", entry);
        } else if (name.startsWith(".")) {
          strays.add(new Stray(below(entry), "a hidden folder"));
        } else {
          folders.add(name);
          for (Path file : sorted(entry)) {
            file(split, name, file);
          }
        }
      }
    }

    private void file(Split split, String folder, Path file) throws IOException {
      String path = below(file);
      String name = file.getFileName().toString();
      if (Files.isDirectory(file)) {
        strays.add(new Stray(path, "a folder in a class's folder"));
      } else if (name.startsWith(".")) {
        strays.add(new Stray(path, "a hidden file"));
      } else if (!VideoFiles.isVideo(name)) {
        strays.add(new Stray(path, "no video by its extension"));
      } else if (!Files.isRegularFile(file)) {
        strays.add(new Stray(path, "a link to nowhere, or no file"));
      } else {
        videos.add(new TreeVideo(split, folder, path, file, Files.size(file)));
      }
    }

    private String below(Path file) {
      return root.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
    }

    private static List<Path> sorted(Path folder) throws IOException {
      try (Stream<Path> entries = Files.list(folder)) {
        return entries
            .map(Reading::readable)
            .sorted(Comparator.comparing(
                path -> path.getFileName().toString(), NameOrder.BY_CODE_POINT))
            .toList();
      }
    }

    /** Refuses a name that is not text: a list is, and the name would not be found again. */
    private static Path readable(Path path) {
      try {
        if (Path.of(path.toString()).equals(path)) {
          return path;
        }
      } catch (InvalidPathException e) {
        // said below
      }
      throw new IllegalArgumentException(path + ": its name is not text in this locale's encoding, "
          + System.getProperty("sun.jnu.encoding", Charset.defaultCharset().name())
          + "; set LC_ALL=C.UTF-8, or rename it");
    }
  }
}
