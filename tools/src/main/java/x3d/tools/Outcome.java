package x3d.tools;

import x3d.tools.EvaluationReport.Failed;
import x3d.tools.EvaluationReport.Prediction;

/**
 * What came of one video of a list. One of the last two is null.
 *
 * @param index the video's place in the list, from 0
 */
record Outcome(int index, Prediction prediction, Failed failed) {
  Outcome {
    if ((prediction == null) == (failed == null)) {
      throw new IllegalArgumentException("a video has either a prediction or a reason");
    }
  }
}
