package x3d.tools.dataset;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import x3d.cli.Program;
import x3d.tools.Json;
import x3d.tools.Progress;
import x3d.tools.Workers;
import x3d.train.DataSet;
import x3d.video.VideoCheck;

/** Draws what the videos of some lists are like. */
@Command(
    name = "stats",
    description = {
      "Draw lengths, sizes, rates and classes of the videos of some lists: stats.html and stats.json.",
      "Videos are opened, not decoded: 'check' finds the corrupted ones."
    },
    sortOptions = false)
final class StatsCommand implements Callable<Integer> {
  private static final int SHOWN = 10;

  @Mixin
  private ListOptions lists;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where to write both. Default: the folder of the first list.")
  private Path folder;

  @Option(
      names = "--check",
      paramLabel = "FILE",
      description =
          "A check.json of 'dataset check': its videos that have not changed are not opened.")
  private Path check;

  @Option(
      names = "--frames",
      defaultValue = "13",
      paramLabel = "N",
      description = "DATA.NUM_FRAMES of a clip. Default: ${DEFAULT-VALUE}, X3D-S.")
  private int frames;

  @Option(
      names = "--sampling-rate",
      defaultValue = "6",
      paramLabel = "N",
      description = "DATA.SAMPLING_RATE. Default: ${DEFAULT-VALUE}, X3D-S.")
  private int rate;

  @Option(
      names = "--target-fps",
      defaultValue = "30",
      paramLabel = "X",
      description = "DATA.TARGET_FPS. Default: ${DEFAULT-VALUE}.")
  private double targetFps;

  @Option(
      names = "--few",
      defaultValue = "50",
      paramLabel = "N",
      description = "A class with fewer videos on a list is named. Default: ${DEFAULT-VALUE}.")
  private int few;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Videos to open at a time. Default: all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    require("--threads", threads);
    require("--frames", frames);
    require("--sampling-rate", rate);
    require("--target-fps", targetFps);
    Map<FileState, CheckedVideo> known = known();
    Map<String, DataSet> read = new LinkedHashMap<>();
    Set<Path> videos = new LinkedHashSet<>();
    for (Path csv : lists.files()) {
      DataSet list = lists.read(csv);
      read.put(csv.toString(), list);
      IntStream.range(0, list.size()).mapToObj(list::video).forEach(videos::add);
    }
    Map<String, Integer> sizes = new LinkedHashMap<>();
    read.forEach((file, list) -> sizes.put(file, list.size()));
    DatasetStats stats = DatasetStats.of(
        Program.version(),
        sizes,
        look(List.copyOf(videos), known),
        classes(List.copyOf(read.values())),
        frames * rate / targetFps,
        few);
    Path out = folder == null ? lists.folder() : folder;
    Json.save(out.resolve("stats.json"), Json.pretty(stats) + "\n");
    Json.save(out.resolve("stats.html"), StatsPage.of(stats));
    summarise(stats, out);
    return stats.usable() > 0 ? 0 : 1;
  }

  private void require(String option, double number) {
    if (!(number > 0)) {
      throw new ParameterException(
          spec.commandLine(), option + " must be above 0; it is " + number);
    }
  }

  private Map<FileState, CheckedVideo> known() throws IOException {
    return check == null
        ? Map.of()
        : CheckReport.read(check).videos().stream()
            .collect(Collectors.toMap(CheckedVideo::state, Function.identity(), (a, b) -> a));
  }

  private List<CheckedVideo> look(List<Path> videos, Map<FileState, CheckedVideo> known)
      throws InterruptedException {
    try (Progress progress = Progress.of(videos.size(), spec.commandLine().getErr())) {
      return Workers.each(
          threads,
          videos.size(),
          i -> {
            FileState state = FileState.of(videos.get(i));
            CheckedVideo found = known.get(state);
            return found != null ? found : CheckedVideo.of(state, VideoCheck.glance(videos.get(i)));
          },
          progress);
    }
  }

  /** All classes, also those that no list has a video of. */
  private List<DatasetStats.ClassSize> classes(List<DataSet> read) throws IOException {
    Path file = lists.folder().resolve("classes.txt");
    List<String> names = Files.exists(file) ? ClassNames.read(file).names() : List.of();
    List<Map<Integer, Integer>> counts = new ArrayList<>();
    int size = names.size();
    for (DataSet list : read) {
      Map<Integer, Integer> lines = new HashMap<>();
      for (int i = 0; i < list.size(); i++) {
        lines.merge(list.label(i), 1, Integer::sum);
        size = Math.max(size, list.label(i) + 1);
      }
      counts.add(lines);
    }
    return IntStream.range(0, size)
        .mapToObj(label -> new DatasetStats.ClassSize(
            label,
            label < names.size() ? names.get(label) : Integer.toString(label),
            counts.stream().map(lines -> lines.getOrDefault(label, 0)).toList()))
        .toList();
  }

  private void summarise(DatasetStats stats, Path out) {
    PrintWriter text = spec.commandLine().getOut();
    text.println("videos     " + stats.videos() + ", usable " + stats.usable());
    text.printf(Locale.ROOT, "hours      %.2f%n", stats.hours());
    spread(text, "seconds", "%.2f", stats.seconds());
    spread(text, "fps", "%.2f", stats.fps());
    spread(text, "short side", "%.0f", stats.shortSides());
    spread(text, "kbit/s", "%.0f", stats.kilobitsPerSecond());
    text.println("sizes      " + counts(stats.resolutions()));
    text.println("codecs     " + counts(stats.codecs()));
    text.println("portrait   " + stats.portrait().size());
    text.println("rotated    " + stats.rotated().size());
    for (DatasetStats.Balance one : stats.balance()) {
      text.printf(
          Locale.ROOT,
          "classes    %d, of %d to %d videos (1 to %.1f) in %s%n",
          stats.classes().size(),
          one.smallest(),
          one.largest(),
          one.ratio(),
          one.list());
      names(text, "with fewer than " + stats.few() + " videos", one.fewVideos());
    }
    names(
        text,
        String.format(Locale.ROOT, "shorter than a clip of %.2f s", stats.clipSeconds()),
        stats.shorterThanClip());
    names(
        text,
        "unusable",
        stats.unusable().stream().map(one -> one.video() + ": " + one.reason()).toList());
    text.println("page       " + out.resolve("stats.html"));
    text.println("numbers    " + out.resolve("stats.json"));
    text.flush();
  }

  private static void spread(PrintWriter text, String name, String format, Spread spread) {
    text.printf(
        Locale.ROOT,
        "%-10s median " + format + ", from " + format + " to " + format + "%n",
        name,
        spread.median(),
        spread.min(),
        spread.max());
  }

  private static String counts(Map<String, Long> counts) {
    String most = counts.entrySet().stream()
        .limit(SHOWN)
        .map(one -> one.getValue() + " " + one.getKey())
        .collect(Collectors.joining(", "));
    return counts.size() > SHOWN ? most + ", and " + (counts.size() - SHOWN) + " more" : most;
  }

  private static void names(PrintWriter text, String what, List<String> names) {
    if (names.isEmpty()) {
      return;
    }
    text.println(what + ": " + names.size());
    names.stream().limit(SHOWN).forEach(name -> text.println("  " + name));
    if (names.size() > SHOWN) {
      text.println("  and " + (names.size() - SHOWN) + " more");
    }
  }
}
