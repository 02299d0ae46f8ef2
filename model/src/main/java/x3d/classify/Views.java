package x3d.classify;

/**
 * How often a model looks at one video.
 *
 * @param views clips spread evenly over the video, 1 or more
 * @param crops squares of each clip: 1 (the centre, of the size trained with) or 3 (left, centre, right of the whole short
 *     side, or top, centre, bottom of an upright video), as SlowFast's {@code NUM_SPATIAL_CROPS}
 */
public record Views(int views, int crops) {
  public Views {
    if (views < 1) {
      throw new IllegalArgumentException("views must be 1 or more, not " + views);
    }
    if (crops != 1 && crops != 3) {
      throw new IllegalArgumentException(
          "crops must be 1 (centre) or 3 (left, centre, right), not " + crops);
    }
  }
}
