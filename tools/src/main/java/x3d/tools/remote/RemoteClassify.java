package x3d.tools.remote;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import x3d.serve.client.ClassifyClient;
import x3d.serve.client.ProblemException;
import x3d.serve.client.Question;
import x3d.serve.client.ServedModel;
import x3d.serve.client.UnreachableException;
import x3d.tools.Progress;
import x3d.tools.Workers;

/**
 * Shows videos to a server, several at a time.
 *
 * <p>A video that cannot be used, or whose answer does not come, costs itself only. Where every other would fare the same (there is no
 * server, it wants another key) all ends.
 */
public final class RemoteClassify {
  /** What the server says where the video, and nothing else, is at fault. */
  private static final Set<Integer> OF_THE_VIDEO = Set.of(413, 422);

  /** Failures of a moment, or of the server with this video: retries have not helped, others may do better. */
  private static final Set<Integer> OF_THE_MOMENT = Set.of(408, 429, 500, 502, 503, 504);

  private final RemoteOptions options;
  private final ClassifyClient client;
  private final Question question;
  private final Asked asked;

  /**
   * Asks the server for its models.
   *
   * @param questioning makes of a model's name what is asked of it
   * @throws IOException if the server cannot be reached, wants another key, or has no such model
   */
  public RemoteClassify(RemoteOptions options, Function<String, Question> questioning)
      throws IOException, InterruptedException {
    this.options = options;
    this.client = options.client();
    ServedModel model = model();
    this.question = questioning.apply(model.name());
    this.asked = new Asked(
        model.name(),
        question.views() == null ? model.views() : question.views(),
        question.crops() == null ? model.crops() : question.crops(),
        Math.min(question.top(), model.classes()));
  }

  private ServedModel model() throws IOException, InterruptedException {
    List<ServedModel> models = client.models();
    return models.stream()
        .filter(model -> options.modelName().map(model.name()::equals).orElse(true))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(options.server() + " has no model '"
            + options.modelName().orElse("") + "'; it has "
            + models.stream().map(ServedModel::name).collect(Collectors.joining(", "))));
  }

  /**
   * Hands over what came of each video, in the order of the videos.
   *
   * @return whether all were answered
   */
  public boolean answer(List<Path> videos, Consumer<Outcome> taker) throws InterruptedException {
    InOrder ordered = new InOrder(taker);
    List<Outcome> outcomes = Workers.each(
        options.concurrency(),
        videos.size(),
        i -> {
          Outcome outcome = ask(videos.get(i));
          ordered.put(i, outcome);
          return outcome;
        },
        done -> {});
    return outcomes.stream().noneMatch(Outcome::failed);
  }

  /** Holds back what comes before its turn. */
  private static final class InOrder {
    private final Consumer<Outcome> taker;
    private final Map<Integer, Outcome> early = new TreeMap<>();
    private int next;

    InOrder(Consumer<Outcome> taker) {
      this.taker = taker;
    }

    synchronized void put(int index, Outcome outcome) {
      early.put(index, outcome);
      for (Outcome due = early.remove(next); due != null; due = early.remove(next)) {
        taker.accept(due);
        next++;
      }
    }
  }

  /**
   * Adds to a file what comes of the videos that it says nothing of yet, in the order in which the server answers. A failure that is
   * not the video's own is not written down, so that a later run asks again.
   *
   * @param log is told how it goes
   * @return all that failed, earlier ones too, in the order of the videos
   */
  public List<Outcome> fill(Path path, List<Path> videos, PrintWriter log)
      throws IOException, InterruptedException {
    try (AnswerFile file = AnswerFile.open(path, asked)) {
      List<Path> once = videos.stream().distinct().toList();
      List<Path> open =
          once.stream().filter(video -> file.find(video).isEmpty()).toList();
      if (open.size() < once.size()) {
        log.println(
            (once.size() - open.size()) + " of " + once.size() + " were answered before: " + path);
        log.flush();
      }
      Map<Path, Outcome> now = added(open, file, log).stream()
          .collect(Collectors.toMap(Outcome::video, outcome -> outcome));
      return once.stream()
          .map(video -> file.find(video).orElseGet(() -> now.get(video)))
          .filter(Outcome::failed)
          .toList();
    }
  }

  private List<Outcome> added(List<Path> open, AnswerFile file, PrintWriter log)
      throws InterruptedException {
    try (Progress progress = Progress.of(open.size(), log)) {
      return Workers.each(
          options.concurrency(),
          open.size(),
          i -> {
            Outcome outcome = ask(open.get(i));
            if (outcome.lasting()) {
              file.add(outcome);
            }
            return outcome;
          },
          progress);
    }
  }

  /** @throws UncheckedIOException if other videos would fare the same */
  private Outcome ask(Path video) {
    if (!Files.isRegularFile(video) || !Files.isReadable(video)) {
      return Outcome.failed(video, "no such file, or it may not be read", false);
    }
    try {
      return Files.size(video) == 0
          ? Outcome.failed(video, "the file is empty", true)
          : Outcome.answered(video, client.classify(video, question));
    } catch (ProblemException e) {
      if (OF_THE_VIDEO.contains(e.status())) {
        return Outcome.failed(video, e.detail(), true);
      }
      if (OF_THE_MOMENT.contains(e.status())) {
        return Outcome.failed(video, e.getMessage(), false);
      }
      throw new UncheckedIOException(e);
    } catch (UnreachableException e) {
      throw new UncheckedIOException(e);
    } catch (IOException e) {
      return Outcome.failed(video, e.getMessage(), false);
    } catch (InterruptedException e) {
      throw new UncheckedIOException(new InterruptedIOException("given up"));
    }
  }
}
