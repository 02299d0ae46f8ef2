package x3d.tools;

import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * The classes of the demonstration: what shapes do, all together. Where, how large and how turned they are is spread alike in
 * every class and at every moment, so that one frame says nothing of the class.
 */
enum Motion {
  LEFT,
  RIGHT,
  UP,
  DOWN,
  CLOCKWISE,
  COUNTERCLOCKWISE,
  GROWING,
  SHRINKING;

  /** How much larger the largest shapes are drawn than they are. */
  private static final double MOST_ZOOM = 1.8;

  /**
   * How the plane of the shapes lies under the picture at one moment.
   *
   * @param x of the plane's point in the middle of the picture, in pixels of the plane
   * @param y of the same, downwards
   * @param angle that the plane is turned clockwise by, in radians
   * @param zoom pixels of the picture for one of the plane
   */
  record State(double x, double y, double angle, double zoom) {}

  /** The plane's whole way: its state at each frame. */
  interface Course {
    State at(int frame);
  }

  /**
   * Draws a course of this class: where it starts and how fast it goes.
   *
   * @param frames of the video
   */
  Course draw(int frames, RandomGenerator random) {
    double x = random.nextDouble(1000);
    double y = random.nextDouble(1000);
    double angle = random.nextDouble(2 * Math.PI);
    double pixels = random.nextDouble(1.0, 1.8);
    double turn = random.nextDouble(0.05, 0.09);
    // Through a part of the range of sizes in each video, towards either end; the others stay at
    // one size of it.
    double part = random.nextDouble(0.7, 1.0);
    double from = random.nextDouble(0, 1 - part);
    double still = zoom(from + part * random.nextDouble());
    return switch (this) {
      case LEFT -> moving(x, y, angle, still, -pixels, 0);
      case RIGHT -> moving(x, y, angle, still, pixels, 0);
      case UP -> moving(x, y, angle, still, 0, -pixels);
      case DOWN -> moving(x, y, angle, still, 0, pixels);
      case CLOCKWISE -> frame -> new State(x, y, angle + turn * frame, still);
      case COUNTERCLOCKWISE -> frame -> new State(x, y, angle - turn * frame, still);
      case GROWING -> frame -> new State(x, y, angle, zoom(from + part * frame / (frames - 1)));
      case SHRINKING ->
        frame -> new State(x, y, angle, zoom(from + part * (frames - 1 - frame) / (frames - 1)));
    };
  }

  /** Shapes that move one way in the picture: the middle of the picture goes the other way over the plane. */
  private static Course moving(
      double x, double y, double angle, double zoom, double right, double down) {
    double alongX = (Math.cos(angle) * right + Math.sin(angle) * down) / zoom;
    double alongY = (Math.cos(angle) * down - Math.sin(angle) * right) / zoom;
    return frame -> new State(x - alongX * frame, y - alongY * frame, angle, zoom);
  }

  /** From 1 / MOST_ZOOM at 0 to MOST_ZOOM at 1, by equal factors. */
  private static double zoom(double part) {
    return Math.pow(MOST_ZOOM, 2 * part - 1);
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
