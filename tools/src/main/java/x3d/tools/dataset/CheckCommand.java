package x3d.tools.dataset;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import x3d.cli.Program;
import x3d.tools.Progress;
import x3d.tools.Sha256;
import x3d.tools.Workers;
import x3d.train.DataSet;

/** Decodes all videos of some lists to find the corrupted ones. */
@Command(
    name = "check",
    description = {
      "Decode every video of some lists and write what is wrong with which: check.json and corrupted.csv.",
      "A run that was killed goes on where it was when the same is called again."
    },
    sortOptions = false)
final class CheckCommand implements Callable<Integer> {
  private static final int SHOWN = 10;

  @Mixin
  private ListOptions lists;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where to write the findings. Default: the folder of the first list.")
  private Path folder;

  @Option(
      names = "--fast",
      description = "Decode beginning, end and samples, and all only of what shows damage there.")
  private boolean fast;

  @Option(
      names = "--limit",
      defaultValue = "120",
      paramLabel = "SECONDS",
      description = "How long decoding one video may take. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Videos to decode at a time. Default: all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    require("--threads", threads);
    require("--limit", limit);
    Path out = folder == null ? lists.folder() : folder;
    List<CheckReport.CheckedList> checked = new ArrayList<>();
    Set<Path> videos = new LinkedHashSet<>();
    for (Path csv : lists.files()) {
      DataSet list = lists.read(csv);
      checked.add(new CheckReport.CheckedList(csv.toString(), Sha256.of(csv), list.size()));
      IntStream.range(0, list.size()).mapToObj(list::video).forEach(videos::add);
    }
    List<CheckedVideo> found = check(List.copyOf(videos), out.resolve("check.journal"));
    int corrupted = (int) found.stream().filter(video -> !video.sound()).count();
    CheckReport report =
        new CheckReport(CheckReport.KIND, Program.version(), fast, checked, corrupted, found);
    report.save(out);
    summarise(report, out);
    return 0;
  }

  private void require(String option, int number) {
    if (number < 1) {
      throw new ParameterException(
          spec.commandLine(), option + " is " + number + "; it must be 1 or more");
    }
  }

  private List<CheckedVideo> check(List<Path> videos, Path file)
      throws IOException, InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    try (CheckJournal journal = CheckJournal.open(file, fast);
        CheckPool pool = new CheckPool(threads, new CheckLimits(fast, limit))) {
      long before = videos.stream()
          .filter(video -> journal.find(FileState.of(video)).isPresent())
          .count();
      if (before > 0) {
        err.println(before + " of " + videos.size() + " were checked before: " + file);
        err.flush();
      }
      try (Progress progress = Progress.of(videos.size(), err)) {
        return Workers.each(
            threads, videos.size(), i -> check(videos.get(i), journal, pool), progress);
      }
    }
  }

  private static CheckedVideo check(Path video, CheckJournal journal, CheckPool pool) {
    return journal.find(FileState.of(video)).orElseGet(() -> {
      CheckedVideo found = pool.check(video);
      if (found.lasting()) {
        try {
          journal.append(found);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return found;
    });
  }

  private void summarise(CheckReport report, Path out) {
    PrintWriter text = spec.commandLine().getOut();
    text.println("videos    " + report.videos().size());
    text.println("corrupted " + report.corrupted());
    Map<String, List<CheckedVideo>> byReason = report.videos().stream()
        .filter(video -> !video.sound())
        .collect(Collectors.groupingBy(
            video -> video.fault().reason(), TreeMap::new, Collectors.toList()));
    byReason.forEach((reason, videos) -> {
      text.println(reason + ": " + videos.size());
      videos.stream()
          .limit(SHOWN)
          .forEach(
              video -> text.println("  " + video.video() + ": " + video.fault().detail()));
      if (videos.size() > SHOWN) {
        text.println("  and " + (videos.size() - SHOWN) + " more");
      }
    });
    text.println("table     " + out.resolve("corrupted.csv"));
    text.println("all       " + out.resolve("check.json"));
    text.flush();
  }
}
