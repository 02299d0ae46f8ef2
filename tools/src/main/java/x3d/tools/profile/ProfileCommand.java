package x3d.tools.profile;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.cli.DeviceOptions;
import x3d.net.Lowering;
import x3d.profile.Profile;
import x3d.profile.ProfileTable;
import x3d.profile.Profiler;
import x3d.profile.Trace;
import x3d.tools.Json;
import x3d.tools.NetworkOptions;

/** Where the time of a look at a video, or of a training step, goes. */
@Command(
    name = "profile",
    description = {
      "Where the time goes: of the views of a video through a model file; with --train, of training steps on synthetic",
      "clips; or of the run or trace that x3d-train --profile left. By phase, stage, operator and layer: share, time, calls,",
      "operations, bytes and attained rates."
    },
    footer = {
      "",
      "With --train, KEY VALUE pairs override the recipe as in x3d-train: SOLVER.ACCUMULATION_STEPS 2",
      "Perfetto (ui.perfetto.dev) and chrome://tracing open DIR/trace.json. Operations are those of the graph as it is",
      "spelled; what the network itself needs is what bench roofline tells."
    },
    sortOptions = false)
public final class ProfileCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "MODEL|RUN|TRACE",
      description = "A model file, the folder of a run, or a trace; with --train KEY VALUE pairs.")
  private List<String> what = new ArrayList<>();

  @Option(names = "--train", description = "Profile training steps of a network.")
  private boolean train;

  @Mixin
  private NetworkOptions network;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Clips of a training step. Default: the recipe's, or 8.")
  private Integer batch;

  @Option(
      names = "--views",
      paramLabel = "N",
      description = "Clips of a video that a model looks at. Default: 10.")
  private Integer views;

  @Option(
      names = "--lowering",
      paramLabel = "L",
      description = "How the network is spelled, MODEL.LOWERING. Default: as it is usually run.")
  private String lowering;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Steps that are profiled. Default: ${DEFAULT-VALUE}.")
  private int steps = 5;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description = "Steps before them. Default: ${DEFAULT-VALUE}.")
  private int warmUp = 3;

  @Option(names = "--threads", paramLabel = "N", description = "Threads. Default: all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Mixin
  private DeviceOptions devices;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Rows of the tables by operator and layer. Default: ${DEFAULT-VALUE}.")
  private int top = 20;

  @Option(names = "--json", description = "Print one JSON object instead of tables.")
  private boolean json;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Write trace.json, profile.json and index.html there.")
  private Path out;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (top < 1 || threads < 1) {
      throw new IllegalArgumentException("--top and --threads must be 1 or more");
    }
    List<Trace> traces = train ? List.of(training()) : look();
    Profile profile = Profile.of(traces);
    if (out != null) {
      write(traces, profile);
    }
    PrintWriter printer = spec.commandLine().getOut();
    if (json) {
      printer.println(Json.line(profile.fields()));
    } else {
      ProfileTable.lines(profile, top).forEach(printer::println);
    }
    printer.flush();
    return 0;
  }

  private Profiler.Plan plan() {
    try {
      return new Profiler.Plan(warmUp, steps);
    } catch (IllegalArgumentException e) {
      throw wrong("--steps, --warmup: " + e.getMessage());
    }
  }

  private Trace training() {
    if (views != null) {
      throw wrong("--views is for a model file; of a training step --batch says how many clips");
    }
    return new TrainingProfile(
            new TrainingProfile.Order(network, batch, lowering, what, threads), devices, spec)
        .take(plan());
  }

  private List<Trace> look() throws IOException {
    if (batch != null) {
      throw wrong("--batch is for --train; of a model file --views says how many clips");
    }
    if (what.size() != 1) {
      throw wrong(
          "which model file, run or trace? name one, or profile training steps with --train");
    }
    Path given = Path.of(what.get(0));
    if (Files.isDirectory(given)) {
      return readAll(traces(given));
    }
    if (given.toString().endsWith(Trace.SUFFIX)) {
      return readAll(List.of(given));
    }
    return List.of(new InferenceProfile(
            given,
            lowering == null ? null : Lowering.of(lowering),
            devices.forInference(threads),
            threads,
            views == null ? 10 : views)
        .take(plan()));
  }

  /** Those of a run, or of a folder that holds them itself. */
  private static List<Path> traces(Path folder) throws IOException {
    Path within = folder.resolve("profile");
    Path place = Files.isDirectory(within) ? within : folder;
    try (Stream<Path> files = Files.list(place)) {
      List<Path> found = files
          .filter(file -> file.getFileName().toString().matches("trace(-\\d+-of-\\d+)?\\.json"))
          .sorted()
          .toList();
      if (found.isEmpty()) {
        throw new IllegalArgumentException(folder
            + ": no trace in it; x3d-train --profile leaves profile/trace.json in a run's folder");
      }
      return found;
    }
  }

  private static List<Trace> readAll(List<Path> files) throws IOException {
    List<Trace> traces = new ArrayList<>();
    for (Path file : files) {
      traces.add(Trace.read(file));
    }
    return traces;
  }

  private void write(List<Trace> traces, Profile profile) throws IOException {
    for (Trace trace : traces) {
      JsonNode about = trace.about();
      int ranks = about.path("ranks").asInt(1);
      String name = ranks == 1
          ? "trace"
          : String.format(Locale.ROOT, "trace-%d-of-%d", about.path("rank").asInt(), ranks);
      Json.save(out.resolve(name + Trace.SUFFIX), trace.toBytes());
    }
    Json.save(out.resolve("profile.json"), Json.pretty(profile.fields()));
    Json.save(out.resolve("index.html"), ProfilePage.of(profile));
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
