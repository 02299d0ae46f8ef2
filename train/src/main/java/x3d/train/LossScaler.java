package x3d.train;

import java.util.Optional;
import x3d.net.Precision;

/**
 * How the loss is scaled before differentiation, so that small gradients do not vanish in float16, and what becomes of
 * that when a gradient overflows. The scale is divided out of the gradient again; an update whose gradient is not finite
 * is skipped. NVIDIA Apex, {@code apex/amp/scaler.py}, except that a static scale skips such updates as well, and that
 * there is an end to skipping.
 *
 * @param dynamic whether the scale moves: halved at each overflow, doubled after {@link #WINDOW} updates without one
 * @param initial the scale of the first update
 * @param skipsAllowed how many updates may be skipped in a row
 */
record LossScaler(boolean dynamic, double initial, int skipsAllowed) {
  static final double DYNAMIC_START = 65536;
  static final double LEAST = 1;
  static final double GREATEST = 0x1p24;
  static final double FACTOR = 2;
  static final int WINDOW = 2000;
  static final int SKIPS_ALLOWED = 24;

  LossScaler {
    if (!(initial > 0) || Double.isInfinite(initial) || skipsAllowed < 0) {
      throw new IllegalArgumentException("a loss scale must be a number above 0, got " + initial);
    }
  }

  /**
   * The scaler of a recipe. In float32 with a static scale no update may be skipped: what is not finite there has
   * diverged, and no other scale would help.
   */
  static LossScaler of(Recipe recipe) {
    boolean torch = recipe.flag("TRAIN.MIXED_PRECISION");
    boolean apex = recipe.flag("APEX.ENABLE");
    if (torch || (apex && recipe.lossScale().isEmpty())) {
      return new LossScaler(true, DYNAMIC_START, SKIPS_ALLOWED);
    }
    boolean exact = Network.precision(recipe) == Precision.FLOAT32;
    return new LossScaler(
        false, apex ? recipe.lossScale().getAsDouble() : 1, exact ? 0 : SKIPS_ALLOWED);
  }

  /** The state before the first update. */
  LossScale start() {
    return new LossScale(initial, 0, 0, 0);
  }

  /**
   * The state to go on with after that of another run, or of an earlier part of this one. Only a dynamic scale is taken over
   * from a dynamic one: what was static, or 1 in float32, says nothing of what overflows.
   *
   * @param saved where that run stood
   * @param then how it scaled the loss
   */
  LossScale resumed(LossScale saved, LossScaler then) {
    if (dynamic && then.dynamic) {
      return saved;
    }
    return new LossScale(
        initial, dynamic ? 0 : saved.goodUpdates(), saved.overflows(), saved.skippedInARow());
  }

  /** The state after an update, which was skipped if its gradient overflowed. */
  LossScale after(LossScale state, boolean overflowed) {
    if (overflowed) {
      return new LossScale(
          dynamic ? state.value() / FACTOR : state.value(),
          0,
          state.overflows() + 1,
          state.skippedInARow() + 1);
    }
    int good = state.goodUpdates() + 1;
    boolean grows = dynamic && good == WINDOW;
    return new LossScale(
        grows ? Math.min(GREATEST, state.value() * FACTOR) : state.value(),
        grows ? 0 : good,
        state.overflows(),
        0);
  }

  /** Why a run in this state cannot go on; empty if it can. */
  Optional<String> failure(LossScale state) {
    if (state.skippedInARow() > skipsAllowed) {
      return Optional.of(
          skipsAllowed == 0
              ? "the gradient is not finite"
              : "the gradients of " + state.skippedInARow()
                  + " updates in a row are not finite, the last at loss scale "
                  + (dynamic ? state.value() * FACTOR : state.value()));
    }
    if (dynamic && state.skippedInARow() > 0 && state.value() < LEAST) {
      return Optional.of("the gradient is not finite even at loss scale " + state.value() * FACTOR
          + ", and a scale below " + LEAST + " would only lose more");
    }
    return Optional.empty();
  }
}
