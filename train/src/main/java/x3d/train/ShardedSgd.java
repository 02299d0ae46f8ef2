package x3d.train;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import x3d.collective.Collective;
import x3d.collective.Partition;

/**
 * SGD with momentum over flat vectors, sharded as ZeRO-1 has it (Rajbhandari et al. 2020, section 5.1): each rank of the job
 * sums and updates its slice of the vectors alone, and keeps the momentum of that slice only. Within a rank, worker <i>i</i>
 * does shard <i>i</i> of the work; there the exchange is shared memory, and between ranks it is the {@link Collective}'s.
 *
 * <p>An update is, in this order: {@link #reduce} by every worker for each micro-batch, {@link #exchange}, {@link #settle} by
 * every worker, {@link #measure}, {@link #update} by every worker, {@link #finish}. Workers may run at the same time; the
 * steps without a worker are for one thread, and every rank takes them. Sums run over replicas in order and norms over
 * blocks that depend neither on workers nor on ranks, so results are the same bits for any number of workers, and for ranks
 * of one replica the same as for as many replicas in one rank.
 *
 * <p>The arithmetic is PyTorch's {@code torch.optim.SGD} and {@code clip_grad_norm_}, fused multiply-adds included.
 *
 * <p>The loops are plain because C2 makes vector code of them. Of 3.8 million parameters on one thread with AVX-512 (2026-11-23):
 * reduce 1.2, settle 1.5, update 2.7 ms on JDK 25, 1.2, 1.5 and 3.1 on JDK 17; with {@code -XX:-UseSuperWord} settle takes 2.2 and
 * update 4.4 and 5.1. The vector code moves 39 GB/s: more than memory gives, so that the Vector API could win nothing.
 */
public final class ShardedSgd {
  /** Floats worked on at a time, which give one partial norm: they stay in the L1 cache between two loops. */
  public static final int BLOCK = 4096;

  private final Options options;
  private final Collective ranks;
  private final Partition partition;
  private final float[] parameters;
  private final float[] momentum;
  private final float[] sums;
  private final float[] gradient;
  private final int offset;
  private final int[] reduceBounds;
  private final int[] bounds;
  private final ParameterGroups groups;
  private final double[] squares;
  private double norm;
  private long updates;
  /** Whether the momentum holds a gradient already. */
  private boolean moving;

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
   * @param parameters all of them; not changed, and not kept
   * @param momentum of all parameters, zeros for a fresh start; not changed, and not kept
   * @param updates how many updates these have seen
   * @param workers how many share the work of this rank
   */
  ShardedSgd(
      Options options,
      ParameterGroups groups,
      float[] parameters,
      float[] momentum,
      long updates,
      int workers,
      Collective ranks) {
    this.options = options;
    this.groups = groups;
    this.updates = updates;
    this.moving = updates > 0;
    this.ranks = ranks;
    this.partition = partition(parameters.length, ranks.size());
    this.offset = partition.from(ranks.rank());
    int length = partition.length(ranks.rank());
    this.parameters = Arrays.copyOfRange(parameters, offset, offset + length);
    this.momentum = Arrays.copyOfRange(momentum, offset, offset + length);
    this.gradient = new float[length];
    this.sums = ranks.size() == 1 ? gradient : new float[parameters.length];
    this.squares = new double[(parameters.length + BLOCK - 1) / BLOCK];
    this.reduceBounds = Partition.even(parameters.length, BLOCK, workers).bounds();
    this.bounds = Partition.even(length, BLOCK, workers).bounds();
  }

  /** How ranks share vectors of a length: in whole blocks. */
  static Partition partition(int length, int ranks) {
    return Partition.even(length, BLOCK, ranks);
  }

