package x3d.tools.dataset;

import java.util.Locale;
import java.util.Optional;

/** The parts of a data set, in the order in which they are named. */
enum Split {
  TRAIN,
  VAL,
  TEST;

  /** Of the folder, and in the list's name: {@code train}. */
  String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  String csv() {
    return id() + ".csv";
  }

  /** The split that Kinetics' annotations mean by a word; empty for others, such as {@code holdout}. */
  static Optional<Split> annotated(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "train" -> Optional.of(TRAIN);
      case "val", "validate", "validation" -> Optional.of(VAL);
      case "test" -> Optional.of(TEST);
      default -> Optional.empty();
    };
  }
}
