package x3d.tools.run;

import java.nio.file.Path;
import java.util.List;

/** What to call folders: by as many of their last names as tell them apart. */
final class Names {
  private Names() {}

  /** @param folders absolute, normalized and distinct */
  static List<String> of(List<Path> folders) {
    int most = folders.stream().mapToInt(Path::getNameCount).max().orElse(1);
    for (int count = 1; count < most; count++) {
      int last = count;
      List<String> names = folders.stream().map(folder -> end(folder, last)).toList();
      if (names.stream().distinct().count() == names.size()) {
        return names;
      }
    }
    return folders.stream().map(Path::toString).toList();
  }

  private static String end(Path folder, int names) {
    int count = folder.getNameCount();
    return count <= names
        ? folder.toString()
        : folder.subpath(count - names, count).toString();
  }
}
