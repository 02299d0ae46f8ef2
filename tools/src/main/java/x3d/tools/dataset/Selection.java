package x3d.tools.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which videos of a tree go on the lists, and of which class each is: that of its folder, or what annotations say.
 *
 * @param lists of each split whose folder is there, in the tree's order
 * @param missing clips that are annotated and not there
 * @param notAnnotated videos that no annotation speaks of, or a second time; empty without annotations
 * @param strays what else is on no list
 * @param classes in the order of their labels
 */
record Selection(
    Map<Split, List<Listed>> lists,
    List<Missing> missing,
    List<Stray> notAnnotated,
    List<Stray> strays,
    ClassNames classes) {
  /** A clip that should be there, and where one would put it. */
  record Missing(String split, String className, String video) {}

  /**
   * By folders.
   *
   * @param asked the classes by label; empty for those of the folders
   * @throws IllegalArgumentException if a folder's class is not among those asked for
   */
  static Selection byFolder(Path root, VideoTree tree, Optional<ClassNames> asked) {
    ClassNames classes = asked.orElseGet(() -> ClassNames.sorted(tree.folders()));
    classes.require(tree.folders(), root.toString());
    Map<Split, List<Listed>> lists = lists(tree);
    List<Stray> strays = new ArrayList<>(tree.strays());
    for (TreeVideo video : tree.videos()) {
      if (video.folder().isEmpty()) {
        strays.add(new Stray(video.path(), "not in a class's folder"));
      } else {
        lists.get(video.split()).add(new Listed(video, video.folder()));
      }
    }
    return new Selection(lists, List.of(), List.of(), strays, classes);
  }

  /**
   * By annotations: only what they name is listed, in whichever folder of its split it lies.
   *
   * @param asked the classes by label; empty for those of the annotations
   * @throws IllegalArgumentException if an annotated class is not among those asked for
   */
  static Selection byAnnotations(
      VideoTree tree, Annotations annotations, Optional<ClassNames> asked) {
    ClassNames classes = asked.orElseGet(() -> ClassNames.sorted(annotations.labels()));
    classes.require(annotations.labels(), "annotations");
    Map<Split, List<Listed>> lists = lists(tree);
    Map<Split, Map<String, TreeVideo>> found = new EnumMap<>(Split.class);
    List<Stray> notAnnotated = new ArrayList<>();
    for (TreeVideo video : tree.videos()) {
      Split split = video.split();
      Optional<String> label = annotations.label(split, video.stem());
      TreeVideo before = label.isEmpty()
          ? null
          : found.computeIfAbsent(split, x -> new HashMap<>()).putIfAbsent(video.stem(), video);
      if (label.isEmpty()) {
        notAnnotated.add(new Stray(video.path(), elsewhere(annotations, video)));
      } else if (before != null) {
        notAnnotated.add(new Stray(video.path(), "the same clip as " + before.path()));
      } else {
        lists.get(split).add(new Listed(video, label.get()));
      }
    }
    List<Missing> missing = new ArrayList<>();
    for (Split split : tree.splits()) {
      Map<String, TreeVideo> there = found.getOrDefault(split, Map.of());
      for (String stem : annotations.stems(split)) {
        if (!there.containsKey(stem)) {
          String name = annotations.label(split, stem).orElseThrow();
          missing.add(new Missing(split.id(), name, split.id() + "/" + name + "/" + stem + ".mp4"));
        }
      }
    }
    return new Selection(lists, missing, notAnnotated, tree.strays(), classes);
  }

  private static String elsewhere(Annotations annotations, TreeVideo video) {
    for (Split other : Split.values()) {
      if (annotations.label(other, video.stem()).isPresent()) {
        return "annotated as of " + other.id();
      }
    }
    return "not annotated";
  }

  private static Map<Split, List<Listed>> lists(VideoTree tree) {
    Map<Split, List<Listed>> lists = new EnumMap<>(Split.class);
    tree.splits().forEach(split -> lists.put(split, new ArrayList<>()));
    return lists;
  }

  /** All videos of all lists. */
  List<Listed> all() {
    return lists.values().stream().flatMap(List::stream).toList();
  }
}
