package x3d.tools.dataset;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import x3d.tools.Sha256;
import x3d.tools.Workers;

/** Videos whose files have the same content, by SHA-256 of those that have the same size. */
final class Duplicates {
  private Duplicates() {}

  /**
   * Several videos of one content.
   *
   * @param leak whether one of them is trained with and another held out
   * @param videos two or more, in the lists' order
   */
  record Group(String sha256, long bytes, boolean leak, List<Member> videos) {}

  /** One of them. */
  record Member(String split, String className, String video) {}

  /**
   * The videos that could be others' duplicates: those of one size. Files without a byte are left out; they are broken, and
   * nothing else.
   */
  static List<Listed> candidates(List<Listed> videos) {
    Map<Long, Long> ofSize = videos.stream()
        .collect(Collectors.groupingBy(one -> one.video().bytes(), Collectors.counting()));
    return videos.stream()
        .filter(one -> one.video().bytes() > 0 && ofSize.get(one.video().bytes()) > 1)
        .toList();
  }

  /**
   * Reads the candidates. A file that cannot be read is nobody's duplicate.
   *
   * @param done told after each how many are done, by several threads
   * @return groups in the order of their first video
   */
  static List<Group> among(List<Listed> candidates, int threads, IntConsumer done)
      throws InterruptedException {
    List<String> hashes =
        Workers.each(threads, candidates.size(), i -> hash(candidates.get(i), i), done);
    Map<String, List<Listed>> byContent = new LinkedHashMap<>();
    for (int i = 0; i < hashes.size(); i++) {
      byContent.computeIfAbsent(hashes.get(i), x -> new ArrayList<>()).add(candidates.get(i));
    }
    return byContent.entrySet().stream()
        .filter(entry -> entry.getValue().size() > 1)
        .map(entry -> group(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static String hash(Listed one, int number) {
    try {
      return Sha256.of(one.video().file());
    } catch (IOException e) {
      return "unreadable " + number;
    }
  }

  private static Group group(String hash, List<Listed> videos) {
    Set<Boolean> trainedWith = new HashSet<>();
    videos.forEach(one -> trainedWith.add(one.video().split() == Split.TRAIN));
    return new Group(
        hash,
        videos.get(0).video().bytes(),
        trainedWith.size() == 2,
        videos.stream()
            .map(one -> new Member(
                one.video().split().id(), one.className(), one.video().path()))
            .toList());
  }
}
