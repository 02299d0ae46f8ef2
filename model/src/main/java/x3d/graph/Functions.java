package x3d.graph;

import static x3d.graph.Elementwise.add;
import static x3d.graph.Elementwise.mul;
import static x3d.graph.Elementwise.neg;
import static x3d.graph.Elementwise.reciprocal;
import static x3d.graph.Elementwise.scale;
import static x3d.graph.Elementwise.shift;
import static x3d.graph.Elementwise.sigmoid;
import static x3d.graph.Elementwise.sqrt;
import static x3d.graph.Elementwise.sub;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Functions of several nodes that have a cheaper gradient than their nodes taken one by one, and that
 * a provider may have as one kernel.
 */
public final class Functions {
  public static final String BATCH_NORMALIZATION = "BatchNormalization";
  public static final String SWISH = "Swish";
  public static final String SOFTMAX_CROSS_ENTROPY = "SoftmaxCrossEntropy";

  private Functions() {}

  /**
   * Batch normalisation in training.
   *
   * @param y the normalised tensor
   * @param mean of each channel
   * @param variance of each channel with the divisor m - 1, as running statistics take it; m if m is 1
   */
  public record Normalized(Tensor y, Tensor mean, Tensor variance) {}

  /** γ (x - mean) / sqrt(variance + epsilon) + β by the batch's own mean and variance (divisor m) of each channel.
   *  @param x [N, C, spatial...]
   *  @param gamma and beta: [C, 1, ...] with a 1 for each spatial axis */
  public static Normalized batchNormalization(Tensor x, Tensor gamma, Tensor beta, double epsilon) {
    int[] axes = IntStream.range(0, x.rank()).filter(i -> i != 1).toArray();
    double count = (double) x.shape().elements() / x.shape().size(1);
    Function f = x.graph().function(BATCH_NORMALIZATION, List.of(x, gamma, beta), () -> {
      Tensor mean = meanOverImages(x);
      Tensor centered = sub(x, mean);
      Tensor variance = meanOverImages(mul(centered, centered));
      Tensor inverseDeviation = reciprocal(sqrt(shift(variance, epsilon)));
      Tensor factor = mul(gamma, inverseDeviation);
      Tensor y = add(mul(centered, factor), beta);
      Tensor unbiased = count > 1 ? scale(variance, count / (count - 1)) : variance;
      return new Graph.Body(
          List.of(y),
          List.of(centered, inverseDeviation, factor, mean, unbiased),
          Map.of("count", count));
    });
    return new Normalized(f.output(0), f.saved().get(3), f.saved().get(4));
  }

  /** Mean of each channel, images first: sums of fewer float32 numbers are rounded less. */
  private static Tensor meanOverImages(Tensor x) {
    int rank = x.rank();
    Tensor images = Reduction.reduceMean(x, rank - 2, rank - 1);
    int[] rest = IntStream.range(0, rank - 2).filter(i -> i != 1).toArray();
    return Reduction.reduceMean(images, rest);
  }

  /** x sigmoid(x). Ramachandran et al., Searching for Activation Functions (2017). */
  public static Tensor swish(Tensor x) {
    return x.graph()
        .function(SWISH, List.of(x), () -> {
          Tensor s = sigmoid(x);
          return new Graph.Body(List.of(mul(x, s)), List.of(s), Map.of());
        })
        .output(0);
  }

  /**
   * Mean over the batch of the cross-entropy between softmax(logits) and the labels.
   *
   * @param logits [B, K]
   * @param labels INT64 [B], each from 0 to K - 1
   * @param smoothing ε: the target is 1 - ε + ε/K at the label and ε/K elsewhere. Szegedy et al.,
   *     Rethinking the Inception Architecture (2016), section 7
   * @return [1]
   */
  public static Tensor softmaxCrossEntropy(Tensor logits, Tensor labels, double smoothing) {
    int classes = Math.toIntExact(logits.shape().size(1));
    long batch = logits.shape().size(0);
    return logits
        .graph()
        .function(SOFTMAX_CROSS_ENTROPY, List.of(logits, labels), () -> {
          Tensor logProbabilities = Reduction.logSoftmax(logits, 1);
          double off = smoothing / classes;
          Tensor target = Movement.oneHot(labels, classes, logits.type(), off, 1 - smoothing + off);
          Tensor sum = Reduction.reduceSum(mul(target, logProbabilities), 0, 1);
          Tensor loss = neg(scale(Movement.reshape(sum, 1), 1.0 / batch));
          return new Graph.Body(
              List.of(loss), List.of(logProbabilities, target), Map.of("batch", (double) batch));
        })
        .output(0);
  }
}
