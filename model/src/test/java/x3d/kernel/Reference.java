package x3d.kernel;

import java.util.List;

/**
 * The operators by their definitions, in double precision and in the order in which one would write them down.
 *
 * <p>Each result comes with the magnitude that its error is held against: the largest in the tensor. Where each element is
 * a sum over a whole volume it is at least the root of the sum of the terms' squares, which is what the sum would be if
 * their signs were random: it may be next to nothing although they are not.
 */
final class Reference {
  /** A tensor with the largest magnitude in it. */
  record Result(double[] values, double magnitude) {
    static Result of(double[] values) {
      double largest = 0;
      for (double v : values) {
        largest = Math.max(largest, Math.abs(v));
      }
      return new Result(values, largest);
    }
  }

  /** Sums with the sums of their terms' squares. */
  private static final class Sums {
    final double[] sum;
    final double[] squares;

    Sums(int size) {
      sum = new double[size];
      squares = new double[size];
    }

    void add(int i, double term) {
      sum[i] += term;
      squares[i] += term * term;
    }

    Result result() {
      double random = Math.sqrt(Result.of(squares).magnitude);
      return new Result(sum, Math.max(random, Result.of(sum).magnitude));
    }
  }

  private final Trial trial;
  private final Sizes s;
  private final float[][] in;
  private final int size;

  private Reference(Trial trial, Sizes s, float[][] in) {
    this.trial = trial;
    this.s = s;
    this.in = in;
    this.size = s.volume();
  }

  static List<Result> of(Trial trial, Sizes sizes, float[][] values) {
    return new Reference(trial, sizes, values).results();
  }

  private List<Result> results() {
    return switch (trial.operator) {
      case MOMENTS -> moments(doubles(0));
      case MOMENTS_GRADIENT -> List.of(Result.of(withMoments(doubles(0), 1, 2)));
      case DEPTHWISE_CONV -> conv();
      case DEPTHWISE_CONV_ACTIVATION -> List.of(Result.of(convActivation()));
      case DEPTHWISE_CONV_GRADIENT -> convGradient();
      case AFFINE_SWISH -> List.of(Result.of(swish(affine(0, 1), 0)));
      case AFFINE_SWISH_GRADIENT -> swishGradient();
      case AFFINE_RELU -> List.of(Result.of(relu()));
      case AFFINE_RELU_GRADIENT -> reluGradient();
      case SUBSAMPLE -> List.of(Result.of(subsample()));
      case SUBSAMPLE_GRADIENT -> List.of(Result.of(subsampleGradient()));
      case FRAME_CONV_WEIGHT_GRADIENT -> frameConvWeightGradient();
    };
  }

  private double[] doubles(int input) {
    double[] d = new double[in[input].length];
    for (int i = 0; i < d.length; i++) {
      d[i] = in[input][i];
    }
    return d;
  }

  /** The number that input {@code i} has for a volume. */
  private double number(int i, int volume) {
    return in[i][in[i].length == s.c() ? volume % s.c() : volume];
  }

  private List<Result> moments(double[] x) {
    int volumes = s.n() * s.c();
    int each = x.length / volumes;
    double[] mean = new double[volumes];
    double[] squares = new double[volumes];
    for (int i = 0; i < x.length; i++) {
      mean[i / each] += x[i] / each;
    }
    for (int i = 0; i < x.length; i++) {
      squares[i / each] += Math.pow(x[i] - mean[i / each], 2);
    }
    return List.of(Result.of(mean), Result.of(squares));
  }

  /** d + dmean / V + 2 dsquares (x - mean), with mean, dmean and dsquares from input {@code numbers} on. */
  private double[] withMoments(double[] d, int x, int numbers) {
    int each = d.length / (s.n() * s.c());
    double[] sum = new double[d.length];
    for (int i = 0; i < d.length; i++) {
      int v = i / each;
      sum[i] = d[i]
          + number(numbers + 1, v) / each
          + 2 * number(numbers + 2, v) * (in[x][i] - number(numbers, v));
    }
    return sum;
  }

