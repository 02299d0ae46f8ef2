package x3d.tools.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import x3d.classify.Classification;
import x3d.classify.Classifier;
import x3d.classify.Ranked;
import x3d.classify.Views;
import x3d.tools.Shard;
import x3d.tools.Workers;
import x3d.tools.evaluate.Outcome.Failed;
import x3d.tools.evaluate.Outcome.Prediction;
import x3d.tools.evaluate.Timing.Cost;
import x3d.train.DataSet;
import x3d.video.VideoException;

/** Classifies the videos of a data set and says what place each one's own class has in the answer. */
final class Evaluation {
  private static final int KEPT = 5;

  /** One video is read while the network works on another. */
  private static final int AT_ONCE = 2;

  /** Videos that each look is timed on. */
  private static final int TIMED = 8;

  private final Classifier classifier;
  private final DataSet data;
  private final List<Views> looks;

  /** @param looks the last of which the report is about */
  Evaluation(Classifier classifier, DataSet data, List<Views> looks) {
    this.classifier = classifier;
    this.data = data;
    this.looks = looks;
  }

  /** What was seen, in the order of the videos, and what that took. */
  record Seen(List<Outcome> outcomes, Timing timing) {}

  /**
   * Looks at the videos of one shard.
   *
   * @param known outcomes by index, of videos that need no second look
   * @param each told each new outcome, by several threads
   * @param done told after each video how many are done, by several threads
   */
  Seen run(Shard shard, Map<Integer, Outcome> known, Consumer<Outcome> each, IntConsumer done)
      throws InterruptedException {
    looks.forEach(classifier::require);
    List<Integer> own =
        IntStream.range(0, shard.size(data.size())).map(shard::item).boxed().toList();
    List<Integer> left = own.stream().filter(index -> !known.containsKey(index)).toList();
    long start = System.nanoTime();
    Map<Integer, Outcome> all = new TreeMap<>(known);
    Workers.each(
            AT_ONCE,
            left.size(),
            k -> {
              Outcome outcome = look(left.get(k));
              each.accept(outcome);
              return outcome;
            },
            done)
        .forEach(outcome -> all.put(outcome.index(), outcome));
    double seconds = (System.nanoTime() - start) / 1e9;
    long clips = left.stream().mapToLong(index -> clips(all.get(index))).sum();
    List<Outcome> outcomes = own.stream().map(all::get).toList();
    return new Seen(
        outcomes,
        new Timing(seconds, left.size(), clips, own.size() - left.size(), costs(outcomes)));
  }

  private long clips(Outcome outcome) {
    return IntStream.range(0, looks.size())
        .filter(i -> outcome.ranks().get(i) > 0)
        .mapToLong(i -> (long) looks.get(i).views() * looks.get(i).crops())
        .sum();
  }

  private Outcome look(int index) {
    try {
      List<Classification> answers = classifier.classify(data.video(index), looks);
      List<Integer> ranks =
          answers.stream().map(answer -> rank(answer, data.label(index))).toList();
      return new Outcome(index, prediction(index, answers.get(answers.size() - 1)), null, ranks);
    } catch (VideoException e) {
      return looks.size() == 1 ? failed(index, e) : lookSeparately(index);
    }
  }

  private Outcome failed(int index, VideoException e) {
    return new Outcome(index, null, failure(index, e), List.of(0));
  }

  private Failed failure(int index, VideoException e) {
    return new Failed(
        index,
        data.video(index).toString(),
        e.reason().name().toLowerCase(Locale.ROOT),
        e.getMessage());
  }

  /** Of a damaged video, looks that need less of it may see what others cannot. */
  private Outcome lookSeparately(int index) {
    List<Integer> ranks = new ArrayList<>();
    Prediction prediction = null;
    Failed failed = null;
    for (Views views : looks) {
      try {
        Classification answer = classifier.classify(data.video(index), views);
        ranks.add(rank(answer, data.label(index)));
        prediction = prediction(index, answer);
        failed = null;
      } catch (VideoException e) {
        ranks.add(0);
        prediction = null;
        failed = failure(index, e);
      }
    }
    return new Outcome(index, prediction, failed, ranks);
  }

  private Prediction prediction(int index, Classification answer) {
    int label = data.label(index);
    return new Prediction(
        index,
        data.video(index).toString(),
        label,
        rank(answer, label),
        answer.probabilities()[label],
        answer.top(KEPT),
        answer.perView().stream().map(Evaluation::likeliest).toList());
  }

  private static int rank(Classification answer, int label) {
    List<Ranked> all = answer.top(Integer.MAX_VALUE);
    return IntStream.range(0, all.size())
            .filter(i -> all.get(i).label() == label)
            .findFirst()
            .orElseThrow()
        + 1;
  }

  private static int likeliest(float[] probabilities) {
    int best = 0;
    for (int i = 1; i < probabilities.length; i++) {
      best = probabilities[i] > probabilities[best] ? i : best;
    }
    return best;
  }

  /** Times each look by itself, on a few videos that are spread over the readable ones. */
  private List<Cost> costs(List<Outcome> outcomes) {
    List<Outcome> readable =
        outcomes.stream().filter(o -> !o.ranks().contains(0)).toList();
    if (looks.size() == 1 || readable.isEmpty()) {
      return List.of();
    }
    int count = Math.min(TIMED, readable.size());
    List<Cost> costs = new ArrayList<>();
    for (Views views : looks) {
      long start = System.nanoTime();
      for (int i = 0; i < count; i++) {
        time(readable.get((int) ((long) i * readable.size() / count)).index(), views);
      }
      double millis = (System.nanoTime() - start) / 1e6 / count;
      costs.add(new Cost(views.views(), views.crops(), count, millis));
    }
    return costs;
  }

  private void time(int index, Views views) {
    try {
      classifier.classify(data.video(index), views);
    } catch (VideoException e) {
      throw new IllegalStateException(
          data.video(index) + ": could be read before, and cannot now: " + e.getMessage(), e);
    }
  }
}
