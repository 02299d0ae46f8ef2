package x3d.tools;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.classify.Classification;
import x3d.classify.Classifier;
import x3d.classify.Ranked;
import x3d.classify.Views;
import x3d.collective.Collective;
import x3d.runtime.Device;
import x3d.tools.remote.Outcome;
import x3d.tools.remote.RemoteClassify;
import x3d.tools.remote.RemoteOptions;
import x3d.train.JobOptions;
import x3d.video.VideoException;

/** Says what videos show. */
@Command(
    name = "classify",
    description = {
      "Say what videos show, with a model here or by asking a server.",
      "A run with --out that was killed goes on where it was when the same is called again.",
      "Under mpirun or srun the ranks share the videos, and rank 0 answers for all."
    },
    sortOptions = false)
final class ClassifyCommand implements Callable<Integer> {
  @Mixin
  private ViewOptions look;

  @Parameters(
      paramLabel = "VIDEO|DIR",
      arity = "1..*",
      description =
          "Video files, and folders for the videos in them and below; @FILE stands for those listed"
              + " in a file, one a line.")
  private List<Path> named;

  @Option(
      names = "--top",
      defaultValue = "5",
      paramLabel = "N",
      description = "Classes to name for each video. Default: ${DEFAULT-VALUE}.")
  private int top;

  @Option(names = "--json", description = "One JSON object a line for each video.")
  private boolean json;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      converter = Shard.Converter.class,
      description =
          "Answer only for every N-th video from number I on, I from 0 to N-1. Default: for all.")
  private Shard shard = Shard.ALL;

  @Mixin
  private final JobOptions ranks;

  @Spec
  private CommandSpec spec;

  ClassifyCommand() {
    this(new JobOptions());
  }

  ClassifyCommand(JobOptions ranks) {
    this.ranks = ranks;
  }

  @Override
  public Integer call() throws Exception {
    Optional<RemoteOptions> remote = remote();
    List<Path> videos = VideoFiles.in(named);
    return ranks.run(job -> remote.isPresent()
        ? ask(remote.get(), of(shard, videos), job)
        : work(of(shard, videos), job));
  }

  private Optional<RemoteOptions> remote() {
    try {
      Optional<RemoteOptions> remote = look.remote(spec.commandLine().getParseResult());
      if (remote.isPresent()) {
        remote.get().require();
      }
      return remote;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private int ask(RemoteOptions server, List<Path> videos, Collective job)
      throws IOException, InterruptedException {
    if (job.size() > 1) {
      throw new IllegalArgumentException(
          "a server is asked by one process, with --concurrency, and not by " + job.size());
    }
    CommandLine line = spec.commandLine();
    RemoteClassify remote = new RemoteClassify(server, model -> look.question(model, top));
    if (server.out() == null) {
      return remote.answer(videos, outcome -> print(answer(outcome))) ? 0 : 1;
    }
    List<Outcome> failed = remote.fill(server.out(), videos, line.getErr());
    failed.forEach(outcome -> line.getErr().println(spec.qualifiedName() + ": " + outcome.error()));
    line.getErr().flush();
    line.getOut().println("videos " + Set.copyOf(videos).size());
    line.getOut().println("failed " + failed.size());
    line.getOut().println("file   " + server.out());
    line.getOut().flush();
    return failed.isEmpty() ? 0 : 1;
  }

  private Answer answer(Outcome outcome) {
    return outcome.failed()
        ? new Answer(failure(outcome.video(), outcome.error()), true)
        : new Answer(
            words(outcome.video(), outcome.answer().fields(), outcome.answer().top()), false);
  }

  /** What there is to say of one video: on standard output, or as a failure. */
  private record Answer(String text, boolean failed) {}

  /** A lone process answers as it goes; of several ranks, rank 0 answers for all at the end. */
  private int work(List<Path> asked, Collective job) throws Exception {
    List<Path> own = of(new Shard(job.rank(), job.size()), asked);
    List<Device> devices = look.devices(job);
    List<Answer> answers = RankWork.patiently(job, () -> answers(own, devices, job));
    if (job.size() > 1) {
      answers = gathered(answers, asked.size(), job);
      if (job.rank() > 0) {
        return 0;
      }
      answers.forEach(this::print);
    }
    return answers.stream().anyMatch(Answer::failed) ? 1 : 0;
  }

  private List<Answer> answers(List<Path> own, List<Device> devices, Collective job) {
    List<Answer> answers = new ArrayList<>();
    try (Classifier classifier = Classifier.open(look.model(), devices)) {
      Views views = look.views(classifier);
      classifier.require(views);
      for (Path video : own) {
        Answer answer = answer(classifier, video, views);
        answers.add(answer);
        if (job.size() == 1) {
          print(answer);
        }
      }
    }
    return answers;
  }

  private static List<Path> of(Shard shard, List<Path> all) {
    return IntStream.range(0, shard.size(all.size()))
        .mapToObj(k -> all.get(shard.item(k)))
        .toList();
  }

  /** All ranks' answers in the order of the videos. */
  private static List<Answer> gathered(List<Answer> own, int count, Collective job)
      throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<Answer[]> parts = new ArrayList<>();
    for (byte[] part : job.allGather(mapper.writeValueAsBytes(own))) {
      parts.add(mapper.readValue(part, Answer[].class));
    }
    return IntStream.range(0, count)
        .mapToObj(i -> parts.get(i % job.size())[i / job.size()])
        .toList();
  }

  private Answer answer(Classifier classifier, Path video, Views views) {
    try {
      Classification seen = classifier.classify(video, views);
      return new Answer(words(video, seen.fields(top), seen.top(top)), false);
    } catch (VideoException e) {
      return new Answer(failure(video, e.getMessage()), true);
    }
  }

  private String words(Path video, Map<String, Object> answer, List<Ranked> likeliest) {
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("video", video.toString());
      fields.putAll(answer);
      return Json.line(fields);
    }
    StringBuilder words = new StringBuilder(video.toString());
    for (Ranked ranked : likeliest) {
      words.append(String.format(
          Locale.ROOT, "%n  %6.2f %%  %s", 100 * ranked.probability(), ranked.name()));
    }
    return words.toString();
  }

  private String failure(Path video, String reason) {
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("video", video.toString());
      fields.put("error", reason);
      return Json.line(fields);
    }
    return spec.qualifiedName() + ": " + reason;
  }

  private void print(Answer answer) {
    CommandLine line = spec.commandLine();
    PrintWriter to = answer.failed() && !json ? line.getErr() : line.getOut();
    to.println(answer.text());
    to.flush();
  }
}
