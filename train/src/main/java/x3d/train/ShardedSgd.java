package x3d.train;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import x3d.weights.ParameterLayout;
import x3d.weights.ParameterSpec;

/**
 * SGD with momentum over flat vectors, cut into shards as ZeRO-1 has it: shard <i>i</i> of all replicas' gradients is
 * summed, and shard <i>i</i> of parameters and momentum updated, by worker <i>i</i> alone. On one host the exchange is
 * shared memory: {@link #reduce} is the reduce-scatter, and the new parameters land in a buffer that all replicas read.
 *
 * <p>An update is, each for every shard and in this order: {@link #reduce} for each micro-batch, {@link #settle}, and
 * once all shards have settled {@link #update}. Shards may run at the same time. Sums run over replicas in order and
 * norms over blocks that do not depend on the number of shards, so results are the same bits for any of them.
 *
 * <p>The arithmetic is PyTorch's {@code torch.optim.SGD} and {@code clip_grad_norm_}, fused multiply-adds included.
 *
 * <p>The loops are plain because C2 makes vector code of them. Of 3.8 million parameters on one thread with AVX-512 (2026-11-23):
 * reduce 1.2, settle 1.5, update 2.7 ms on JDK 25, 1.2, 1.5 and 3.1 on JDK 17; with {@code -XX:-UseSuperWord} settle takes 2.2 and
 * update 4.4 and 5.1. The vector code moves 39 GB/s: more than memory gives, so that the Vector API could win nothing.
 */
public final class ShardedSgd {
  /** Floats worked on at a time: they stay in the L1 cache between two loops. */
  private static final int BLOCK = 4096;

  private final Options options;
  private final float[] parameters;
  private final float[] momentum;
  private final float[] gradient;
  private final int[] bounds;
  private final Decay decay;
  private final double[] squares;
  private long updates;

  /**
   * How to update.
   *
   * @param momentum share of the old direction that is kept, from 0 to below 1
   * @param dampening share of the gradient that does not enter the momentum
   * @param nesterov whether the step looks ahead along the momentum
   * @param clipNorm greatest L2 norm of the whole gradient
   * @param clipValue greatest magnitude of each gradient
   */
  public record Options(
      double momentum,
      double dampening,
      boolean nesterov,
      OptionalDouble clipNorm,
      OptionalDouble clipValue) {
    static Options of(Recipe recipe) {
      return new Options(
          recipe.real("SOLVER.MOMENTUM"),
          recipe.real("SOLVER.DAMPENING"),
          recipe.flag("SOLVER.NESTEROV"),
          recipe.optionalReal("SOLVER.CLIP_GRAD_L2NORM"),
          recipe.optionalReal("SOLVER.CLIP_GRAD_VAL"));
    }
  }

  /**
   * Weight decay along the flat vector: runs of equal value.
   *
   * @param ends where each run ends, exclusive, rising
   * @param values the decay within each run
   */
  record Decay(int[] ends, float[] values) {
    static Decay of(ParameterLayout layout, ToDoubleFunction<ParameterSpec> rule) {
      int[] ends = new int[layout.slices().size()];
      float[] values = new float[ends.length];
      int runs = 0;
      for (ParameterLayout.Slice slice : layout.slices()) {
        float value = (float) rule.applyAsDouble(slice.spec());
        if (runs == 0 || values[runs - 1] != value) {
          values[runs++] = value;
        }
        ends[runs - 1] = slice.offset() + slice.length();
      }
      return new Decay(Arrays.copyOf(ends, runs), Arrays.copyOf(values, runs));
    }

    /**
     * The decay of each parameter as SlowFast's optimizer groups them: BN's own, none for one-dimensional ones if the
     * recipe says so, the common one else.
     */
    static Decay of(ParameterLayout layout, Recipe recipe) {
      double common = recipe.real("SOLVER.WEIGHT_DECAY");
      double batchNorm = recipe.real("BN.WEIGHT_DECAY");
      boolean sparesVectors = recipe.flag("SOLVER.ZERO_WD_1D_PARAM");
      return of(
          layout,
          spec -> spec.batchNorm()
              ? batchNorm
              : sparesVectors && spec.shape().length == 1 ? 0 : common);
    }
  }

  /**
   * @param parameters the parameters, updated in place
   * @param momentum as long as they are, updated in place; zeros for a fresh start
   * @param updates how many updates these have seen
   * @param shards how many workers share the work
   */
  ShardedSgd(
      Options options,
      Decay decay,
      float[] parameters,
      float[] momentum,
      long updates,
      int shards) {
    this.options = options;
    this.decay = decay;
    this.parameters = parameters;
    this.momentum = momentum;
    this.updates = updates;
    this.gradient = new float[parameters.length];
    int blocks = (parameters.length + BLOCK - 1) / BLOCK;
    this.squares = new double[blocks];
    this.bounds = new int[shards + 1];
    for (int i = 0; i <= shards; i++) {
      bounds[i] = Math.min(parameters.length, (int) ((long) blocks * i / shards) * BLOCK);
    }
  }

