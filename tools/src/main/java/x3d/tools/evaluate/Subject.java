package x3d.tools.evaluate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import x3d.classify.Views;
import x3d.cli.Program;
import x3d.runtime.Provider;
import x3d.tools.Sha256;
import x3d.train.DataSet;

/**
 * What an evaluation is of: all that must be the same of two parts of one.
 *
 * @param version of x3d that looks
 * @param model what the report calls the model
 * @param data what the report calls the list
 * @param separator what stands between path and label in the list
 * @param provider the network runs on
 * @param views the numbers of views, ascending
 * @param crops the numbers of crops, ascending; each is combined with each of {@code views}
 * @param videos in the whole list
 */
record Subject(
    String version,
    String model,
    String modelSha256,
    String data,
    String dataSha256,
    String separator,
    String provider,
    List<Integer> views,
    List<Integer> crops,
    int videos,
    List<String> classNames) {
  Subject {
    views = List.copyOf(views);
    crops = List.copyOf(crops);
    classNames = List.copyOf(classNames);
    if (views.isEmpty() || crops.isEmpty()) {
      throw new IllegalArgumentException("without views or crops nothing is looked at");
    }
  }

  /**
   * Of a model and a list on this machine.
   *
   * @param named what the user named: the model's file, or the checkpoint that it was made of
   */
  static Subject of(
      Path named,
      Path model,
      DataSet videos,
      String separator,
      Provider provider,
      List<Integer> views,
      List<Integer> crops,
      List<String> classNames)
      throws IOException {
    return new Subject(
        Program.version(),
        named.toString(),
        Sha256.of(model),
        videos.file().toString(),
        Sha256.of(videos.file()),
        separator,
        provider.id(),
        views,
        crops,
        videos.size(),
        classNames);
  }

  /** All ways in which each video is looked at; the last one, of most views and crops, is what the report is about. */
  List<Views> looks() {
    return views.stream().flatMap(n -> crops.stream().map(c -> new Views(n, c))).toList();
  }

  /** The way of most views and crops. */
  Views main() {
    return new Views(views.get(views.size() - 1), crops.get(crops.size() - 1));
  }

  /**
   * The first thing in which another evaluation is not the same, if there is one: paths may differ, contents may not.
   *
   * @param name of the source of this one
   * @param others name of the source of the other
   */
  Optional<String> difference(String name, Subject other, String others) {
    return Stream.of(
            new Trait("model", Subject::modelSha256, s -> file(s.model, s.modelSha256)),
            new Trait("list of videos", Subject::dataSha256, s -> file(s.data, s.dataSha256)),
            new Trait("separator", Subject::separator, s -> "'" + s.separator + "'"),
            new Trait("number of videos in the list", Subject::videos),
            new Trait("number of views", Subject::views, s -> joined(s.views)),
            new Trait("number of crops", Subject::crops, s -> joined(s.crops)),
            new Trait("execution provider", Subject::provider),
            new Trait("version", Subject::version))
        .filter(trait -> !trait.of.apply(this).equals(trait.of.apply(other)))
        .map(trait -> name + ": the " + trait.name + " is " + trait.words.apply(this)
            + ", and that of " + others + " is " + trait.words.apply(other))
        .findFirst();
  }

  private record Trait(String name, Function<Subject, Object> of, Function<Subject, Object> words) {
    Trait(String name, Function<Subject, Object> of) {
      this(name, of, of);
    }
  }

  /** A file for people: where it was, and what tells it from others. */
  static String file(String path, String sha256) {
    return path + " (sha256 " + sha256.substring(0, Math.min(16, sha256.length())) + ")";
  }

  private static String joined(List<Integer> numbers) {
    return String.join(",", numbers.stream().map(String::valueOf).toList());
  }
}
