package x3d.video;

/**
 * Where a square crop lies in a scaled picture. It is known before the picture's size is: a position is a rule, and
 * {@link #top} and {@link #left} apply it.
 */
public sealed interface CropPosition {
  /** The left end of a wide picture, the top of a tall one; half way in the other direction. */
  CropPosition LEFT = Uniform.LEFT;

  /** Half way in both directions. */
  CropPosition CENTER = Uniform.CENTER;

  /** The right end of a wide picture, the bottom of a tall one; half way in the other direction. */
  CropPosition RIGHT = Uniform.RIGHT;

  /**
   * First row of the crop.
   *
   * @param height of the scaled picture
   * @param width of the scaled picture
   * @param crop side of the crop, at most both
   */
  int top(int height, int width, int crop);

  /** First column of the crop; parameters as for {@link #top}. */
  int left(int height, int width, int crop);

  /** The three crops of a test: SlowFast's {@code uniform_crop} ({@code slowfast/datasets/transform.py}). */
  enum Uniform implements CropPosition {
    /** {@link CropPosition#LEFT}. */
    LEFT,
    /** {@link CropPosition#CENTER}. */
    CENTER,
    /** {@link CropPosition#RIGHT}. */
    RIGHT;

    @Override
    public int top(int height, int width, int crop) {
      return along(height - crop, height > width);
    }

    @Override
    public int left(int height, int width, int crop) {
      return along(width - crop, height <= width);
    }

    private int along(int slack, boolean longSide) {
      int middle = (slack + 1) / 2;
      if (!longSide) {
        return middle;
      }
      return switch (this) {
        case LEFT -> 0;
        case CENTER -> middle;
        case RIGHT -> slack;
      };
    }
  }

  /**
   * A place drawn by chance before the picture's size is known: SlowFast's {@code random_crop}, whose
   * {@code randint(0, slack)} never takes the last place.
   *
   * @param y where between the first and the last row that fit, 0 (inclusive) to 1 (exclusive)
   * @param x the same for columns
   */
  record Fraction(double y, double x) implements CropPosition {
    /** Refuses what is not in [0, 1). */
    public Fraction {
      if (!(y >= 0 && y < 1 && x >= 0 && x < 1)) {
        throw new IllegalArgumentException(
            "crop at fraction " + y + ", " + x + ": both must be in [0, 1)");
      }
    }

    @Override
    public int top(int height, int width, int crop) {
      return (int) (y * (height - crop));
    }

    @Override
    public int left(int height, int width, int crop) {
      return (int) (x * (width - crop));
    }
  }

  /**
   * A fixed place.
   *
   * @param y first row, at least 0
   * @param x first column, at least 0
   */
  record Offset(int y, int x) implements CropPosition {
    /** Refuses negative offsets. */
    public Offset {
      if (y < 0 || x < 0) {
        throw new IllegalArgumentException("crop at " + y + ", " + x + ": both must be at least 0");
      }
    }

    @Override
    public int top(int height, int width, int crop) {
      return inside(y, height - crop);
    }

    @Override
    public int left(int height, int width, int crop) {
      return inside(x, width - crop);
    }

    private static int inside(int offset, int slack) {
      if (offset > slack) {
        throw new IllegalArgumentException(
            "crop at " + offset + " leaves the picture: the last place is " + slack);
      }
      return offset;
    }
  }
}
