package x3d.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import x3d.classify.Classifier;
import x3d.classify.Views;
import x3d.cli.Program;
import x3d.collective.Collective;
import x3d.runtime.Device;
import x3d.train.DataSet;
import x3d.train.JobOptions;

/** Measures a model on a list of videos. */
@Command(
    name = "evaluate",
    description = {
      "Measure a model on a list of videos: report.json and index.html.",
      "Under mpirun or srun the ranks share the videos, and rank 0 writes the report."
    },
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {
  @Mixin
  private ViewOptions look;

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

  EvaluateCommand() {
    this(new JobOptions());
  }

  EvaluateCommand(JobOptions ranks) {
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
    EvaluationShard own = RankWork.patiently(job, () -> evaluate(part, devices, job));
    List<byte[]> parts = job.size() == 1 ? List.of() : job.allGather(own.json().getBytes(UTF_8));
    if (job.rank() > 0) {
      return 0;
    }
    EvaluationShard all = parts.isEmpty() ? own : merged(asked, parts);
    PrintWriter out = spec.commandLine().getOut();
    return shard == null ? finish(all, folder, out) : keep(all, out);
  }

  private static EvaluationShard merged(Shard whole, List<byte[]> parts) {
    ShardMerge merge = new ShardMerge(whole);
    for (int rank = 0; rank < parts.size(); rank++) {
      String name = "rank " + rank;
      merge.add(name, EvaluationShard.read(name, parts.get(rank)));
    }
    return merge.merged();
  }

  private EvaluationShard evaluate(Shard part, List<Device> devices, Collective job)
      throws Exception {
    try (Classifier classifier = Classifier.open(look.model(), devices)) {
      List<String> names = classifier.classNames();
      DataSet videos = DataSet.read(data, separator, prefix, names.size());
      Views views = look.views(classifier);
      List<Outcome> outcomes;
      try (Progress progress = progress(part.size(videos.size()), job)) {
        outcomes = new Evaluation(classifier, videos, views).run(part, progress);
      }
      return new EvaluationShard(
          EvaluationShard.KIND,
          Program.version(),
          part.index(),
          part.count(),
          look.source().toString(),
          Sha256.of(look.model()),
          data.toString(),
          Sha256.of(data),
          separator,
          devices.get(0).provider().id(),
          views.views(),
          views.crops(),
          videos.size(),
          names,
          outcomes);
    }
  }

  private Progress progress(int all, Collective job) {
    return job.rank() == 0 ? Progress.of(all, spec.commandLine().getErr()) : Progress.silent();
  }

  /** Writes a shard for {@code x3d-tools merge}. */
  private int keep(EvaluationShard result, PrintWriter out) throws IOException {
    Path file = folder.resolve("shard-" + result.shard() + "-of-" + result.shards() + ".json");
    Json.save(file, result.json());
    EvaluationReport report = result.report();
    summarise(report, out);
    out.println("shard  " + file);
    out.flush();
    return report.videos() > 0 || result.outcomes().isEmpty() ? 0 : 1;
  }

  /**
   * Writes the report of a whole list and sums it up.
   *
   * @return the exit code
   */
  static int finish(EvaluationShard all, Path folder, PrintWriter out) throws IOException {
    EvaluationReport report = all.report();
    save(report, all.classNames(), folder);
    summarise(report, out);
    out.println("report " + folder.resolve("report.json"));
    out.println("page   " + folder.resolve("index.html"));
    out.flush();
    return report.videos() > 0 ? 0 : 1;
  }

  static void save(EvaluationReport report, List<String> names, Path folder) throws IOException {
    Json.save(folder.resolve("report.json"), Json.pretty(report) + "\n");
    Json.save(folder.resolve("index.html"), EvaluationPage.of(report, names));
  }

  private static void summarise(EvaluationReport report, PrintWriter out) {
    out.printf(Locale.ROOT, "top-1  %.2f %%%n", report.top1());
    out.printf(Locale.ROOT, "top-5  %.2f %%%n", report.top5());
    out.println("videos " + report.videos());
    out.println("failed " + report.failed().size());
    report.failed().forEach(failed -> out.println("  " + failed.reason()));
  }
}
