package x3d.tools.dataset;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.train.DataSet;

/** Which lists of videos a command reads, and how they are written. */
final class ListOptions {
  @Parameters(
      paramLabel = "CSV",
      arity = "1..*",
      description = "Lists of videos, or a folder of train.csv, val.csv, test.csv.")
  private List<Path> given = List.of();

  @Option(
      names = "--separator",
      defaultValue = " ",
      paramLabel = "TEXT",
      description = "What stands between path and label. Default: a space.")
  private String separator;

  @Option(
      names = "--path-prefix",
      defaultValue = "",
      paramLabel = "DIR",
      description = "The folder of relative paths. Default: the csv's own.")
  private String prefix;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /**
   * The files, folders replaced by the lists in them, each once.
   *
   * @throws IllegalArgumentException if a folder holds none
   */
  List<Path> files() {
    List<Path> files = new ArrayList<>();
    for (Path one : given) {
      List<Path> found = Files.isDirectory(one) ? listsIn(one) : List.of(one);
      found.stream().filter(file -> !files.contains(file)).forEach(files::add);
    }
    return files;
  }

  private static List<Path> listsIn(Path folder) {
    List<Path> found = Stream.of(Split.values())
        .map(split -> folder.resolve(split.csv()))
        .filter(Files::exists)
        .toList();
    if (found.isEmpty()) {
      throw new IllegalArgumentException(folder
          + ": holds no train.csv, val.csv or test.csv; 'x3d-tools dataset build' makes them");
    }
    return found;
  }

  /** Reads a list. */
  DataSet read(Path csv) {
    if (separator.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--separator is empty; it must be what stands between path and label");
    }
    return DataSet.read(csv, separator, prefix);
  }

  String separator() {
    return separator;
  }

  /** Whether relative paths are from a folder that was named, wherever the list lies. */
  boolean prefixed() {
    return !prefix.isEmpty();
  }

  /** The folder that relative paths of a list are from, absolute. */
  Path base(Path csv) {
    return csv.toAbsolutePath().getParent().resolve(prefix).normalize();
  }

  /** The folder of the first file, where results go unless told otherwise. */
  Path folder() {
    return files().get(0).toAbsolutePath().getParent();
  }
}
