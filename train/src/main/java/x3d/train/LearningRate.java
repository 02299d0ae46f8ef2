package x3d.train;

import java.util.ArrayList;
import java.util.List;

/**
 * The learning rate as a function of the fractional epoch: a policy, with a linear warm-up into it.
 * After SlowFast's {@code slowfast/utils/lr_policy.py}.
 */
public final class LearningRate {
  private final Policy policy;
  private final double warmupEpochs;
  private final double warmupStart;
  private final double warmupSlope;

  /** A policy without its warm-up. */
  private interface Policy {
    double at(double epoch);
  }

  /** The learning rate that a checked recipe asks for. */
  public LearningRate(Recipe recipe) {
    policy = switch (recipe.text("SOLVER.LR_POLICY")) {
      case "cosine" -> cosine(recipe);
      case "steps_with_relative_lrs" -> steps(recipe);
      default -> throw new RecipeException(problems(recipe));
    };
    warmupEpochs = recipe.real("SOLVER.WARMUP_EPOCHS");
    warmupStart = recipe.real("SOLVER.WARMUP_START_LR") * scale(recipe);
    warmupSlope = (policy.at(warmupEpochs) - warmupStart) / warmupEpochs;
  }

  /** What in a recipe makes a learning rate impossible; empty if nothing does. */
  static List<String> problems(Recipe recipe) {
    List<String> problems = new ArrayList<>();
    String policy = recipe.text("SOLVER.LR_POLICY");
    if (policy.equals("cosine")) {
      if (recipe.real("SOLVER.COSINE_END_LR") >= recipe.real("SOLVER.BASE_LR")) {
        problems.add("SOLVER.COSINE_END_LR must be below SOLVER.BASE_LR");
      }
      if (recipe.flag("SOLVER.COSINE_AFTER_WARMUP")
          && recipe.real("SOLVER.WARMUP_EPOCHS") >= recipe.integer("SOLVER.MAX_EPOCH")) {
        problems.add("SOLVER.COSINE_AFTER_WARMUP needs WARMUP_EPOCHS below MAX_EPOCH");
      }
    } else if (policy.equals("steps_with_relative_lrs")) {
      List<Double> steps = recipe.reals("SOLVER.STEPS");
      if (steps.isEmpty() || steps.get(0) != 0) {
        problems.add("SOLVER.STEPS must start at 0");
      }
      if (!steps.equals(steps.stream().sorted().distinct().toList())) {
        problems.add("SOLVER.STEPS must rise");
      }
      if (recipe.reals("SOLVER.LRS").size() != steps.size()) {
        problems.add("SOLVER.LRS has "
            + recipe.reals("SOLVER.LRS").size()
            + " values and SOLVER.STEPS "
            + steps.size()
            + "; they must be as many");
      }
    } else {
      problems.add(
          "SOLVER.LR_POLICY is '" + policy + "'; it must be cosine or steps_with_relative_lrs");
    }
    return problems;
  }

  /**
   * The rate at a fractional epoch.
   *
   * @param epoch epoch + iteration / iterations an epoch, at least 0
   */
  public double at(double epoch) {
    return epoch < warmupEpochs ? epoch * warmupSlope + warmupStart : policy.at(epoch);
  }

  /** SlowFast's {@code config/defaults.py}, {@code assert_and_infer_cfg}: all rates grow with the shards, if the recipe wants. */
  private static double scale(Recipe recipe) {
    return recipe.flag("SOLVER.BASE_LR_SCALE_NUM_SHARDS") ? recipe.integer("NUM_SHARDS") : 1;
  }

  private static Policy cosine(Recipe recipe) {
    double base = recipe.real("SOLVER.BASE_LR") * scale(recipe);
    double end = recipe.real("SOLVER.COSINE_END_LR") * scale(recipe);
    double offset =
        recipe.flag("SOLVER.COSINE_AFTER_WARMUP") ? recipe.real("SOLVER.WARMUP_EPOCHS") : 0;
    double epochs = recipe.integer("SOLVER.MAX_EPOCH") - offset;
    return epoch ->
        end + (base - end) * (Math.cos(Math.PI * (epoch - offset) / epochs) + 1.0) * 0.5;
  }

  private static Policy steps(Recipe recipe) {
    double base = recipe.real("SOLVER.BASE_LR") * scale(recipe);
    List<Double> steps = recipe.reals("SOLVER.STEPS");
    List<Double> rates = recipe.reals("SOLVER.LRS");
    return epoch -> {
      int index = 0;
      while (index + 1 < steps.size() && epoch >= steps.get(index + 1)) {
        index++;
      }
      return rates.get(index) * base;
    };
  }
}
