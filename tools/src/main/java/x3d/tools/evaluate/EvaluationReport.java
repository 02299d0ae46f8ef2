package x3d.tools.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import x3d.classify.Views;
import x3d.tools.evaluate.Outcome.Failed;
import x3d.tools.evaluate.Outcome.Prediction;

/**
 * How well a model names a list of videos. Accuracies are in percent, over the videos that could be read; the others are
 * in {@code failed}.
 *
 * @param top1 percent of videos whose own class came first
 * @param top5 percent of videos whose own class came among the first five
 * @param videos how many were classified
 * @param expected how many are in the list
 * @param found how many of those exist
 * @param bounds what top-1 would be with the others
 * @param confusions how often the first answer for a video of one class was another, most often first
 * @param curve accuracy by look
 */
public record EvaluationReport(
    String model,
    String data,
    int views,
    int crops,
    double top1,
    double top5,
    int videos,
    Interval top1Interval,
    Interval top5Interval,
    int expected,
    int found,
    Bounds bounds,
    Provenance provenance,
    List<Failed> failed,
    List<PerClass> perClass,
    Calibration calibration,
    List<Confusion> confusions,
    List<Point> curve,
    List<Prediction> predictions) {

  /**
   * What top-1 would be, in percent of all videos of the list, if all that could not be read were answered wrongly, or rightly.
   */
  record Bounds(double ifWrong, double ifRight) {}

  /** What the figures come from. */
  record Provenance(
      String version, String modelSha256, String dataSha256, String separator, String provider) {}

  /** One class's part; only classes that have videos. */
  record PerClass(
      int label, String name, int videos, double top1, double top5, Interval top1Interval) {}

  /** Videos of class {@code label} taken for one of {@code answer}. */
  record Confusion(int label, int answer, int videos) {}

  /**
   * What one look comes to.
   *
   * @param clips that the network sees of each video
   * @param videos that could be read
   * @param pareto whether no look of as few clips, or fewer, is as good
   */
  record Point(
      int views,
      int crops,
      int clips,
      int videos,
      double top1,
      double top5,
      Interval top1Interval,
      boolean pareto) {}

  /** Copies the lists. */
  public EvaluationReport {
    failed = List.copyOf(failed);
    perClass = List.copyOf(perClass);
    confusions = List.copyOf(confusions);
    curve = List.copyOf(curve);
    predictions = List.copyOf(predictions);
  }

  /** @param outcomes in the order in which the report is to name the videos */
  static EvaluationReport of(Subject subject, List<Outcome> outcomes) {
    List<Prediction> predictions =
        outcomes.stream().map(Outcome::prediction).filter(Objects::nonNull).toList();
    List<Failed> failed =
        outcomes.stream().map(Outcome::failed).filter(Objects::nonNull).toList();
    List<Integer> ranks = predictions.stream().map(Prediction::rank).toList();
    int right = within(1, ranks);
    int among = within(5, ranks);
    Views main = subject.main();
    return new EvaluationReport(
        subject.model(),
        subject.data(),
        main.views(),
        main.crops(),
        percent(right, ranks.size()),
        percent(among, ranks.size()),
        ranks.size(),
        Interval.of(right, ranks.size()),
        Interval.of(among, ranks.size()),
        outcomes.size(),
        outcomes.size() - (int) failed.stream().filter(Failed::missing).count(),
        new Bounds(
            percent(right, outcomes.size()), percent(right + failed.size(), outcomes.size())),
        new Provenance(
            subject.version(),
            subject.modelSha256(),
            subject.dataSha256(),
            subject.separator(),
            subject.provider()),
        failed,
        perClass(subject.classNames(), predictions),
        Calibration.of(predictions),
        confusions(predictions),
        curve(subject.looks(), outcomes),
        predictions);
  }

  private static List<PerClass> perClass(List<String> names, List<Prediction> predictions) {
    Map<Integer, List<Integer>> ranks = predictions.stream()
        .collect(Collectors.groupingBy(
            Prediction::label, Collectors.mapping(Prediction::rank, Collectors.toList())));
    return IntStream.range(0, names.size())
        .filter(ranks::containsKey)
        .mapToObj(label -> {
          List<Integer> own = ranks.get(label);
          int right = within(1, own);
          return new PerClass(
              label,
              names.get(label),
              own.size(),
              percent(right, own.size()),
              percent(within(5, own), own.size()),
              Interval.of(right, own.size()));
        })
        .toList();
  }

  private static List<Confusion> confusions(List<Prediction> predictions) {
    Map<List<Integer>, Integer> counts = new LinkedHashMap<>();
    for (Prediction p : predictions) {
      if (!p.right()) {
        counts.merge(List.of(p.label(), p.answer().label()), 1, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .map(e -> new Confusion(e.getKey().get(0), e.getKey().get(1), e.getValue()))
        .sorted(Comparator.comparing(Confusion::videos, Comparator.reverseOrder())
            .thenComparing(Confusion::label)
            .thenComparing(Confusion::answer))
        .toList();
  }

  private static List<Point> curve(List<Views> looks, List<Outcome> outcomes) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < looks.size(); i++) {
      int look = i;
      List<Integer> ranks = outcomes.stream()
          .map(o -> o.ranks().get(look))
          .filter(rank -> rank > 0)
          .toList();
      int right = within(1, ranks);
      Views views = looks.get(i);
      points.add(new Point(
          views.views(),
          views.crops(),
          views.views() * views.crops(),
          ranks.size(),
          percent(right, ranks.size()),
          percent(within(5, ranks), ranks.size()),
          Interval.of(right, ranks.size()),
          true));
    }
    return points.stream()
        .map(p -> new Point(
            p.views,
            p.crops,
            p.clips,
            p.videos,
            p.top1,
            p.top5,
            p.top1Interval,
            points.stream().noneMatch(q -> beats(q, p))))
        .toList();
  }

  private static boolean beats(Point q, Point p) {
    return q.clips <= p.clips && q.top1 >= p.top1 && (q.clips < p.clips || q.top1 > p.top1);
  }

  private static int within(int rank, List<Integer> ranks) {
    return (int) ranks.stream().filter(r -> r <= rank).count();
  }

  private static double percent(int part, int all) {
    return all == 0 ? 0 : 100.0 * part / all;
  }
}
