package x3d.train;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What a recipe's key is to the trainer, in words for a reference.
 *
 * @param name SlowFast's dotted name
 * @param initial its value where a recipe is silent; empty if it has none
 * @param meaning what becomes of it
 */
public record KeyFacts(String name, String initial, String meaning) {
  /** All keys that are known, in the order of their sections. */
  public static List<KeyFacts> all() {
    return RecipeKeys.all().stream().map(KeyFacts::of).toList();
  }

  private static KeyFacts of(RecipeKey key) {
    String meaning = switch (key.treatment()) {
      case OBEYED -> "obeyed: " + key.kind().words();
      case HARMLESS -> "changes nothing here";
      case FIXED ->
        key.accepted().stream().map(KeyFacts::shown).collect(Collectors.joining(" or ")) + " only: "
            + key.reason();
    };
    return new KeyFacts(key.name(), key.initial() == null ? "" : shown(key.initial()), meaning);
  }

  /** A value as a recipe has it. */
  private static String shown(Object value) {
    if (value instanceof Boolean flag) {
      return flag ? "True" : "False";
    }
    return value instanceof String text && text.isEmpty() ? "''" : String.valueOf(value);
  }
}
