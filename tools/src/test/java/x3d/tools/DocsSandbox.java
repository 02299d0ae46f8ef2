package x3d.tools;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import x3d.classify.SmallModel;
import x3d.cli.Program;
import x3d.serve.ServeCommand;
import x3d.train.TrainCommand;

/** Small files for the names that the docs use, and what a shown command lacks to run on them in a moment. */
final class DocsSandbox {
  /** The network of the reference checkpoints. */
  private static final List<String> SMALL = List.of(
      "--width-factor",
      "1",
      "--depth-factor",
      "0.4",
      "--dim-c1",
      "8",
      "--dim-c5",
      "64",
      "--frames",
      "4",
      "--crop",
      "32",
      "--num-classes",
      "7");

  private static final List<String> SMALL_KEYS = List.of(
      "X3D.WIDTH_FACTOR",
      "1",
      "X3D.DEPTH_FACTOR",
      "0.4",
      "X3D.DIM_C1",
      "8",
      "X3D.DIM_C5",
      "64",
      "DATA.NUM_FRAMES",
      "4",
      "DATA.SAMPLING_RATE",
      "2",
      "DATA.TRAIN_JITTER_SCALES",
      "[36, 44]",
      "DATA.TRAIN_CROP_SIZE",
      "32",
      "DATA.TEST_CROP_SIZE",
      "32",
      "TEST.NUM_SPATIAL_CROPS",
      "1",
      "BN.USE_PRECISE_STATS",
      "False");

  /** These count more than what the docs say. */
  private static final List<String> SHORT_KEYS = List.of(
      "MODEL.NUM_CLASSES",
      "4",
      "TRAIN.BATCH_SIZE",
      "8",
      "SOLVER.MAX_EPOCH",
      "1",
      "SOLVER.WARMUP_EPOCHS",
      "0");

  /** What a command is completed with: options and their values, and last what else it takes. */
  private record Rest(Map<String, String> options, List<String> parameters) {}

  private static final Map<String, Rest> RESTS = Map.ofEntries(
      rest("x3d-train", Map.of("--data", "DATA", "--threads", "2")),
      rest("x3d-serve", Map.of("--model", "model.onnx", "--port", "0", "--threads", "1")),
      rest("compare", Map.of(), "CASE_DIR"),
      rest("build-graph", Map.of("--out", "GRAPHS")),
      rest("check-graph", Map.of("--ep", "cann"), "planes.onnx"),
      rest("inspect", Map.of(), "model.onnx"),
      rest("import-weights", Map.of("--out", "W.safetensors"), "FILE.pyth"),
      rest("export", Map.of("--weights", "W.safetensors", "--out", "exported.onnx")),
      rest("classify", Map.of("--model", "model.onnx"), "VIDEO"),
      rest("evaluate", Map.of("--model", "model.onnx", "--data", "val.csv", "--out", "REPORT")),
      rest("merge", Map.of("--out", "MERGED"), "SHARD"),
      rest("compare-reports", Map.of("--out", "COMPARED"), "REPORT", "OTHER"),
      rest("make-demo-data", Map.of("--out", "made", "--train", "1", "--val", "1")),
      rest("demo", Map.of("--output", "demo")),
      rest("dataset build", Map.of(), "DATA"),
      rest("dataset check", Map.of("--threads", "1"), "DATA"),
      rest("dataset clean", Map.of("--check", "DATA/check.json", "--out", "CLEAN"), "DATA"),
      rest("dataset stats", Map.of(), "DATA"),
      rest("dataset prepare", Map.of("--out", "PREPARED"), "DATA"),
      rest("bench train", Map.of("--steps", "1", "--batch", "2", "--lowering", "conv3d")),
      rest("bench load", Map.of("--clips", "2"), "VIDEO"),
      rest("bench serve", Map.of("--video", "VIDEO", "--requests", "1")),
      rest("plan", Map.of("--devices", "2", "--batch", "8", "--rounds", "1")),
      rest("profile", Map.of("--steps", "1", "--warmup", "1"), "model.onnx"),
      rest("cann-profile", Map.of(), "op_summary.csv"),
      rest("results", Map.of(), "RUN"),
      rest("watch", Map.of(), "RUN"),
      rest("report", Map.of("--out", "FILE.html"), "RUN"),
      rest("reference", Map.of("--out", "MAN")));

