package x3d.kernel;

/**
 * What a kernel is tried on: x [n, c, t, h, w], and for those that convolve or sample, kernel and stride.
 *
 * @param outputs channels of a dense convolution's result
 */
record Sizes(int n, int c, int t, int h, int w, int kt, int kh, int kw, int stride, int outputs) {
  Sizes(int n, int c, int t, int h, int w, String kernel, int stride) {
    this(n, c, t, h, w, side(kernel, 0), side(kernel, 1), side(kernel, 2), stride, c + 2);
  }

  private static int side(String kernel, int i) {
    return Integer.parseInt(kernel.split("x")[i]);
  }

  Sizes withOutputs(int wanted) {
    return new Sizes(n, c, t, h, w, kt, kh, kw, stride, wanted);
  }

  Sizes withChannels(int wanted) {
    return new Sizes(n, wanted, t, h, w, kt, kh, kw, stride, outputs);
  }

  int outHeight() {
    return (h - 1) / stride + 1;
  }

  int outWidth() {
    return (w - 1) / stride + 1;
  }

  /** Elements of a volume of x. */
  int volume() {
    return t * h * w;
  }

  long[] volumes() {
    return new long[] {n, c, t, h, w};
  }

  long[] sampled() {
    return new long[] {n, c, t, outHeight(), outWidth()};
  }
}
