package x3d.tools;

import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import x3d.classify.Classification;
import x3d.classify.Classifier;
import x3d.classify.Ranked;
import x3d.classify.Views;
import x3d.tools.EvaluationReport.Failed;
import x3d.tools.EvaluationReport.Prediction;
import x3d.train.DataSet;
import x3d.video.VideoException;

/** Classifies the videos of a data set and says what place each one's own class has in the answer. */
final class Evaluation {
  private static final int KEPT = 5;

  /** One video is read while the network works on another. */
  private static final int AT_ONCE = 2;

  private final Classifier classifier;
  private final DataSet data;
  private final Views views;

  Evaluation(Classifier classifier, DataSet data, Views views) {
    this.classifier = classifier;
    this.data = data;
    this.views = views;
  }

  /**
   * Looks at the videos of one shard.
   *
   * @param done told after each video how many are done, by several threads
   */
  List<Outcome> run(Shard shard, IntConsumer done) throws InterruptedException {
    return Workers.each(AT_ONCE, shard.size(data.size()), k -> look(shard.item(k)), done);
  }

  private Outcome look(int index) {
    String video = data.video(index).toString();
    try {
      Classification answer = classifier.classify(data.video(index), views);
      int label = data.label(index);
      return new Outcome(
          index, new Prediction(video, label, rank(answer, label), answer.top(KEPT)), null);
    } catch (VideoException e) {
      return new Outcome(index, null, new Failed(video, e.getMessage()));
    }
  }

  private static int rank(Classification answer, int label) {
    List<Ranked> all = answer.top(Integer.MAX_VALUE);
    return IntStream.range(0, all.size())
            .filter(i -> all.get(i).label() == label)
            .findFirst()
            .orElseThrow()
        + 1;
  }
}