  private static Map.Entry<String, Rest> rest(
      String command, Map<String, String> options, String... parameters) {
    return Map.entry(command, new Rest(options, List.of(parameters)));
  }

  private static final CommandLine TOOLS = Program.of(new ToolsCommand());

  private final Path folder;
  private final Map<String, List<String>> names;
  private final Set<String> done = new HashSet<>();
  private int outputs;

  /** @param folder is filled: a data set, a run, a model file, reports of it, and the like */
  DocsSandbox(Path folder) throws Exception {
    this.folder = folder;
    names = names();
    fill();
  }

  private List<String> at(String... names) {
    return Stream.of(names).map(name -> folder.resolve(name).toString()).toList();
  }

  private Map<String, List<String>> names() {
    return Map.ofEntries(
        Map.entry("DATA", at("data")),
        Map.entry("data", at("data")),
        Map.entry("CLEAN", at("clean")),
        Map.entry("PREPARED", at("prepared")),
        Map.entry("prepared", at("prepared")),
        Map.entry("val.csv", at("data/val.csv")),
        Map.entry("VIDEO", at("part_0.mp4")),
        Map.entry("clip.mp4", at("part_0.mp4")),
        Map.entry("FILE.pyth", List.of(reference("pyth/slowfast_tiny_zip.pyth"))),
        Map.entry("W.safetensors", at("W.safetensors")),
        Map.entry("classes.txt", at("classes.txt")),
        Map.entry("model.onnx", at("small.onnx")),
        Map.entry("MODEL", at("small.onnx")),
        Map.entry("planes.onnx", at("planes.onnx")),
        Map.entry("exported.onnx", at("exported.onnx")),
        Map.entry("x3d_s.pyth", List.of(reference("pyth/slowfast_tiny_zip.pyth"))),
        Map.entry("x3d_s.safetensors", at("x3d_s.safetensors")),
        Map.entry("x3d_s.onnx", at("x3d_s.onnx")),
        Map.entry("FOLDER", at("data/val")),
        Map.entry("answers.jsonl", at("answers.jsonl")),
        Map.entry("X3D_S.yaml", at("X3D_S.yaml")),
        Map.entry("x3d_s_kinetics", at("small.yaml")),
        Map.entry("OUT", at("run")),
        Map.entry("RUN", at("run")),
        Map.entry("run", at("run")),
        Map.entry("REPORT", at("report")),
        Map.entry("OTHER", at("other")),
        Map.entry("COMPARED", at("compared")),
        Map.entry("CURVE", at("curve")),
        Map.entry("SHARD", at("shards/shard-0-of-2.json", "shards/shard-1-of-2.json")),
        Map.entry("MERGED", at("merged")),
        Map.entry("CASE_DIR", List.of(reference("tiny"))),
        Map.entry("model", List.of(DocsPages.ROOT.resolve("model").toString())),
        Map.entry("GRAPHS", at("graphs")),
        Map.entry("graphs", at("graphs")),
        Map.entry("CACHE", at("cache")),
        Map.entry("PYTHON", at("python")),
        Map.entry("PROFILE.json", at("profile.json")),
        Map.entry("profile", at("profile")),
        Map.entry("page", at("page")),
        Map.entry("FILE.html", at("report.html")),
        Map.entry("report.html", at("report.html")),
        Map.entry("op_summary.csv", at("prof/op_summary_0.csv")),
        Map.entry("prof", at("prof")),
        Map.entry("MAN", at("man")),
        Map.entry("DIR", at("dir")),
        Map.entry("demo", at("demo")),
        Map.entry("made", at("made")),
        Map.entry("N", List.of("5")),
        Map.entry("2000", List.of("20")));
  }

  private static String reference(String name) {
    return DocsPages.ROOT
        .resolve("model/src/test/resources/reference")
        .resolve(name)
        .toString();
  }

