package x3d.tools.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where the prepared video of each original goes: as it lay below its list's folder, so below the new one. */
final class PreparedPlaces {
  private final Path out;
  private final Map<Path, Path> places = new LinkedHashMap<>();
  private final Map<Path, Path> originals = new HashMap<>();

  /** @param out the new folder, absolute */
  PreparedPlaces(Path out) {
    this.out = out;
  }

  /**
   * Gives an original its place; one that has it already keeps it.
   *
   * @param base the folder that relative paths of its list are from; of an original elsewhere the whole path is kept
   * @throws IllegalArgumentException if another original, or the original itself, lies there
   */
  void add(Path original, Path base) {
    if (places.containsKey(original)) {
      return;
    }
    Path below = original.startsWith(base)
        ? base.relativize(original)
        : original.getRoot().relativize(original);
    String name = below.getFileName().toString();
    boolean mp4 = name.toLowerCase(Locale.ROOT).endsWith(".mp4");
    Path place = out.resolve(mp4 ? below : below.resolveSibling(name + ".mp4"));
    if (place.equals(original)) {
      throw new IllegalArgumentException(
          "--out " + out + " is where the videos are; it must be another folder");
    }
    Path other = originals.putIfAbsent(place, original);
    if (other != null) {
      throw new IllegalArgumentException(other + " and " + original + " would both become " + place
          + "; prepare their lists into folders of their own");
    }
    places.put(original, place);
  }

  /** All originals, in the order in which they came. */
  List<Path> originals() {
    return new ArrayList<>(places.keySet());
  }

  /** Where an original's prepared video is. */
  Path of(Path original) {
    return places.get(original);
  }
}