  /**
   * Sums one micro-batch's gradients over the replicas.
   *
   * @param gradients one buffer a replica, as long as the parameters; positions are ignored
   * @param first whether this is the first micro-batch of the update
   */
  void reduce(int shard, List<FloatBuffer> gradients, boolean first) {
    float[] part = new float[BLOCK];
    for (int from = bounds[shard]; from < bounds[shard + 1]; from += BLOCK) {
      int length = Math.min(BLOCK, bounds[shard + 1] - from);
      boolean empty = first;
      for (FloatBuffer source : gradients) {
        if (empty) {
          source.get(from, gradient, from, length);
          empty = false;
        } else {
          source.get(from, part, 0, length);
          add(part, gradient, from, length);
        }
      }
    }
  }

  private static void add(float[] part, float[] sum, int from, int length) {
    for (int i = 0; i < length; i++) {
      sum[from + i] += part[i];
    }
  }

  /**
   * Turns the sums into the gradient of the mean loss.
   *
   * @param scale 1 / (replicas x micro-batches x loss scale)
   */
  void settle(int shard, double scale) {
    float factor = (float) scale;
    float limit = (float) options.clipValue.orElse(Float.MAX_VALUE);
    for (int from = bounds[shard]; from < bounds[shard + 1]; from += BLOCK) {
      int to = Math.min(from + BLOCK, bounds[shard + 1]);
      for (int i = from; i < to; i++) {
        gradient[i] *= factor;
      }
      if (options.clipValue.isPresent()) {
        for (int i = from; i < to; i++) {
          float value = gradient[i];
          // What is not finite stays so, or nobody would see that it was.
          gradient[i] = Float.isFinite(value) ? Math.max(-limit, Math.min(limit, value)) : value;
        }
      }
      squares[from / BLOCK] = squaredNorm(from, to);
    }
  }

  private double squaredNorm(int from, int to) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    for (; i + 3 < to; i += 4) { // four sums: one alone waits for itself at every step
      a += (double) gradient[i] * gradient[i];
      b += (double) gradient[i + 1] * gradient[i + 1];
      c += (double) gradient[i + 2] * gradient[i + 2];
      d += (double) gradient[i + 3] * gradient[i + 3];
    }
    for (; i < to; i++) {
      a += (double) gradient[i] * gradient[i];
    }
    return a + b + c + d;
  }

  /** The L2 norm of the settled gradient, before it is clipped by norm; NaN or infinite if any of it is. */
  double gradientNorm() {
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    return Math.sqrt(sum);
  }

  /**
   * Takes a step along the settled gradient.
   *
   * @param rate learning rate
   * @param published where the shard's new parameters are written too; position is ignored
   */
  void update(int shard, double rate, FloatBuffer published) {
    float shrink = shrink();
    float keep = updates == 0 ? 1 : (float) (1 - options.dampening);
    int from = bounds[shard];
    for (int run = 0; run < decay.ends.length; run++) {
      int to = Math.min(decay.ends[run], bounds[shard + 1]);
      if (to > from) {
        step(from, to, shrink, decay.values[run], keep, (float) rate);
        from = to;
      }
    }
    published.put(bounds[shard], parameters, bounds[shard], bounds[shard + 1] - bounds[shard]);
  }

  private float shrink() {
    if (options.clipNorm.isEmpty()) {
      return 1;
    }
    return (float) Math.min(1, options.clipNorm.getAsDouble() / (gradientNorm() + 1e-6));
  }

  private void step(int from, int to, float shrink, float weightDecay, float keep, float rate) {
    float mu = (float) options.momentum;
    float[] p = parameters;
    float[] m = momentum;
    float[] g = gradient;
    if (options.nesterov) {
      for (int i = from; i < to; i++) {
        float direction = Math.fma(weightDecay, p[i], g[i] * shrink);
        m[i] = Math.fma(keep, direction, mu * m[i]);
        p[i] = Math.fma(-rate, Math.fma(mu, m[i], direction), p[i]);
      }
    } else {
      for (int i = from; i < to; i++) {
        m[i] = Math.fma(keep, Math.fma(weightDecay, p[i], g[i] * shrink), mu * m[i]);
        p[i] = Math.fma(-rate, m[i], p[i]);
      }
    }
  }

  /** Ends an update, after every shard's; or one that is skipped, which leaves parameters and momentum alone. */
  void finish() {
    updates++;
  }

  /** How many updates the parameters have seen. */
  long updates() {
    return updates;
  }

  /** How many workers share the work. */
  int shards() {
    return bounds.length - 1;
  }

  /** A copy of the settled gradient. */
  float[] gradient() {
    return gradient.clone();
  }
}