  /** (x - center) scale + shift. */
  private double[] affine(int x, int numbers) {
    double[] u = new double[in[x].length];
    for (int i = 0; i < u.length; i++) {
      int v = i / size;
      u[i] = (in[x][i] - number(numbers, v)) * number(numbers + 1, v) + number(numbers + 2, v);
    }
    return u;
  }

  private static double[] positive(double[] u) {
    double[] y = new double[u.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.max(u[i], 0);
    }
    return y;
  }

  private static double[] swish(double[] u, double bias) {
    double[] y = new double[u.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = (u[i] + bias) / (1 + Math.exp(-u[i] - bias));
    }
    return y;
  }

  private interface Meeting {
    /** Element {@code y} of the result's volume meets element {@code x} of the input's at element {@code k} of the kernel. */
    void at(int y, int x, int k);
  }

  /** Every meeting of one volume; what meets padding is left out. */
  private void meetings(int kernelFrames, Meeting meeting) {
    int y = 0;
    for (int t = 0; t < s.t(); t++) {
      for (int row = 0; row < s.outHeight(); row++) {
        for (int column = 0; column < s.outWidth(); column++, y++) {
          for (int kt = 0; kt < kernelFrames; kt++) {
            int frame = t + kt - kernelFrames / 2;
            if (frame < 0 || frame >= s.t()) {
              continue;
            }
            for (int ky = 0; ky < s.kh(); ky++) {
              int fromRow = row * s.stride() + ky - s.kh() / 2;
              if (fromRow < 0 || fromRow >= s.h()) {
                continue;
              }
              for (int kx = 0; kx < s.kw(); kx++) {
                int fromColumn = column * s.stride() + kx - s.kw() / 2;
                if (fromColumn >= 0 && fromColumn < s.w()) {
                  int x = (frame * s.h() + fromRow) * s.w() + fromColumn;
                  meeting.at(y, x, (kt * s.kh() + ky) * s.kw() + kx);
                }
              }
            }
          }
        }
      }
    }
  }

  private double[] convolve(double[] x, float[] w) {
    int outSize = s.t() * s.outHeight() * s.outWidth();
    int area = s.kt() * s.kh() * s.kw();
    double[] y = new double[s.n() * s.c() * outSize];
    for (int v = 0; v < s.n() * s.c(); v++) {
      int volume = v;
      int kernel = v % s.c() * area;
      meetings(
          s.kt(),
          (to, from, k) ->
              y[volume * outSize + to] += x[volume * size + from] * (double) w[kernel + k]);
    }
    return y;
  }

  private List<Result> conv() {
    double[] x = in.length > 2 ? positive(affine(0, 2)) : doubles(0);
    double[] y = convolve(x, in[1]);
    List<Result> moments = moments(y);
    return trial.attribute(s, "squares", 1) == 0
        ? List.of(Result.of(y), moments.get(0))
        : List.of(Result.of(y), moments.get(0), moments.get(1));
  }

  private double[] convActivation() {
    double[] x = in.length > 3 ? positive(affine(0, 3)) : doubles(0);
    double[] y = convolve(x, in[1]);
    int outSize = y.length / (s.n() * s.c());
    for (int i = 0; i < y.length; i++) {
      y[i] += number(2, i / outSize);
    }
    return trial.attribute(s, "swish", 0) == 1 ? swish(y, 0) : positive(y);
  }

  private List<Result> convGradient() {
    boolean affine = in.length > 7;
    double[] dy = withMoments(doubles(0), 1, 2);
    double[] u = affine ? affine(5, 7) : doubles(5);
    double[] x = affine ? positive(u) : u;
    int outSize = s.t() * s.outHeight() * s.outWidth();
    int area = s.kt() * s.kh() * s.kw();
    double[] dx = new double[x.length];
    Sums dw = new Sums(s.c() * area);
    for (int v = 0; v < s.n() * s.c(); v++) {
      int volume = v;
      int kernel = v % s.c() * area;
      meetings(s.kt(), (to, from, k) -> {
        double d = dy[volume * outSize + to];
        dx[volume * size + from] += d * in[6][kernel + k];
        dw.add(kernel + k, d * x[volume * size + from]);
      });
    }
    if (!affine) {
      return List.of(Result.of(dx), dw.result());
    }
    for (int i = 0; i < dx.length; i++) {
      dx[i] = u[i] > 0 ? dx[i] : 0;
    }
    return withSums(dx, 5, 7, List.of(dw.result()));
  }

