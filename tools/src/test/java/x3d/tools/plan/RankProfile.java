package x3d.tools.plan;

import java.nio.file.Path;
import java.util.List;
import x3d.collective.Collective;
import x3d.collective.Launch;
import x3d.tools.Json;
import x3d.train.Recipe;

/** One rank of a job that measures a profile of one thread a rank; rank 0 answers each turn with the profile so far. */
final class RankProfile {
  private static final int ROUNDS_A_TURN = 4;

  private RankProfile() {}

  /** @param arguments folder and job of its {@link Turns}, and KEY VALUE */
  public static void main(String[] arguments) throws Exception {
    Turns turns = new Turns(Path.of(arguments[0]), arguments[1]);
    Recipe recipe = Recipe.seed().withOverrides(List.of(arguments).subList(2, arguments.length));
    Measuring.Order order = new Measuring.Order(recipe, List.of(8, 16, 32), 1);
    try (Collective ranks = Launch.join("auto", System.getenv());
        Measuring measuring = new Measuring(order, ranks)) {
      boolean warm = false;
      while (turns.next()) {
        if (!warm) {
          measuring.warmUp();
          warm = true;
        }
        for (int i = 0; i < ROUNDS_A_TURN; i++) {
          measuring.round();
        }
        if (ranks.rank() == 0) {
          turns.answer(Json.pretty(measuring.profile().fields()));
        }
      }
    }
  }
}
