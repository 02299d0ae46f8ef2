package x3d.tools;

import java.util.random.RandomGenerator;

/**
 * Draws a video of coloured shapes on a grainy plane. All of it is random but for what the plane does under the picture.
 */
final class MovingShapes {
  /** Side of the plane in pixels; beyond its edges it repeats. */
  private static final int SIDE = 128;

  private static final int SHAPES = 26;

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

  private final RandomGenerator random;
  private final float[] plane = new float[3 * SIDE * SIDE];

  /** @param random the source of everything but the motion */
  MovingShapes(RandomGenerator random) {
    this.random = random;
    int[] paper = {random.nextInt(10, 110), random.nextInt(10, 110), random.nextInt(10, 110)};
    for (int i = 0; i < plane.length; i += 3) {
      float light = random.nextFloat(-12, 12);
      for (int c = 0; c < 3; c++) {
        plane[i + c] = paper[c] + light;
      }
    }
    for (int i = 0; i < SHAPES; i++) {
      paintShape();
    }
  }

  private void paintShape() {
    Outline outline = Outline.values()[random.nextInt(Outline.values().length)];
    double size = random.nextDouble(5, 13);
    double tilt = random.nextDouble(2 * Math.PI);
    double sin = Math.sin(tilt);
    double cos = Math.cos(tilt);
    int[] ink = {random.nextInt(90, 256), random.nextInt(90, 256), random.nextInt(90, 256)};
    int centreX = random.nextInt(SIDE);
    int centreY = random.nextInt(SIDE);
    int reach = (int) Math.ceil(1.5 * size);
    for (int dy = -reach; dy <= reach; dy++) {
      for (int dx = -reach; dx <= reach; dx++) {
        double inside = 0.5
            - size * outline.distance((cos * dx + sin * dy) / size, (cos * dy - sin * dx) / size);
        float cover = (float) Math.max(0, Math.min(1, inside));
        int at = at(centreX + dx, centreY + dy);
        for (int c = 0; c < 3; c++) {
          plane[at + c] += cover * (ink[c] - plane[at + c]);
        }
      }
    }
  }

  private static int at(int x, int y) {
    return 3 * (Math.floorMod(y, SIDE) * SIDE + Math.floorMod(x, SIDE));
  }

  /** @return the frames one after the other, each RGB rows from the top: [T, H, W, 3] */
  byte[] draw(Motion motion, int frames, int width, int height) {
    Motion.Course course = motion.draw(frames, random);
    byte[] pixels = new byte[frames * height * width * 3];
    int offset = 0;
    for (int frame = 0; frame < frames; frame++) {
      Motion.State state = course.at(frame);
      double sin = Math.sin(state.angle()) / state.zoom();
      double cos = Math.cos(state.angle()) / state.zoom();
      for (int y = 0; y < height; y++) {
        double dy = y + 0.5 - height / 2.0;
        for (int x = 0; x < width; x++) {
          double dx = x + 0.5 - width / 2.0;
          look(state.x() + cos * dx + sin * dy, state.y() + cos * dy - sin * dx, pixels, offset);
          offset += 3;
        }
      }
    }
    return pixels;
  }

  /** The plane at a place, bilinear, with the flicker of a camera. */
  private void look(double x, double y, byte[] pixels, int offset) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    float right = (float) (x - left);
    float down = (float) (y - top);
    int flicker = random.nextInt(-6, 7);
    for (int c = 0; c < 3; c++) {
      float above = (1 - right) * plane[at(left, top) + c] + right * plane[at(left + 1, top) + c];
      float below =
          (1 - right) * plane[at(left, top + 1) + c] + right * plane[at(left + 1, top + 1) + c];
      int value = Math.round((1 - down) * above + down * below) + flicker;
      pixels[offset + c] = (byte) Math.max(0, Math.min(255, value));
    }
  }
}
