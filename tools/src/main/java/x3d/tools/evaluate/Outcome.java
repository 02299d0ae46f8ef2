package x3d.tools.evaluate;

import java.util.List;
import x3d.classify.Ranked;

/**
 * What came of one video of a list. One of {@code prediction} and {@code failed} is null: they are of the look with the most views
 * and crops.
 *
 * @param index the video's place in the list, from 0
 * @param ranks of each look, what place the video's own class had in the answer, from 1; 0 where the video could not be read
 */
public record Outcome(int index, Prediction prediction, Failed failed, List<Integer> ranks) {
  /** Copies the list. */
  public Outcome {
    ranks = List.copyOf(ranks);
    if ((prediction == null) == (failed == null)) {
      throw new IllegalArgumentException("a video has either a prediction or a reason");
    }
  }

  /**
   * A video that could not be read.
   *
   * @param kind of reason, as {@link x3d.video.VideoException.Reason} in lower case; {@value #MISSING} where there is no such file
   */
  public record Failed(int index, String video, String kind, String reason) {
    static final String MISSING = "unreadable";

    boolean missing() {
      return kind.equals(MISSING);
    }
  }

  /**
   * What was said of a video.
   *
   * @param label the class it has
   * @param rank of that class in the answer, from 1
   * @param probability of that class
   * @param top the likeliest classes, likeliest first
   * @param votes the likeliest class of each view and crop, crops of one view together
   */
  public record Prediction(
      int index,
      String video,
      int label,
      int rank,
      float probability,
      List<Ranked> top,
      List<Integer> votes) {
    /** Copies the lists. */
    public Prediction {
      top = List.copyOf(top);
      votes = List.copyOf(votes);
    }

    boolean right() {
      return rank == 1;
    }

    Ranked answer() {
      return top.get(0);
    }
  }
}
