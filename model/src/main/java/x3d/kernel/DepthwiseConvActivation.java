package x3d.kernel;

import java.nio.FloatBuffer;
import java.util.List;

/**
 * {@link DepthwiseConv} for inference: (x, w, bias [1, C]) → y = activation(convolution + bias), without moments. With
 * center, scale and shift behind these, x is read as max((x - center) scale + shift, 0).
 */
public final class DepthwiseConvActivation implements Kernel {
  private final int stride;
  private final boolean swish;

  /**
   * @param stride of height and width
   * @param swish whether the activation is swish; if not, it is relu
   */
  public DepthwiseConvActivation(long stride, boolean swish) {
    this.stride = ChannelWork.requireCount("stride", stride);
    this.swish = swish;
  }

  @Override
  public Work plan(List<long[]> inputs) {
    long[] x = inputs.get(0);
    DepthwiseWindow window = DepthwiseConv.window(x, inputs.get(1), stride);
    ChannelWork.requireNumbers("bias", inputs.get(2), x);
    boolean affine = inputs.size() > 3;
    if (affine) {
      ChannelWork.requireAffine(inputs, 3, x);
    }
    long[] y = {x[0], x[1], x[2], window.outHeight, window.outWidth};
    ChannelWork.requireVolumes("y", y);
    List<long[]> outputs = List.of(y);
    return new ChannelWork(x) {
      @Override
      public List<long[]> outputs() {
        return outputs;
      }

      @Override
      void run(int from, int to, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch) {
        int outSize = window.outSize();
        float[] values = scratch.floats(0, Math.max(window.size(), outSize));
        DepthwiseVolume volumes = new DepthwiseVolume(window, scratch);
        for (int c = from; c < to; c++) {
          volumes.kernel(in[1], c);
          for (int n = 0; n < samples; n++) {
            int v = volume(n, c);
            if (affine) {
              volumes.convolve(
                  in[0], v, number(in[3], n, c), number(in[4], n, c), number(in[5], n, c), values);
            } else {
              volumes.convolve(in[0], v, values);
            }
            float bias = number(in[2], n, c);
            if (swish) {
              Volumes.affineSwish(values, outSize, 0, 1, bias);
            } else {
              Volumes.affineRelu(values, values, outSize, 0, 1, bias);
            }
            out[0].put(v * outSize, values, 0, outSize);
          }
        }
      }
    };
  }
}
