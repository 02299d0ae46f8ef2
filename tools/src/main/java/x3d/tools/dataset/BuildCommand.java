package x3d.tools.dataset;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.tools.Json;
import x3d.tools.Progress;

/** Makes the lists of a data set from its folders. */
@Command(
    name = "build",
    description = {
      "Make train.csv, val.csv, test.csv and classes.txt of ROOT/train/<class>/<video>, ROOT/val and perhaps",
      "ROOT/test, and say what is missing, twice or empty: dataset.json."
    },
    sortOptions = false)
final class BuildCommand implements Callable<Integer> {
  @Parameters(paramLabel = "ROOT", description = "The folder of train and val.")
  private Path root;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where to write the lists. Default: ROOT.")
  private Path folder;

  @Option(
      names = "--annotations",
      paramLabel = "FILE",
      description = {
        "Kinetics' csv of label, youtube_id, time_start, time_end and split; repeatable. Only what it names is",
        "listed, and class folders are not needed. Default: each video is of its folder's class."
      })
  private List<Path> annotations = List.of();

  @Option(
      names = "--classnames",
      paramLabel = "FILE",
      description = {
        "The classes by label: kinetics_classnames.json, or a classes.txt. Default: those found, in the order",
        "of their names."
      })
  private Path classNames;

  @Option(
      names = "--separator",
      defaultValue = " ",
      description = "What stands between path and label. Default: a space.")
  private String separator;

  @Option(
      names = "--absolute",
      description =
          "Write absolute paths. Default: paths from the lists' folder, for videos in it.")
  private boolean absolute;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Files to compare at a time. Default: all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (threads < 1) {
      throw new ParameterException(
          spec.commandLine(), "--threads is " + threads + "; it must be 1 or more");
    }
    Path out = folder == null ? root : folder;
    refuseToReplaceInputs(out);
    Selection selection = select();
    Map<Path, List<String>> lists = lists(selection, out);
    List<Listed> candidates = Duplicates.candidates(selection.all());
    List<Duplicates.Group> duplicates;
    try (Progress progress = Progress.of(candidates.size(), spec.commandLine().getErr())) {
      duplicates = Duplicates.among(candidates, threads, progress);
    }
    DatasetReport report =
        DatasetReport.of(root, separator, ambiguous(lists), selection, duplicates);
    for (Map.Entry<Path, List<String>> list : lists.entrySet()) {
      new VideoList(list.getKey(), separator, absolute).save(list.getValue());
    }
    Json.save(out.resolve("classes.txt"), selection.classes().text());
    Json.save(out.resolve("dataset.json"), Json.pretty(report) + "\n");
    PrintWriter text = spec.commandLine().getOut();
    new BuildSummary(report, out).print(text);
    text.flush();
    return 0;
  }

  private Selection select() throws IOException {
    Optional<ClassNames> asked =
        classNames == null ? Optional.empty() : Optional.of(ClassNames.read(classNames));
    Optional<Annotations> annotated =
        annotations.isEmpty() ? Optional.empty() : Optional.of(Annotations.read(annotations));
    VideoTree tree = VideoTree.read(root);
    return annotated.isPresent()
        ? Selection.byAnnotations(tree, annotated.get(), asked)
        : Selection.byFolder(root, tree, asked);
  }

  /** The lines of each list; those of {@code test.csv} are {@code val.csv}'s where there is no {@code test}. */
  private Map<Path, List<String>> lists(Selection selection, Path out) {
    Map<Path, List<String>> lists = new LinkedHashMap<>();
    for (Split split : Split.values()) {
      Split source = selection.lists().containsKey(split) ? split : Split.VAL;
      VideoList list = new VideoList(out.resolve(split.csv()), separator, absolute);
      List<String> lines = selection.lists().get(source).stream()
          .map(one -> list.line(one.video().file(), selection.classes().label(one.className())))
          .toList();
      if (lines.isEmpty()) {
        throw new IllegalArgumentException(
            root.resolve(source.id()) + ": holds no video that could be listed"
                + (annotations.isEmpty() ? "" : " by the annotations"));
      }
      lists.put(list.csv(), lines);
    }
    return lists;
  }

  private int ambiguous(Map<Path, List<String>> lists) {
    return (int) lists.values().stream()
        .flatMap(List::stream)
        .distinct()
        .filter(line -> line.indexOf(separator) != line.lastIndexOf(separator))
        .count();
  }

  private void refuseToReplaceInputs(Path out) throws IOException {
    List<Path> inputs = new ArrayList<>(annotations);
    if (classNames != null) {
      inputs.add(classNames);
    }
    List<Path> outputs = new ArrayList<>();
    for (Split split : Split.values()) {
      outputs.add(out.resolve(split.csv()));
    }
    outputs.add(out.resolve("classes.txt"));
    for (Path input : inputs) {
      for (Path output : outputs) {
        if (Files.exists(output) && Files.exists(input) && Files.isSameFile(input, output)) {
          throw new IllegalArgumentException(input
              + " is read, and would be written over; write the lists elsewhere with --out DIR");
        }
      }
    }
  }
}
