package x3d.tools;

import java.util.random.RandomGenerator;

/** Draws a video of one shape on a grainy background, all of it random but for what the shape does. */
final class MovingShape {
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
  private final Motion.Course course;
  private final Outline outline;
  private final double tilt;
  private final int[] ink;
  private final int[] background;
  private final RandomGenerator random;

  /**
   * @param width of the picture in pixels
   * @param height of the picture in pixels
   * @param random the source of everything else
   */
  MovingShape(Motion motion, int width, int height, RandomGenerator random) {
    this.width = width;
    this.height = height;
    this.random = random;
    this.course = motion.draw(random);
    this.outline = Outline.values()[random.nextInt(Outline.values().length)];
    this.tilt = random.nextDouble(2 * Math.PI);
    int[] paper = {random.nextInt(30, 226), random.nextInt(30, 226), random.nextInt(30, 226)};
    this.ink = contrasting(paper, random);
    this.background = grain(paper, width, height, random);
  }

  private static int[] contrasting(int[] paper, RandomGenerator random) {
    int[] ink = new int[3];
    do {
      for (int c = 0; c < 3; c++) {
        ink[c] = random.nextInt(256);
      }
    } while (Math.abs(ink[0] - paper[0]) + Math.abs(ink[1] - paper[1]) + Math.abs(ink[2] - paper[2])
        < 200);
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
      draw(course.at(frame), pixels, frame * height * width * 3);
    }
    return pixels;
  }

  private void draw(Motion.State state, byte[] pixels, int offset) {
    double size = state.size() * Math.min(width, height);
    double sin = Math.sin(tilt);
    double cos = Math.cos(tilt);
    for (int y = 0; y < height; y++) {
      double dy = fromCentre((y + 0.5) / height - state.y()) * height / size;
      for (int x = 0; x < width; x++) {
        double dx = fromCentre((x + 0.5) / width - state.x()) * width / size;
        double inside = 0.5 - size * outline.distance(cos * dx + sin * dy, cos * dy - sin * dx);
        double cover = Math.max(0, Math.min(1, inside));
        int flicker = random.nextInt(-6, 7);
        int at = 3 * (y * width + x);
        for (int c = 0; c < 3; c++) {
          double value = background[at + c] + cover * (ink[c] - background[at + c]) + flicker;
          pixels[offset + at + c] = (byte) Math.max(0, Math.min(255, Math.round(value)));
        }
      }
    }
  }

  /** The shortest way on a circle of circumference 1: -0.5 to 0.5. */
  private static double fromCentre(double distance) {
    return distance - Math.rint(distance);
  }
}
