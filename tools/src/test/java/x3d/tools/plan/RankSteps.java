package x3d.tools.plan;

import java.util.ArrayList;
import java.util.List;
import x3d.collective.Collective;
import x3d.collective.Launch;
import x3d.tools.bench.Spread;
import x3d.train.Recipe;
import x3d.train.Resume;
import x3d.train.TrainOptions;
import x3d.train.TrainingTrial;

/** One rank of a job that trains on one thread a rank; rank 0 tells the median time of an update. */
final class RankSteps {
  static final String ANSWER = "median seconds ";

  private RankSteps() {}

  /** @param arguments the batch, how many updates count, and KEY VALUE */
  public static void main(String[] arguments) throws Exception {
    Recipe recipe = Recipe.seed()
        .withOverrides(List.of(arguments).subList(2, arguments.length))
        .with("TRAIN.BATCH_SIZE", Integer.parseInt(arguments[0]))
        .with("NUM_GPUS", 1);
    int updates = Integer.parseInt(arguments[1]);
    try (Collective ranks = Launch.join("auto", System.getenv());
        TrainingTrial trial = new TrainingTrial(
            recipe, new TrainOptions(1, Resume.of("never"), () -> false).with(ranks))) {
      List<Double> seconds = new ArrayList<>();
      for (WarmUp warmUp = new WarmUp(ranks); !warmUp.over(); ) {
        trial.update();
      }
      for (int i = 0; i < updates; i++) {
        seconds.add(Measuring.seconds(trial::update));
      }
      if (ranks.rank() == 0) {
        System.out.println(ANSWER
            + Spread.of(seconds.stream().mapToDouble(Double::doubleValue).toArray())
                .median());
      }
    }
  }
}
