package x3d.train;

import java.util.Arrays;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import x3d.net.X3D;
import x3d.weights.ParameterLayout;
import x3d.weights.ParameterSpec;

/**
 * What the optimizer does differently along the flat vector, as PyTorch's parameter groups have it: runs of equal weight decay
 * and rate.
 *
 * @param ends where each run ends, exclusive, rising
 * @param decays weight decay within each run
 * @param rateScales what the learning rate is multiplied by within each run; 0 if it is frozen: neither parameters nor momentum
 *     of it change
 */
record ParameterGroups(int[] ends, float[] decays, double[] rateScales) {
  /** One rate for all. */
  static ParameterGroups of(ParameterLayout layout, ToDoubleFunction<ParameterSpec> decay) {
    return of(layout, decay, spec -> 1);
  }

  private static ParameterGroups of(
      ParameterLayout layout,
      ToDoubleFunction<ParameterSpec> decay,
      ToDoubleFunction<ParameterSpec> rateScale) {
    int[] ends = new int[layout.slices().size()];
    float[] decays = new float[ends.length];
    double[] scales = new double[ends.length];
    int runs = 0;
    for (ParameterLayout.Slice slice : layout.slices()) {
      double scale = rateScale.applyAsDouble(slice.spec());
      float own = scale == 0 ? 0 : (float) decay.applyAsDouble(slice.spec());
      if (runs == 0 || decays[runs - 1] != own || scales[runs - 1] != scale) {
        decays[runs] = own;
        scales[runs++] = scale;
      }
      ends[runs - 1] = slice.offset() + slice.length();
    }
    return new ParameterGroups(
        Arrays.copyOf(ends, runs), Arrays.copyOf(decays, runs), Arrays.copyOf(scales, runs));
  }

  /**
   * As SlowFast's optimizer groups them: BN's own decay, none for one-dimensional parameters if the recipe says so, the common
   * one else. Beyond SlowFast, the head may have a rate of its own, and stages may be frozen.
   */
  static ParameterGroups of(ParameterLayout layout, Recipe recipe) {
    double common = recipe.real("SOLVER.WEIGHT_DECAY");
    double batchNorm = recipe.real("BN.WEIGHT_DECAY");
    boolean sparesVectors = recipe.flag("SOLVER.ZERO_WD_1D_PARAM");
    double head = recipe.real("SOLVER.HEAD_LR_SCALE");
    Set<String> frozen = Network.frozenStages(recipe);
    return of(
        layout,
        spec ->
            spec.batchNorm() ? batchNorm : sparesVectors && spec.shape().length == 1 ? 0 : common,
        spec -> {
          String stage = X3D.stage(spec.name());
          return frozen.contains(stage) ? 0 : stage.equals("head") ? head : 1;
        });
  }

  /** Whether the rates of those that are trained differ from the common one. */
  boolean ratesDiffer() {
    return Arrays.stream(rateScales).anyMatch(scale -> scale != 0 && scale != 1);
  }

  /** A momentum to begin with: none for what is frozen, whatever it was before. */
  float[] moving(float[] momentum) {
    float[] moving = momentum.clone();
    int from = 0;
    for (int i = 0; i < ends.length; i++) {
      if (rateScales[i] == 0) {
        Arrays.fill(moving, from, ends[i], 0);
      }
      from = ends[i];
    }
    return moving;
  }
}
