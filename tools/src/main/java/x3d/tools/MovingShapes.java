package x3d.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Draws a video of a few shapes on a grainy background, all of it random but for what the shapes do, which is the same.
 */
final class MovingShapes {
  private static final int SHAPES = 1;

  /** Signed distances, in units of the shape's size: negative inside. */
  private enum Outline {
    DISC {
      @Override
      double distance(double x, double y) {
        return Math.hypot(x, y) - 1;
      }
    },
    SQUARE {
      @Override
      double distance(double x, double y) {
        return Math.max(Math.abs(x), Math.abs(y)) - 0.85;
      }
    },
    TRIANGLE {
      @Override
      double distance(double x, double y) {
        return Math.max(y, Math.max(-0.5 * y + 0.866 * x, -0.5 * y - 0.866 * x)) - 0.62;
      }
    },
    RING {
      @Override
      double distance(double x, double y) {
        return Math.abs(Math.hypot(x, y) - 0.75) - 0.3;
      }
    };

    abstract double distance(double x, double y);
  }

  private final int width;
  private final int height;
  private final List<Shape> shapes = new ArrayList<>();
  private final int[] background;
  private final RandomGenerator random;

  /**
   * @param width of the picture in pixels
   * @param height of the picture in pixels
   * @param random the source of everything else
   */
  MovingShapes(Motion motion, int width, int height, RandomGenerator random) {
    this.width = width;
    this.height = height;
    this.random = random;
    int[] paper = {random.nextInt(20, 110), random.nextInt(20, 110), random.nextInt(20, 110)};
    this.background = grain(paper, width, height, random);
    for (int i = 0; i < SHAPES; i++) {
      shapes.add(new Shape(
          motion.draw(random),
          Outline.values()[random.nextInt(Outline.values().length)],
          random.nextDouble(2 * Math.PI),
          contrasting(paper, random)));
    }
  }

  /**
   * One shape.
   *
   * @param tilt a turn that it keeps, in radians
   */
  private record Shape(Motion.Course course, Outline outline, double tilt, int[] ink) {
    /** How much of a place it covers, 0 to 1; the place is given in pixels from its centre. */
    double cover(double dx, double dy, double size) {
      double sin = Math.sin(tilt);
      double cos = Math.cos(tilt);
      double x = (cos * dx + sin * dy) / size;
      double y = (cos * dy - sin * dx) / size;
      return Math.max(0, Math.min(1, 0.5 - size * outline.distance(x, y)));
    }
  }

  private static int[] contrasting(int[] paper, RandomGenerator random) {
    int[] ink = new int[3];
    do {
      for (int c = 0; c < 3; c++) {
        ink[c] = random.nextInt(100, 256);
      }
    } while (Math.abs(ink[0] - paper[0]) + Math.abs(ink[1] - paper[1]) + Math.abs(ink[2] - paper[2])
        < 240);
    return ink;
  }

  /** A colour that drifts across the picture, with spots that stay. */
  private static int[] grain(int[] paper, int width, int height, RandomGenerator random) {
    double acrossX = random.nextDouble(-40, 40);
    double acrossY = random.nextDouble(-40, 40);
    int[] grain = new int[3 * width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double light = acrossX * (x / (double) width - 0.5)
            + acrossY * (y / (double) height - 0.5)
            + random.nextDouble(-9, 9);
        for (int c = 0; c < 3; c++) {
          grain[3 * (y * width + x) + c] = (int) Math.round(paper[c] + light);
        }
      }
    }
    return grain;
  }

  /** @return the frames one after the other, each RGB rows from the top: [T, H, W, 3] */
  byte[] draw(int frames) {
    byte[] pixels = new byte[frames * height * width * 3];
    for (int frame = 0; frame < frames; frame++) {
      float[] picture = new float[background.length];
      for (int i = 0; i < picture.length; i++) {
        picture[i] = background[i];
      }
      for (Shape shape : shapes) {
        paint(shape, shape.course().at(frame), picture);
      }
      int offset = frame * picture.length;
      for (int i = 0; i < picture.length; i++) {
        int value = Math.round(picture[i]) + random.nextInt(-6, 7);
        pixels[offset + i] = (byte) Math.max(0, Math.min(255, value));
      }
    }
    return pixels;
  }

  private void paint(Shape shape, Motion.State state, float[] picture) {
    double size = state.size() * Math.min(width, height);
    for (int y = 0; y < height; y++) {
      double dy = fromCentre((y + 0.5) / height - state.y()) * height;
      for (int x = 0; x < width; x++) {
        double dx = fromCentre((x + 0.5) / width - state.x()) * width;
        float cover = Math.hypot(dx, dy) > 1.5 * size ? 0 : (float) shape.cover(dx, dy, size);
        int at = 3 * (y * width + x);
        for (int c = 0; cover > 0 && c < 3; c++) {
          picture[at + c] += cover * (shape.ink()[c] - picture[at + c]);
        }
      }
    }
  }

  /** The shortest way on a circle of circumference 1: -0.5 to 0.5. */
  private static double fromCentre(double distance) {
    return distance - Math.rint(distance);
  }
}
