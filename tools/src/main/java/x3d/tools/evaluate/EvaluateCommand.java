package x3d.tools.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import x3d.classify.Classifier;
import x3d.classify.Views;
import x3d.collective.Collective;
import x3d.runtime.Device;
import x3d.runtime.Provider;
import x3d.tools.Json;
import x3d.tools.Progress;
import x3d.tools.RankWork;
import x3d.tools.Shard;
import x3d.train.DataSet;
import x3d.train.JobOptions;

/** Measures a model on a list of videos. */
@Command(
    name = "evaluate",
    description = {
      "Measure a model on a list of videos: report.json and index.html.",
      "Under mpirun or srun the ranks share the videos, and rank 0 writes the report.",
      "The same again after an interruption goes on where it was."
    },
    sortOptions = false)
public final class EvaluateCommand implements Callable<Integer> {
  @Mixin
  private LookOptions look;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "CSV",
      description = "The videos and their classes, a line 'path label' each.")
  private Path data;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where to write the report.")
  private Path folder;

  @Option(
      names = "--separator",
      defaultValue = " ",
      description = "What stands between path and label. Default: a space.")
  private String separator;

  @Option(
      names = "--path-prefix",
      defaultValue = "",
      paramLabel = "DIR",
      description = "The folder of relative paths. Default: the csv's own.")
  private String prefix;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      converter = Shard.Converter.class,
      description = {
        "Look only at every N-th video from number I on, I from 0 to N-1, and write",
        "DIR/shard-I-of-N.json for 'x3d-tools merge'. Default: all videos, and the report."
      })
  private Shard shard;

  @Mixin
  private final JobOptions ranks;

  @Spec
  private CommandSpec spec;

  /** For a job of this process's own launcher, if there is one. */
  public EvaluateCommand() {
    this(new JobOptions());
  }

  /** @param ranks says which job this process is in */
  public EvaluateCommand(JobOptions ranks) {
    this.ranks = ranks;
  }

  @Override
  public Integer call() throws Exception {
    return ranks.run(this::work);
  }

  /** This rank's part of a job, and what rank 0 makes of all parts. */
  private int work(Collective job) throws Exception {
    Shard asked = shard == null ? Shard.ALL : shard;
    Shard part = asked.part(job.rank(), job.size());
    List<Device> devices = look.devices(job);
    try (Classifier classifier = Classifier.open(look.model(), devices)) {
      DataSet videos =
          DataSet.read(data, separator, prefix, classifier.classNames().size());
      Subject subject = subject(classifier, videos, devices.get(0).provider());
      subject.looks().forEach(classifier::require);
      agree(job, subject);
      Journals journals = new Journals(folder, subject, videos.video(0));
      if (job.rank() == 0) {
        journals.others().forEach(spec.commandLine().getErr()::println);
        spec.commandLine().getErr().flush();
      }
      EvaluationShard own =
          RankWork.patiently(job, () -> evaluate(classifier, videos, subject, journals, part, job));
      int exit = gather(job, asked, own);
      job.sum(new double[1]); // all is written
      journals.remove(asked);
      return exit;
    }
  }

  private int gather(Collective job, Shard asked, EvaluationShard own) throws IOException {
    List<byte[]> parts = job.size() == 1 ? List.of() : job.allGather(own.json().getBytes(UTF_8));
    if (job.rank() > 0) {
      return 0;
    }
    EvaluationShard all = parts.isEmpty() ? own : merged(asked, parts);
    PrintWriter out = spec.commandLine().getOut();
    return shard == null ? Results.finish(all, folder, out) : Results.keep(all, folder, out);
  }

  private Subject subject(Classifier classifier, DataSet videos, Provider provider)
      throws IOException {
    return Subject.of(
        look.source(),
        look.model(),
        videos,
        separator,
        provider,
        look.views(classifier),
        look.crops(classifier),
        classifier.classNames());
  }

  /** @throws IllegalArgumentException in all ranks, naming the first that is about to evaluate something else than rank 0 */
  private static void agree(Collective job, Subject own) throws IOException {
    if (job.size() == 1) {
      return;
    }
    ObjectMapper mapper = new ObjectMapper();
    List<byte[]> all = job.allGather(Json.line(own).getBytes(UTF_8));
    Subject first = mapper.readValue(all.get(0), Subject.class);
    for (int rank = 1; rank < all.size(); rank++) {
      Subject other = mapper.readValue(all.get(rank), Subject.class);
      other.difference("rank " + rank, first, "rank 0").ifPresent(words -> {
        throw new IllegalArgumentException(words);
      });
    }
  }

  private static EvaluationShard merged(Shard whole, List<byte[]> parts) {
    ShardMerge merge = new ShardMerge(whole);
    for (int rank = 0; rank < parts.size(); rank++) {
      String name = "rank " + rank;
      merge.add(name, EvaluationShard.read(name, parts.get(rank)));
    }
    return merge.merged();
  }

  private EvaluationShard evaluate(
      Classifier classifier,
      DataSet videos,
      Subject subject,
      Journals journals,
      Shard part,
      Collective job)
      throws IOException, InterruptedException {
    Map<Integer, Outcome> known = journals.read(part);
    int size = part.size(videos.size());
    if (!known.isEmpty()) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("goes on: " + known.size() + " of " + size + " videos were looked at before");
      err.flush();
    }
    try (Journals.Journal journal = journals.open(part);
        Progress progress = progress(size - known.size(), job)) {
      Evaluation evaluation = new Evaluation(classifier, videos, subject.looks());
      Evaluation.Seen seen = evaluation.run(part, known, journal::add, progress);
      return EvaluationShard.of(subject, part, seen.timing(), seen.outcomes());
    }
  }

  private Progress progress(int all, Collective job) {
    return job.rank() == 0 ? Progress.of(all, spec.commandLine().getErr()) : Progress.silent();
  }

  /** Evaluates a whole list as the model file says, and writes the report, without an interruption in mind. */
  public static EvaluationReport report(Path model, Path csv, Device device, Path folder)
      throws IOException, InterruptedException {
    try (Classifier classifier = Classifier.open(model, device)) {
      DataSet videos = DataSet.read(csv, " ", "", classifier.classNames().size());
      Views usual = classifier.defaultViews();
      Subject subject = Subject.of(
          model,
          model,
          videos,
          " ",
          device.provider(),
          List.of(usual.views()),
          List.of(usual.crops()),
          classifier.classNames());
      Evaluation.Seen seen = new Evaluation(classifier, videos, subject.looks())
          .run(Shard.ALL, Map.of(), outcome -> {}, done -> {});
      return Results.save(
          EvaluationShard.of(subject, Shard.ALL, seen.timing(), seen.outcomes()), folder);
    }
  }
}