  /** g scale, what is {@code between}, and the sums of g and of g (x - center). */
  private List<Result> withSums(double[] g, int x, int numbers, List<Result> between) {
    Sums sum = new Sums(s.n() * s.c());
    Sums product = new Sums(s.n() * s.c());
    double[] dx = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      int v = i / size;
      sum.add(v, g[i]);
      product.add(v, g[i] * (in[x][i] - number(numbers, v)));
      dx[i] = g[i] * number(numbers + 1, v);
    }
    return between.isEmpty()
        ? List.of(Result.of(dx), sum.result(), product.result())
        : List.of(Result.of(dx), between.get(0), sum.result(), product.result());
  }

  private List<Result> swishGradient() {
    double[] u = affine(1, 2);
    double[] g = new double[u.length];
    for (int i = 0; i < u.length; i++) {
      double sigmoid = 1 / (1 + Math.exp(-u[i]));
      g[i] = in[0][i] * sigmoid * (1 + u[i] * (1 - sigmoid));
    }
    return withSums(g, 1, 2, List.of());
  }

  private double[] relu() {
    double[] u = affine(0, 1);
    if (in.length > 4) {
      double[] shortcut = in.length > 5 ? affine(4, 5) : doubles(4);
      for (int i = 0; i < u.length; i++) {
        u[i] += shortcut[i];
      }
    }
    return positive(u);
  }

  private List<Result> reluGradient() {
    double[] g = new double[in[0].length];
    for (int i = 0; i < g.length; i++) {
      g[i] = in[1][i] > 0 ? in[0][i] : 0;
    }
    List<Result> own = withSums(g, 2, 3, List.of());
    if (in.length > 5) {
      List<Result> shortcut = withSums(g, 5, 6, List.of());
      return List.of(own.get(0), own.get(1), own.get(2), shortcut.get(0), shortcut.get(2));
    }
    return trial.attribute(s, "shortcut", 0) == 1
        ? List.of(own.get(0), own.get(1), own.get(2), Result.of(g))
        : own;
  }

  /** Where in x element {@code i} of what is taken comes from. */
  private int taken(int i) {
    int column = i % s.outWidth() * s.stride();
    int row = i / s.outWidth() % s.outHeight() * s.stride();
    int frame = i / s.outWidth() / s.outHeight();
    return (frame * s.h() + row) * s.w() + column;
  }

  private double[] subsample() {
    double[] y = new double[s.n() * s.c() * s.t() * s.outHeight() * s.outWidth()];
    for (int i = 0; i < y.length; i++) {
      y[i] = in[0][taken(i)];
    }
    return y;
  }

  private double[] subsampleGradient() {
    double[] dx = doubles(0);
    for (int i = 0; i < in[1].length; i++) {
      dx[taken(i)] += in[1][i];
    }
    return dx;
  }

  private List<Result> frameConvWeightGradient() {
    int outSize = s.t() * s.outHeight() * s.outWidth();
    int area = s.kh() * s.kw();
    Sums dw = new Sums(s.n() * s.outputs() * s.c() * area);
    for (int n = 0; n < s.n(); n++) {
      for (int o = 0; o < s.outputs(); o++) {
        for (int c = 0; c < s.c(); c++) {
          int dy = (n * s.outputs() + o) * outSize;
          int x = (n * s.c() + c) * size;
          int w = ((n * s.outputs() + o) * s.c() + c) * area;
          meetings(1, (to, from, k) -> dw.add(w + k, (double) in[0][dy + to] * in[1][x + from]));
        }
      }
    }
    return List.of(dw.result());
  }
}