  private void fill() throws Exception {
    SmallModel.writeTo(folder);
    SmallModel.video("part_0.mp4", folder);
    Files.write(folder.resolve("classes.txt"), SmallModel.CLASS_NAMES);
    Files.writeString(folder.resolve("X3D_S.yaml"), "_BASE_: x3d_s_kinetics\n");
    Files.writeString(folder.resolve("small.yaml"), """
        _BASE_: x3d_s_kinetics
        X3D: {WIDTH_FACTOR: 1.0, DEPTH_FACTOR: 0.4, DIM_C1: 8, DIM_C5: 64}
        DATA: {NUM_FRAMES: 4, SAMPLING_RATE: 2, TRAIN_JITTER_SCALES: [36, 44], TRAIN_CROP_SIZE: 32, TEST_CROP_SIZE: 32}
        MODEL: {NUM_CLASSES: 7}
        """);
    Path prof = Files.createDirectory(folder.resolve("prof"));
    Files.writeString(prof.resolve("op_summary_0.csv"), """
        Op Name,OP Type,Task Type,Task Duration(us),Input Shapes,Input Formats,Output Shapes,Output Formats
        a,TransposeD,AI_CORE,11000000,"64,24,13,80,80;5",ND;ND,"64,13,24,80,80",ND
        """);
    Path python = Files.writeString(folder.resolve("python"), """
        #!/bin/sh
        echo ready
        while read -r line && [ "$line" = run ]; do
          echo '{"seconds": 2.0, "items": 2, "peak_rss_bytes": 12345}'
        done
        """);
    python.toFile().setExecutable(true);
    videos();
    tools("dataset", "check", "DATA");
    run("x3d-train", "--profile", "--epochs", "3");
    Files.move(folder.resolve("output-1"), folder.resolve("run"));
    tools("import-weights", "FILE.pyth", "--out", "W.safetensors");
    tools("export", "--weights", "W.safetensors", "--lowering", "planes", "--out", "planes.onnx");
    tools("evaluate", "--model", "model.onnx", "--data", "val.csv", "--out", "REPORT");
    tools("evaluate", "--model", "planes.onnx", "--data", "val.csv", "--out", "OTHER");
    for (String shard : List.of("0/2", "1/2")) {
      tools("evaluate", "--shard", shard, "--out", folder.resolve("shards").toString());
    }
    tools("plan", "--measure", "PROFILE.json");
  }

  /** Four classes of four videos to learn from and one held out; of one class what demo takes for its own. */
  private void videos() throws Exception {
    Path made = folder.resolve("demo/data");
    Cli.run("make-demo-data", "--out", made, "--train", 4, "--val", 1).succeeded();
    for (String split : List.of("train", "val")) {
      List<Path> videos;
      try (Stream<Path> all = Files.list(made.resolve(split))) {
        videos = all.sorted().limit(split.equals("train") ? 16 : 4).toList();
      }
      for (Path video : videos) {
        String name = video.getFileName().toString();
        Path to = folder.resolve("data").resolve(split).resolve(name.replaceFirst("_\\d+.*", ""));
        Files.copy(video, Files.createDirectories(to).resolve(name));
      }
      Path list = made.resolve(split + ".csv");
      List<String> first =
          Files.readAllLines(list).stream().filter(line -> line.endsWith(" 0")).toList();
      Files.write(list, Stream.of(first, first).flatMap(List::stream).toList());
    }
    tools("dataset", "build", "DATA");
  }

  private void tools(String... words) {
    run("x3d-tools", words);
  }

  private void run(String program, String... words) {
    ShownCommand command = complete(new ShownCommand(null, List.of(), program, List.of(words)));
    Cli.of(program(command), words(command).toArray()).succeeded();
    done.add(key(command));
  }

  /** The keys of the commands that filled the sandbox. */
  Set<String> done() {
    return Set.copyOf(done);
  }

  /** Equal for commands that do the same, but for the order of their words and where a training writes. */
  String key(ShownCommand command) {
    List<String> words = resolved(command);
    return command.program() + " " + words.stream().sorted().collect(Collectors.joining(" "));
  }

  /** The words of a command with files of the sandbox; a new folder for each training. */
  List<String> words(ShownCommand command) {
    List<String> words = resolved(command);
    if (command.program().equals("x3d-train") && !command.has("--help")) {
      int at = words.indexOf("--output");
      words.set(at + 1, folder.resolve("output-" + ++outputs).toString());
    }
    return words;
  }