  /**
   * Sums one micro-batch's gradients over the replicas of this rank.
   *
   * @param gradients one buffer a replica, as long as the parameters; positions are ignored
   * @param first whether this is the first micro-batch of the update
   */
  void reduce(int worker, List<FloatBuffer> gradients, boolean first) {
    float[] part = new float[BLOCK];
    for (int from = reduceBounds[worker]; from < reduceBounds[worker + 1]; from += BLOCK) {
      int length = Math.min(BLOCK, reduceBounds[worker + 1] - from);
      boolean empty = first;
      for (FloatBuffer source : gradients) {
        if (empty) {
          source.get(from, sums, from, length);
          empty = false;
        } else {
          source.get(from, part, 0, length);
          add(part, sums, from, length);
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
   * Sums this rank's slice over the ranks.
   *
   * @param outgoing as long as the parameters, direct; overwritten. Not used by a rank that is alone
   * @param incoming as long as the slice, direct; overwritten. Not used by a rank that is alone
   */
  void exchange(FloatBuffer outgoing, FloatBuffer incoming) {
    if (ranks.size() > 1) {
      outgoing.put(0, sums);
      ranks.reduceScatter(outgoing, partition, incoming);
      incoming.get(0, gradient);
    }
  }

  /**
   * Turns the sums into the gradient of the mean loss.
   *
   * @param scale 1 / (replicas of all ranks x micro-batches x loss scale)
   */
  void settle(int worker, double scale) {
    float factor = (float) scale;
    float limit = (float) options.clipValue.orElse(Float.MAX_VALUE);
    for (int from = bounds[worker]; from < bounds[worker + 1]; from += BLOCK) {
      int to = Math.min(from + BLOCK, bounds[worker + 1]);
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
      squares[(offset + from) / BLOCK] = squaredNorm(from, to);
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

  /**
   * Takes the norm of the settled gradient over all ranks.
   *
   * @return its L2 norm, before it is clipped by norm; NaN or infinite if any of it is
   */
  double measure() {
    ranks.sum(squares);
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    Arrays.fill(squares, 0); // the blocks of other ranks would be summed once more
    norm = Math.sqrt(sum);
    return norm;
  }

  /**
   * Takes a step along the settled gradient.
   *
   * @param rate learning rate
   * @param published as long as the parameters; the new ones of this worker's shard are written there; position is ignored
   */
  void update(int worker, double rate, FloatBuffer published) {
    float shrink = shrink();
    float keep = !moving ? 1 : (float) (1 - options.dampening);
    int from = bounds[worker];
    for (int i = 0; i < groups.ends().length; i++) {
      int to = Math.min(groups.ends()[i] - offset, bounds[worker + 1]);
      if (to > from) {
        double scale = groups.rateScales()[i];
        if (scale > 0) {
          step(from, to, shrink, groups.decays()[i], keep, (float) (rate * scale));
        }
        from = to;
      }
    }
    published.put(
        offset + bounds[worker], parameters, bounds[worker], bounds[worker + 1] - bounds[worker]);
  }

  private float shrink() {
    if (options.clipNorm.isEmpty()) {
      return 1;
    }
    return (float) Math.min(1, options.clipNorm.getAsDouble() / (norm + 1e-6));
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

  /**
   * Ends an update, after every worker's: all ranks get all new parameters.
   *
   * @param published what {@link #update} wrote to; direct, unless this rank is alone
   */
  void finish(FloatBuffer published) {
    if (ranks.size() > 1) {
      ranks.allGather(published, partition);
    }
    updates++;
    moving = true;
  }

  /** Ends an update that is not made: parameters and momentum stay. */
  void skip() {
    updates++;
  }

  /** How many updates the parameters have seen, those skipped included. */
  long updates() {
    return updates;
  }

  /** How many workers share the work of this rank. */
  int workers() {
    return bounds.length - 1;
  }

  /** Of the vectors, over the ranks. */
  Partition partition() {
    return partition;
  }

  /** A copy of this rank's slice of the settled gradient. */
  float[] gradient() {
    return gradient.clone();
  }

  /** The momentum of this rank's slice; the optimizer's own. */
  float[] momentum() {
    return momentum;
  }
}
