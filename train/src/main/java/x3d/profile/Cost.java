package x3d.profile;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What a node does, by its operator and the shapes that ONNX Runtime noted. As {@code bench roofline} counts, a multiplication
 * with addition is two operations, a sigmoid nine; other elementwise operators are one an element of the output, reductions
 * one an element of the input, and moves none. These are the operations of the graph as it is spelled, not the fewest that the
 * network needs.
 *
 * @param operations floating point operations
 * @param bytes of the inputs and outputs, each counted once; none where an operator only looks at its input in another shape
 */
record Cost(double operations, double bytes) {
  static final Cost NONE = new Cost(0, 0);

  private static final int SIGMOID = 9;

  /** @param args of ONNX Runtime's event */
  static Cost of(String operator, JsonNode args) {
    List<long[]> in = shapes(args.path("input_type_shape"));
    List<long[]> out = shapes(args.path("output_type_shape"));
    boolean view = switch (operator) {
      case "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Shape" -> true;
      default -> false;
    };
    double bytes = view
        ? 0
        : args.path("activation_size").asDouble()
            + args.path("parameter_size").asDouble()
            + args.path("output_size").asDouble();
    return new Cost(in.isEmpty() || out.isEmpty() ? 0 : operations(operator, in, out), bytes);
  }

  private static double operations(String operator, List<long[]> in, List<long[]> out) {
    double read = elements(in.get(0));
    double written = elements(out.get(0));
    return switch (operator) {
      case "Conv", "FusedConv" -> 2 * written * window(in, 1);
      case "ConvTranspose" -> 2 * read * window(in, 1);
      // For its input and for its weights.
      case "ConvGrad" -> 4 * read * window(in, 2);
      case "MatMul", "FusedMatMul", "Gemm", "FusedGemm" ->
        2 * written * inner(in.get(0), out.get(0));
      case "DepthwiseConv" -> (2 * window(in, 1) + 3) * written + reading(in, 2);
      case "DepthwiseConvActivation" -> (2 * window(in, 1) + 2) * written + reading(in, 3);
      // For its input and for its weights, and what the moments of its output gave.
      case "DepthwiseConvGradient" -> (4 * window(in, 6) + 4) * read + 2 * reading(in, 7);
      case "FrameConvWeightGradient" ->
        2 * read * elements(out.get(0)) / (out.get(0)[0] * out.get(0)[1]);
      case "Moments" -> 3 * read;
      case "MomentsGradient" -> 4 * written;
      case "AffineRelu" -> (in.size() > 5 ? 8 : in.size() > 4 ? 5 : 4) * written;
      case "AffineReluGradient" -> (in.size() > 5 ? 9 : 6) * written;
      case "AffineSwish" -> (3 + SIGMOID + 1) * written;
      case "AffineSwishGradient" -> (3 + SIGMOID + 10) * written;
      case "BatchNormInternal" -> 6 * read;
      case "BatchNormalizationGrad" -> 8 * read;
      case "QuickGeluGrad" -> (SIGMOID + 6) * written;
      case "Sigmoid", "Exp", "Softmax", "LogSoftmax" -> SIGMOID * written;
      case "QuickGelu" -> (SIGMOID + 1) * written;
      case "ReduceSum", "ReduceMean", "AveragePool", "GlobalAveragePool" -> read;
      case "Add",
          "Sub",
          "Mul",
          "Div",
          "Neg",
          "Reciprocal",
          "Sqrt",
          "Sign",
          "Relu",
          "ReluGrad",
          "Pow",
          "Sum" -> written;
      default -> 0;
    };
  }

  /** Weights that make one element of the output: all axes of the weights but the first. 0 if they were not noted. */
  private static double window(List<long[]> in, int weights) {
    return in.size() <= weights || in.get(weights).length == 0
        ? 0
        : elements(in.get(weights)) / in.get(weights)[0];
  }

  /** Of (x - center) scale + shift, then the greater of that and 0, where an operator has these three at {@code at}. */
  private static double reading(List<long[]> in, int at) {
    return in.size() > at ? 4 * elements(in.get(0)) : 0;
  }

  /** The axis that a product sums over, whether or not its left factor is transposed. */
  private static double inner(long[] left, long[] out) {
    if (left.length < 2 || out.length < 2) {
      return left.length == 0 ? 0 : left[left.length - 1];
    }
    long rows = out[out.length - 2];
    return left[left.length - 2] == rows ? left[left.length - 1] : left[left.length - 2];
  }

  private static double elements(long[] shape) {
    double product = 1;
    for (long size : shape) {
      product *= size;
    }
    return product;
  }

  /** ONNX Runtime writes a list of objects, whose only field is the element type's. */
  private static List<long[]> shapes(JsonNode tensors) {
    List<long[]> shapes = new ArrayList<>();
    for (JsonNode tensor : tensors) {
      for (JsonNode dims : tensor) {
        long[] shape = new long[dims.size()];
        for (int i = 0; i < shape.length; i++) {
          shape[i] = dims.get(i).asLong();
        }
        shapes.add(shape);
      }
    }
    return shapes;
  }
}