  private List<String> resolved(ShownCommand command) {
    int named = named(command);
    List<String> words = new ArrayList<>(command.words().subList(0, named));
    for (String word : command.words().subList(named, command.words().size())) {
      words.addAll(files(command.program(), word));
    }
    return words;
  }

  private List<String> files(String program, String word) {
    boolean recipe = program.equals("x3d-train") && word.startsWith("x3d_s_");
    String name = word.replaceFirst("/.*", "");
    if (recipe || !names.containsKey(name)) {
      return List.of(word);
    }
    String rest = word.substring(name.length());
    return names.get(name).stream().map(file -> file + rest).toList();
  }

  /** With all that it needs and the docs do not say, in the names of the docs. */
  static ShownCommand complete(ShownCommand command) {
    List<String> words = new ArrayList<>();
    for (String word : command.words()) {
      if (word.equals("$SMALL")) {
        words.addAll(List.of(DocsPages.variable(command.code().page(), "SMALL").split(" ")));
      } else if (!word.equals("...")) {
        words.add(word.replaceFirst("\\.\\.\\.$", ""));
      }
    }
    ShownCommand plain =
        new ShownCommand(command.code(), command.launcher(), command.program(), words);
    if (!plain.has("--help") && !plain.program().equals("curl")) {
      add(plain, words);
    }
    return plain;
  }

  private static void add(ShownCommand command, List<String> words) {
    CommandSpec spec = spec(command);
    int named = named(command);
    String path = command.program().equals("x3d-tools")
        ? String.join(" ", words.subList(0, named))
        : command.program();
    Rest rest = RESTS.getOrDefault(path, new Rest(Map.of(), List.of()));
    boolean parameters = hasParameters(spec, words.subList(named, words.size()));
    rest.options().forEach((option, value) -> {
      boolean other =
          option.equals("--model") && (words.contains("--checkpoint") || words.contains("--server"))
              || option.equals("--rounds") && !words.contains("--measure");
      if (spec.findOption(option) != null && !words.contains(option) && !other) {
        words.addAll(List.of(option, value));
      }
    });
    if (!parameters && !words.contains("--train")) {
      words.addAll(rest.parameters());
    }
    if (path.equals("x3d-train")) {
      if (!words.contains("--output")) {
        words.addAll(List.of("--output", "OUT"));
      }
      words.addAll(0, SMALL_KEYS);
      words.addAll(SHORT_KEYS);
    } else if (path.equals("plan")) {
      words.addAll(SMALL_KEYS);
    } else if (spec.findOption("--width-factor") != null
        && !words.contains("--width-factor")
        && !(path.equals("profile") && !words.contains("--train"))) {
      words.addAll(SMALL);
    }
    if (path.startsWith("bench ")) {
      for (List<String> few : List.of(
          List.of("--rounds", "1"), List.of("--warmup", "0"), List.of("--sampling-rate", "2"))) {
        if (spec.findOption(few.get(0)) != null && !words.contains(few.get(0))) {
          words.addAll(few);
        }
      }
    }
  }

  private static boolean hasParameters(CommandSpec spec, List<String> words) {
    for (int i = 0; i < words.size(); i++) {
      OptionSpec option = spec.findOption(words.get(i));
      if (option == null) {
        return true;
      }
      i += option.arity().max() > 0 ? 1 : 0;
    }
    return false;
  }

  /** How many of the words name the command. */
  private static int named(ShownCommand command) {
    if (!command.program().equals("x3d-tools")) {
      return 0;
    }
    CommandLine line = TOOLS;
    int named = 0;
    while (named < command.words().size()
        && line.getSubcommands().containsKey(command.words().get(named))) {
      line = line.getSubcommands().get(command.words().get(named++));
    }
    return named;
  }

  /** Options of the command. */
  static CommandSpec spec(ShownCommand command) {
    CommandLine line = command.program().equals("x3d-tools") ? TOOLS : Program.of(program(command));
    for (String word : command.words().subList(0, named(command))) {
      line = line.getSubcommands().get(word);
    }
    return line.getCommandSpec();
  }

  static Object program(ShownCommand command) {
    return switch (command.program()) {
      case "x3d-train" -> new TrainCommand();
      case "x3d-serve" -> new ServeCommand();
      default -> new ToolsCommand();
    };
  }
}
