package x3d.tools.dataset;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
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
import x3d.video.PreparedVideo;
import x3d.video.VideoException;

/** Makes videos quick to read clips from. */
@Command(
    name = "prepare",
    description = {
      "Encode the videos of some lists again: small, upright, without sound, with frequent key frames, each frame",
      "at its time; and write lists of them with the same labels in the same order. Videos that are like this already",
      "are linked. A run that was killed goes on where it was when the same is called again."
    },
    sortOptions = false)
final class PrepareCommand implements Callable<Integer> {
  private static final int SHOWN = 10;

  @Mixin
  private ListOptions lists;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The folder of the prepared videos and their lists.")
  private Path folder;

  @Option(
      names = "--short-side",
      defaultValue = "256",
      paramLabel = "N",
      description =
          "Pixels of the shorter side, even; smaller videos are not enlarged. Default: ${DEFAULT-VALUE}.")
  private int shortSide;

  @Option(
      names = "--gop",
      defaultValue = "4",
      paramLabel = "N",
      description = "A key frame every N frames. Default: ${DEFAULT-VALUE}.")
  private int gop;

  @Option(
      names = "--quality",
      defaultValue = "20",
      paramLabel = "Q",
      description =
          "The quantizer of H.264, from 1, large and exact, to 51. Default: ${DEFAULT-VALUE}.")
  private int quality;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Videos to prepare at a time. Default: all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (threads < 1) {
      throw new ParameterException(
          spec.commandLine(), "--threads is " + threads + "; it must be 1 or more");
    }
    Preparation preparation = new Preparation(options());
    Path out = folder.toAbsolutePath().normalize();
    Map<Path, DataSet> read = new LinkedHashMap<>();
    PreparedPlaces places = new PreparedPlaces(out);
    for (Path csv : lists.files()) {
      DataSet list = lists.read(csv);
      read.put(csv, list);
      IntStream.range(0, list.size()).forEach(i -> places.add(list.video(i), lists.base(csv)));
    }
    Map<Path, Path> newLists = newLists(out, read);
    try (PreparedFolder target = PreparedFolder.open(out)) {
      Map<Path, Outcome> outcomes = prepare(places, preparation);
      List<PrepareReport.PreparedList> written = new ArrayList<>();
      for (Map.Entry<Path, DataSet> one : read.entrySet()) {
        Path to = newLists.get(one.getKey());
        written.add(write(one.getKey(), one.getValue(), to, places, outcomes));
      }
      PrepareReport report = report(written, places, outcomes);
      Json.save(target.file("prepare.json"), Json.pretty(report) + "\n");
      summarise(report, outcomes, newLists);
      return report.encoded() + report.linked() > 0 ? 0 : 1;
    }
  }

  private PreparedVideo.Options options() {
    try {
      return new PreparedVideo.Options(shortSide, gop, quality);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static Map<Path, Path> newLists(Path out, Map<Path, DataSet> lists) {
    Map<Path, Path> placed = new LinkedHashMap<>();
    for (Path csv : lists.keySet()) {
      Path place = out.resolve(csv.getFileName());
      if (place.equals(csv.toAbsolutePath().normalize())) {
        throw new IllegalArgumentException(
            "--out " + out + " is where " + csv + " is; it must be another folder");
      }
      if (placed.containsValue(place)) {
        throw new IllegalArgumentException("two lists are named " + csv.getFileName()
            + "; prepare them into folders of their own");
      }
      placed.put(csv, place);
    }
    return placed;
  }

  /** What became of one original: a result, or the reason why there is none. */
  private record Outcome(Preparation.Result result, String failure) {
    boolean is(Preparation.Way way) {
      return result != null && result.way() == way;
    }
  }

  private Map<Path, Outcome> prepare(PreparedPlaces places, Preparation preparation)
      throws InterruptedException {
    List<Path> originals = places.originals();
    List<Outcome> outcomes;
    try (Progress progress = Progress.of(originals.size(), spec.commandLine().getErr())) {
      outcomes = Workers.each(
          threads,
          originals.size(),
          i -> prepare(originals.get(i), places.of(originals.get(i)), preparation),
          progress);
    }
    Map<Path, Outcome> byOriginal = new HashMap<>();
    for (int i = 0; i < outcomes.size(); i++) {
      byOriginal.put(originals.get(i), outcomes.get(i));
    }
    return byOriginal;
  }

  private Outcome prepare(Path original, Path place, Preparation preparation) {
    try {
      return new Outcome(preparation.prepare(original, place), null);
    } catch (VideoException e) {
      if (e.getCause() instanceof IOException) {
        throw new UncheckedIOException(e); // a full disk is no fault of this video
      }
      spec.commandLine().getErr().println("left out: " + e.getMessage());
      spec.commandLine().getErr().flush();
      return new Outcome(null, e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private PrepareReport.PreparedList write(
      Path csv, DataSet list, Path to, PreparedPlaces places, Map<Path, Outcome> outcomes)
      throws IOException {
    VideoList prepared = new VideoList(to, lists.separator(), lists.prefixed());
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      if (outcomes.get(list.video(i)).result() != null) {
        lines.add(prepared.line(places.of(list.video(i)), list.label(i)));
      }
    }
    prepared.save(lines);
    Path classes = csv.toAbsolutePath().resolveSibling("classes.txt");
    if (Files.exists(classes)) {
      Json.save(to.resolveSibling("classes.txt"), Files.readAllBytes(classes));
    }
    return new PrepareReport.PreparedList(csv.toString(), list.size(), lines.size());
  }

  private PrepareReport report(
      List<PrepareReport.PreparedList> written, PreparedPlaces places, Map<Path, Outcome> outcomes)
      throws IOException {
    long before = 0;
    long after = 0;
    List<PrepareReport.Failed> failed = new ArrayList<>();
    for (Path original : places.originals()) {
      Outcome outcome = outcomes.get(original);
      if (outcome.result() == null) {
        failed.add(new PrepareReport.Failed(original.toString(), outcome.failure()));
      } else {
        before += Files.size(original);
        after += Files.size(places.of(original));
      }
    }
    return new PrepareReport(
        Program.version(),
        shortSide,
        gop,
        quality,
        written,
        outcomes.size(),
        count(outcomes, Preparation.Way.ENCODED),
        count(outcomes, Preparation.Way.LINKED),
        before,
        after,
        failed);
  }

  private static int count(Map<Path, Outcome> outcomes, Preparation.Way way) {
    return (int) outcomes.values().stream().filter(one -> one.is(way)).count();
  }

  private void summarise(
      PrepareReport report, Map<Path, Outcome> outcomes, Map<Path, Path> newLists) {
    PrintWriter out = spec.commandLine().getOut();
    long before = outcomes.values().stream()
        .filter(one -> one.result() != null && one.result().before())
        .count();
    out.println("videos  " + report.videos()
        + (before > 0 ? ", of which " + before + " were prepared before" : ""));
    out.println("encoded " + report.encoded());
    out.println("linked  " + report.linked());
    out.printf(
        Locale.ROOT,
        "size    %.1f MB, before %.1f MB%n",
        report.bytesAfter() / 1e6,
        report.bytesBefore() / 1e6);
    out.println("failed  " + report.failed().size());
    report.failed().stream().limit(SHOWN).forEach(one -> out.println("  " + one.reason()));
    if (report.failed().size() > SHOWN) {
      out.println("  and " + (report.failed().size() - SHOWN) + " more in prepare.json");
    }
    newLists.values().forEach(list -> out.println("list    " + list));
    out.flush();
  }
}
