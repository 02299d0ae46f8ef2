package x3d.kernel;

import java.nio.FloatBuffer;
import java.util.List;

/**
 * (x [N, C, T, H, W], center, scale, shift, each [N or 1, C]) → max((x - center) scale + shift, 0). With a shortcut in x's
 * shape behind these, it is added before the maximum is taken; with center, scale and shift of its own behind it, as (shortcut -
 * center) scale + shift.
 */
public final class AffineRelu implements Kernel {
  @Override
  public Work plan(List<long[]> inputs) {
    long[] x = inputs.get(0);
    ChannelWork.requireVolumes("x", x);
    ChannelWork.requireAffine(inputs, 1, x);
    boolean shortcut = inputs.size() > 4;
    boolean affine = inputs.size() > 5;
    if (shortcut) {
      ChannelWork.requireSame("shortcut", inputs.get(4), x);
    }
    if (affine) {
      ChannelWork.requireAffine(inputs, 5, x);
    }
    int size = ChannelWork.volumeSize(x);
    List<long[]> outputs = List.of(x.clone());
    return new ChannelWork(x) {
      @Override
      public List<long[]> outputs() {
        return outputs;
      }

      @Override
      void run(int from, int to, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch) {
        float[] values = scratch.floats(0, size);
        float[] other = scratch.floats(1, size);
        for (int n = 0; n < samples; n++) {
          for (int c = from; c < to; c++) {
            int at = volume(n, c) * size;
            in[0].get(at, values, 0, size);
            float center = number(in[1], n, c);
            float scale = number(in[2], n, c);
            float shift = number(in[3], n, c);
            if (!shortcut) {
              Volumes.affineRelu(values, other, size, center, scale, shift);
            } else {
              in[4].get(at, other, 0, size);
              if (affine) {
                Volumes.addAffineRelu(
                    values,
                    other,
                    size,
                    center,
                    scale,
                    shift,
                    number(in[5], n, c),
                    number(in[6], n, c),
                    number(in[7], n, c));
              } else {
                Volumes.addRelu(values, other, size, center, scale, shift);
              }
            }
            out[0].put(at, other, 0, size);
          }
        }
      }
    };
  }
}
