package x3d.train;

import java.util.List;

/** A recipe that cannot be obeyed; the message names every problem found, in one line. */
public final class RecipeException extends RuntimeException {
  private final List<String> problems;

  RecipeException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = List.copyOf(problems);
  }

  RecipeException(String problem) {
    this(List.of(problem));
  }

  /** Each problem by itself, in the order found. */
  public List<String> problems() {
    return problems;
  }
}
