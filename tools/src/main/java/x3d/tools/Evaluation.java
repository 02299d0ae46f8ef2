package x3d.tools;

import java.util.ArrayList;
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

/** Classifies every video of a data set and counts how often the model is right. */
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
   * @param model what to call the model in the report
   * @param done told after each video how many are done, by several threads
   */
  EvaluationReport run(String model, IntConsumer done) throws InterruptedException {
    List<Outcome> outcomes = Workers.each(AT_ONCE, data.size(), this::look, done);
    List<Prediction> predictions = new ArrayList<>();
    List<Failed> failed = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      if (outcome.failed() == null) {
        predictions.add(outcome.prediction());
      } else {
        failed.add(outcome.failed());
      }
    }
    return EvaluationReport.of(
        model, data.file().toString(), views, classifier.classNames(), predictions, failed);
  }

  /** One of the two is null. */
  private record Outcome(Prediction prediction, Failed failed) {}

  private Outcome look(int index) {
    String video = data.video(index).toString();
    try {
      Classification answer = classifier.classify(data.video(index), views);
      int label = data.label(index);
      return new Outcome(new Prediction(video, label, rank(answer, label), answer.top(KEPT)), null);
    } catch (VideoException e) {
      return new Outcome(null, new Failed(video, e.getMessage()));
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
