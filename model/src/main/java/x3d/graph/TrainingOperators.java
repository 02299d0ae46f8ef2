package x3d.graph;

import static x3d.graph.ElementType.FLOAT;
import static x3d.graph.Elementwise.mul;
import static x3d.graph.Elementwise.reciprocal;
import static x3d.graph.Elementwise.scale;
import static x3d.graph.Elementwise.shift;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Operators of ONNX Runtime's own domain {@value #DOMAIN} that builds with training have: gradients, and what they need of the way
 * forward, as one kernel each where standard operators take many. On NVIDIA GPUs they are cuDNN's.
 */
public final class TrainingOperators {
  public static final String DOMAIN = "com.microsoft";
  public static final String CONV = "ConvWithGrad";
  public static final String RELU = "ReluWithGrad";

  private TrainingOperators() {}

  /** {@link Linear#conv}, of which {@link #convGradient} is the gradient. */
  public static Tensor conv(Tensor x, Tensor w, Tensor bias, Linear.Window window, long groups) {
    List<Tensor> in = bias == null ? List.of(x, w) : List.of(x, w, bias);
    return x.graph()
        .function(
            CONV,
            in,
            () -> new Graph.Body(
                List.of(Linear.conv(x, w, bias, window, groups)), List.of(), Map.of()))
        .output(0);
  }

  /** Of a convolution's inputs; {@code dbias} is null where it has none. */
  public record ConvGradients(Tensor dx, Tensor dw, Tensor dbias) {}

  /** Gradients of a {@code Conv} node's inputs. */
  public static ConvGradients convGradient(Node conv, Tensor dy) {
    List<Shape> shapes = new ArrayList<>();
    conv.inputs().forEach(input -> shapes.add(input.shape()));
    List<Tensor> out = node(
        "ConvGrad",
        List.of(dy, conv.input(0), conv.input(1)),
        shapes,
        dy.type(),
        conv.attributes());
    return new ConvGradients(out.get(0), out.get(1), out.size() > 2 ? out.get(2) : null);
  }

  /**
   * Batch normalisation by the batch's own mean and variance, as {@link Functions#batchNormalization}.
   *
   * @param x [N, C, spatial...], also in float16: it is float32 inside
   * @param gamma and beta: float32 [C]
   * @return y in the type of x, mean and variance in float32 [C]
   */
  public static Functions.Normalized batchNormalization(
      Tensor x, Tensor gamma, Tensor beta, double epsilon) {
    long channels = x.shape().size(1);
    Shape perChannel = Shape.of(channels);
    if (!gamma.shape().equals(perChannel) || !beta.shape().equals(perChannel)) {
      throw new GraphException(
          "BatchNormInternal: gamma " + gamma + " and beta " + beta + " must be " + perChannel);
    }
    Graph g = x.graph();
    // The running statistics of before, which no result that is used depends on.
    Tensor none = Movement.expand(g.scalar(FLOAT, 0), perChannel);
    List<Tensor> out = g.node(
        "BatchNormInternal",
        DOMAIN,
        List.of(x, gamma, beta, none, none),
        List.of(x.shape(), perChannel, perChannel, perChannel, perChannel),
        List.of(x.type(), FLOAT, FLOAT, FLOAT, FLOAT),
        Map.of("epsilon", Attribute.of((float) epsilon), "training_mode", Attribute.of(1L)));
    Tensor inverseDeviation = out.get(4);
    Tensor variance =
        shift(reciprocal(mul(inverseDeviation, inverseDeviation)), -(double) (float) epsilon);
    double count = (double) x.shape().elements() / channels;
    Tensor unbiased = count > 1 ? scale(variance, count / (count - 1)) : variance;
    return new Functions.Normalized(out.get(0), out.get(3), unbiased);
  }

  /** Of a normalisation's inputs. */
  public record NormalizationGradients(Tensor dx, Tensor dgamma, Tensor dbeta) {}

  /** Gradients of a {@code BatchNormInternal} node's inputs. */
  public static NormalizationGradients batchNormalizationGradient(Node normalization, Tensor dy) {
    Tensor x = normalization.input(0);
    Tensor gamma = normalization.input(1);
    List<Tensor> out = x.graph()
        .node(
            "BatchNormalizationGrad",
            DOMAIN,
            List.of(dy, x, gamma, normalization.output(3), normalization.output(4)),
            List.of(x.shape(), gamma.shape(), gamma.shape()),
            List.of(x.type(), FLOAT, FLOAT),
            Map.of("epsilon", normalization.attributes().get("epsilon")));
    return new NormalizationGradients(out.get(0), out.get(1), out.get(2));
  }

  /** max(x, 0), of which {@link #reluGradient} is the gradient. */
  public static Tensor relu(Tensor x) {
    return x.graph()
        .function(
            RELU,
            List.of(x),
            () -> new Graph.Body(List.of(Elementwise.relu(x)), List.of(), Map.of()))
        .output(0);
  }

  /** dy where y is above 0. */
  public static Tensor reluGradient(Tensor dy, Tensor y) {
    return node("ReluGrad", List.of(dy, y), List.of(y.shape()), y.type(), Map.of())
        .get(0);
  }

  /** x sigmoid(x), as {@link Functions#swish}. */
  public static Tensor swish(Tensor x) {
    return node("QuickGelu", List.of(x), List.of(x.shape()), x.type(), ALPHA).get(0);
  }

  /** dy s (1 + x (1 - s)), where s = sigmoid(x). */
  public static Tensor swishGradient(Tensor dy, Tensor x) {
    return node("QuickGeluGrad", List.of(dy, x), List.of(x.shape()), x.type(), ALPHA)
        .get(0);
  }

  /** x sigmoid(alpha x). */
  private static final Map<String, Attribute> ALPHA = Map.of("alpha", Attribute.of(1f));

  private static List<Tensor> node(
      String operator,
      List<Tensor> in,
      List<Shape> shapes,
      ElementType type,
      Map<String, Attribute> attributes) {
    return in.get(0).graph().node(operator, DOMAIN, in, shapes, type, attributes);
  }
}
