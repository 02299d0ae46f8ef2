package x3d.kernel;

/**
 * Where the kernel of a channelwise convolution meets a volume [T, H, W] when padding is half the kernel and height and
 * width have a stride: the layout in which each element of the kernel is one constant offset.
 *
 * <p>A volume is laid out as stride² <i>phases</i>, phase (a, b) holding rows a, a + stride, ... and columns b, b +
 * stride, ...; in each phase rows lie {@link #pitch} apart and frames {@link #frame} apart. The zeros of the padding
 * between two rows serve both, and so do those between two frames. An output position p = row · pitch + column then
 * meets element (kt, s) of the kernel at {@code taps[s] + (t + kt) · frame + p}.
 */
final class DepthwiseWindow {
  final int frames;
  final int height;
  final int width;
  final int outHeight;
  final int outWidth;
  final int stride;
  final int kernelFrames;
  /** Elements of the kernel in one frame. */
  final int kernelArea;
  /** Floats from a row to the next. */
  final int pitch;
  /** Floats from a frame to the next. */
  final int frame;
  /** Output positions of one frame, rounded up to whole vectors; those between rows are to be ignored. */
  final int positions;
  /** Where the first frame of padding begins in a phase: before it lie the zeros above and left of it. */
  final int lead;
  /** Floats of one phase. */
  final int phase;
  /** For each element of the kernel of one frame the place where output position 0 meets it. */
  final int[] taps;
  /** The phase that each of them lies in, a · stride + b. */
  final int[] tapPhases;
  /** The same elements seen from the input, for its gradient: where position 0 of their phase meets the output's gradient. */
  final int[] mirroredTaps;

  /** @throws IllegalArgumentException if a side of the kernel is even or anything is less than 1 */
  DepthwiseWindow(
      int frames,
      int height,
      int width,
      int kernelFrames,
      int kernelHeight,
      int kernelWidth,
      int stride) {
    if (kernelFrames % 2 == 0 || kernelHeight % 2 == 0 || kernelWidth % 2 == 0) {
      throw new IllegalArgumentException("the sides of a channelwise kernel must be odd, got "
          + kernelFrames + "x" + kernelHeight + "x" + kernelWidth);
    }
    if (frames < 1 || height < 1 || width < 1 || stride < 1) {
      throw new IllegalArgumentException("a volume of " + frames + "x" + height + "x" + width
          + " at stride " + stride + ": all must be 1 or more");
    }
    this.frames = frames;
    this.height = height;
    this.width = width;
    this.stride = stride;
    this.kernelFrames = kernelFrames;
    this.kernelArea = kernelHeight * kernelWidth;
    outHeight = (height - 1) / stride + 1;
    outWidth = (width - 1) / stride + 1;
    int padRows = padding(kernelHeight);
    int padColumns = padding(kernelWidth);
    double most = (double) stride
        * stride
        * (frames + kernelFrames + 4.0)
        * (((double) outHeight + padRows) * ((double) outWidth + padColumns) + Lanes.COUNT);
    if (most > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("a volume of " + frames + "x" + height + "x" + width
          + " with a kernel of " + kernelFrames + "x" + kernelHeight + "x" + kernelWidth
          + " at stride " + stride + " must fit 2^31 floats with its padding");
    }
    pitch = outWidth + padColumns;
    positions = roundUp(outHeight * pitch);
    frame = Math.max((outHeight + padRows) * pitch, positions);
    lead = padRows * pitch + padColumns;
    // A frame read at the last position by the last tap still ends inside.
    phase = lead + (frames + kernelFrames - 1) * frame + lead + 2 * Lanes.COUNT;
    taps = new int[kernelArea];
    tapPhases = new int[kernelArea];
    mirroredTaps = new int[kernelArea];
    for (int y = 0; y < kernelHeight; y++) {
      for (int x = 0; x < kernelWidth; x++) {
        int fromRow = y - kernelHeight / 2;
        int fromColumn = x - kernelWidth / 2;
        int s = y * kernelWidth + x;
        int shift = Math.floorDiv(fromRow, stride) * pitch + Math.floorDiv(fromColumn, stride);
        tapPhases[s] = Math.floorMod(fromRow, stride) * stride + Math.floorMod(fromColumn, stride);
        taps[s] = tapPhases[s] * phase + lead + shift;
        mirroredTaps[s] = lead - shift;
      }
    }
  }

  /** In a phase, for half of a kernel's side. */
  private int padding(int side) {
    return side == 1 ? 0 : (side / 2 - 1) / stride + 1;
  }

  private static int roundUp(int n) {
    return (n + Lanes.COUNT - 1) / Lanes.COUNT * Lanes.COUNT;
  }

  /** Elements of the input volume. */
  int size() {
    return frames * height * width;
  }

  /** Elements of the output volume. */
  int outSize() {
    return frames * outHeight * outWidth;
  }

  /** Floats of all phases. */
  int padded() {
    return stride * stride * phase;
  }

  /** Floats of an output laid out by position. */
  int grid() {
    return frames * positions;
  }

  /** Columns of the input in a phase. */
  int columns(int b) {
    return (width - b + stride - 1) / stride;
  }

  /** Rows of the input in a phase. */
  int rows(int a) {
    return (height - a + stride - 1) / stride;
  }
}
