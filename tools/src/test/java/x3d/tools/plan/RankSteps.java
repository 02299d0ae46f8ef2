package x3d.tools.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import x3d.collective.Collective;
import x3d.collective.Launch;
import x3d.tools.bench.Spread;
import x3d.train.Recipe;
import x3d.train.Resume;
import x3d.train.TrainOptions;
import x3d.train.TrainingTrial;

/** One rank of a job that trains on one thread a rank; rank 0 answers each turn with the median seconds of an update so far. */
final class RankSteps {
  private static final int UPDATES_A_TURN = 20;

  private RankSteps() {}

  /** @param arguments folder and job of its {@link Turns}, the batch, and KEY VALUE */
  public static void main(String[] arguments) throws Exception {
    Turns turns = new Turns(Path.of(arguments[0]), arguments[1]);
    Recipe recipe = Recipe.seed()
        .withOverrides(List.of(arguments).subList(3, arguments.length))
        .with("TRAIN.BATCH_SIZE", Integer.parseInt(arguments[2]))
        .with("NUM_GPUS", 1);
    List<Double> seconds = new ArrayList<>();
    try (Collective ranks = Launch.join("auto", System.getenv());
        TrainingTrial trial = new TrainingTrial(
            recipe, new TrainOptions(1, Resume.of("never"), () -> false).with(ranks))) {
      boolean warm = false;
      while (turns.next()) {
        if (!warm) {
          for (WarmUp warmUp = new WarmUp(ranks); !warmUp.over(); ) {
            trial.update();
          }
          warm = true;
        }
        for (int i = 0; i < UPDATES_A_TURN; i++) {
          seconds.add(Measuring.seconds(trial::update));
        }
        if (ranks.rank() == 0) {
          double[] all = seconds.stream().mapToDouble(Double::doubleValue).toArray();
          turns.answer("" + Spread.of(all).median());
        }
      }
    }
  }
}
