package x3d.tools;

import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * The classes of the demonstration: what a shape does. Positions are fractions of the picture and wrap around its edges;
 * sizes and positions are spread alike in every class, so that one frame says nothing of the class.
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

  /** Half the width of a shape, as a fraction of the picture's shorter side. */
  static final double SMALLEST = 0.12;

  static final double LARGEST = 0.3;

  /**
   * Where a shape is at one moment.
   *
   * @param x of its centre, a fraction of the width, to be taken modulo 1
   * @param y of its centre, downwards, a fraction of the height, to be taken modulo 1
   * @param size half its width, a fraction of the shorter side
   */
  record State(double x, double y, double size) {}

  /** A shape's whole way: its state at each frame. */
  interface Course {
    State at(int frame);
  }

  /** Draws a course of this class: where it starts, how fast and how large. */
  Course draw(RandomGenerator random) {
    double x = random.nextDouble();
    double y = random.nextDouble();
    double phase = random.nextDouble();
    // 1/48 to 1/28 of the way a frame: slow enough that every fourth frame still shows the
    // direction.
    double speed = 1.0 / random.nextDouble(28, 48);
    double radius = random.nextDouble(0.18, 0.28);
    return switch (this) {
      case LEFT -> frame -> new State(x - speed * frame, y, sizeAt(phase));
      case RIGHT -> frame -> new State(x + speed * frame, y, sizeAt(phase));
      case UP -> frame -> new State(x, y - speed * frame, sizeAt(phase));
      case DOWN -> frame -> new State(x, y + speed * frame, sizeAt(phase));
      case CLOCKWISE -> around(x, y, radius, speed, phase);
      case COUNTERCLOCKWISE -> around(x, y, radius, -speed, phase);
      case GROWING -> frame -> new State(x, y, sizeAt(phase + speed * frame));
      case SHRINKING -> frame -> new State(x, y, sizeAt(phase - speed * frame));
    };
  }

  /** Downwards y makes a growing angle clockwise. */
  private static Course around(double x, double y, double radius, double speed, double phase) {
    return frame -> {
      double angle = 2 * Math.PI * (phase + speed * frame);
      return new State(
          x + radius * Math.cos(angle), y + radius * Math.sin(angle), sizeAt((x + y) % 1));
    };
  }

  /** The size at a point of the growing cycle: geometric from the smallest to the largest, then from the start again. */
  private static double sizeAt(double phase) {
    return SMALLEST * Math.pow(LARGEST / SMALLEST, phase - Math.floor(phase));
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
