package x3d.tools;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import x3d.classify.Ranked;
import x3d.classify.Views;

/**
 * How well a model names a list of videos. Accuracies are in percent, over the videos that could be read; the others are
 * in {@code failed}.
 *
 * @param top1 percent of videos whose own class came first
 * @param top5 percent of videos whose own class came among the first five
 * @param videos how many were classified
 */
record EvaluationReport(
    String model,
    String data,
    int views,
    int crops,
    double top1,
    double top5,
    int videos,
    List<Failed> failed,
    List<PerClass> perClass,
    List<Prediction> predictions) {

  /** A video that could not be read. */
  record Failed(String video, String reason) {}

  /** One class's part; only classes that have videos. */
  record PerClass(int label, String name, int videos, double top1, double top5) {}

  /**
   * One video's part.
   *
   * @param label the class it has
   * @param rank of that class in the answer, from 1
   */
  record Prediction(String video, int label, int rank, List<Ranked> top) {
    Prediction {
      top = List.copyOf(top);
    }
  }

  EvaluationReport {
    failed = List.copyOf(failed);
    perClass = List.copyOf(perClass);
    predictions = List.copyOf(predictions);
  }

  /** @param outcomes in the order in which the report is to name the videos */
  static EvaluationReport of(
      String model, String data, Views views, List<String> classNames, List<Outcome> outcomes) {
    List<Prediction> predictions =
        outcomes.stream().map(Outcome::prediction).filter(Objects::nonNull).toList();
    List<Failed> failed =
        outcomes.stream().map(Outcome::failed).filter(Objects::nonNull).toList();
    List<PerClass> perClass = new ArrayList<>();
    for (int label : IntStream.range(0, classNames.size()).toArray()) {
      List<Prediction> own =
          predictions.stream().filter(p -> p.label() == label).toList();
      if (!own.isEmpty()) {
        perClass.add(
            new PerClass(label, classNames.get(label), own.size(), within(1, own), within(5, own)));
      }
    }
    return new EvaluationReport(
        model,
        data,
        views.views(),
        views.crops(),
        within(1, predictions),
        within(5, predictions),
        predictions.size(),
        failed,
        perClass,
        predictions);
  }

  private static double within(int rank, List<Prediction> predictions) {
    if (predictions.isEmpty()) {
      return 0;
    }
    return 100.0 * predictions.stream().filter(p -> p.rank() <= rank).count() / predictions.size();
  }

  /** How often the first answer for a video of one class was another, most often first. */
  List<Map.Entry<Confusion, Integer>> confusions() {
    Map<Confusion, Integer> counts = new LinkedHashMap<>();
    for (Prediction p : predictions) {
      if (p.rank() > 1) {
        counts.merge(new Confusion(p.label(), p.top().get(0).label()), 1, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .sorted(Map.Entry.<Confusion, Integer>comparingByValue(Comparator.reverseOrder()))
        .toList();
  }

  /** A video of class {@code label} taken for one of {@code answer}. */
  record Confusion(int label, int answer) {}
}
