package x3d.net;

import java.util.Arrays;
import x3d.graph.Elementwise;
import x3d.graph.Functions;
import x3d.graph.Functions.Normalized;
import x3d.graph.Linear;
import x3d.graph.Linear.Window;
import x3d.graph.Movement;
import x3d.graph.Tensor;
import x3d.graph.TrainingOperators;

/** Which operators a spelling is written in, and so its gradients. */
enum Vocabulary {
  /** Standard ONNX. */
  STANDARD {
    @Override
    Tensor conv(Tensor x, Tensor w, Tensor bias, Window window, long groups) {
      return Linear.conv(x, w, bias, window, groups);
    }

    @Override
    Normalized normalize(Tensor x, Tensor gamma, Tensor beta, double epsilon) {
      long[] perChannel = new long[x.rank() - 1];
      Arrays.fill(perChannel, 1);
      perChannel[0] = x.shape().size(1);
      return Functions.batchNormalization(
          Precision.exact(x),
          Movement.reshape(gamma, perChannel),
          Movement.reshape(beta, perChannel),
          epsilon);
    }

    @Override
    Tensor relu(Tensor x) {
      return Elementwise.relu(x);
    }

    @Override
    Tensor swish(Tensor x) {
      return Functions.swish(x);
    }
  },
  /** ONNX Runtime's training operators where it has some. */
  FUSED {
    @Override
    Tensor conv(Tensor x, Tensor w, Tensor bias, Window window, long groups) {
      return TrainingOperators.conv(x, w, bias, window, groups);
    }

    @Override
    Normalized normalize(Tensor x, Tensor gamma, Tensor beta, double epsilon) {
      return TrainingOperators.batchNormalization(x, gamma, beta, epsilon);
    }

    @Override
    Tensor relu(Tensor x) {
      return TrainingOperators.relu(x);
    }

    @Override
    Tensor swish(Tensor x) {
      return TrainingOperators.swish(x);
    }
  };

  abstract Tensor conv(Tensor x, Tensor w, Tensor bias, Window window, long groups);

  /**
   * Batch normalisation by the batch's own statistics, float32 inside whatever the type of x.
   *
   * @param gamma [C], as beta
   */
  abstract Normalized normalize(Tensor x, Tensor gamma, Tensor beta, double epsilon);

  abstract Tensor relu(Tensor x);

  abstract Tensor swish(Tensor x);
}
