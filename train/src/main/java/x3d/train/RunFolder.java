package x3d.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import x3d.net.TrainingStep;
import x3d.profile.Trace;
import x3d.weights.WholeFile;

/**
 * The folder of a run: {@code recipe.yaml}, {@code checkpoints/}, {@code stdout.log}, {@code metrics.jsonl}, {@code model.onnx}
 * or, of a performance run, {@code performance.json}, and {@code profile/} if one was asked for.
 */
record RunFolder(Path path) {
  private static final List<String> ENTRIES = List.of(
      "recipe.yaml",
      "checkpoints",
      "stdout.log",
      "metrics.jsonl",
      "model.onnx",
      Performance.FILE,
      "profile");

  /** Makes the folder if need be. */
  static RunFolder at(Path path) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new TrainingException("cannot make the output folder " + path + ": " + e, e);
    }
    return new RunFolder(path);
  }

  private Path checkpointFolder() {
    return path.resolve("checkpoints");
  }

  /** The checkpoints of a run of this network. */
  Checkpoints checkpoints(TrainingStep step) {
    return new Checkpoints(checkpointFolder(), step.parameters(), step.statistics());
  }

  Path model() {
    return path.resolve("model.onnx");
  }

  void writeRecipe(Recipe recipe) {
    write(path.resolve("recipe.yaml"), recipe.toYaml().getBytes(StandardCharsets.UTF_8));
  }

  void writeModel(byte[] onnx) {
    write(model(), onnx);
  }

  /** Where traces lie. */
  Path profile() {
    return path.resolve("profile");
  }

  void writeTrace(String name, Trace trace) {
    try {
      Files.createDirectories(profile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    write(profile().resolve(name + Trace.SUFFIX), trace.toBytes());
  }

  void writePerformance(Performance found) {
    write(path.resolve(Performance.FILE), found.toJson().getBytes(StandardCharsets.UTF_8));
  }

  /** Whether a run left what it trained here. */
  boolean holdsTraining() {
    return Files.exists(checkpointFolder()) || Files.exists(model());
  }

  private static void write(Path file, byte[] bytes) {
    try {
      WholeFile.write(file, channel -> {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a file is one of a run in this folder, which would have to give way to another run. */
  boolean holds(Path file) {
    Path inside = path.toAbsolutePath().normalize();
    Path real = file.toAbsolutePath().normalize();
    return ENTRIES.stream().anyMatch(entry -> real.startsWith(inside.resolve(entry)));
  }

  /**
   * Moves all that an earlier run left into a folder of its own, so that no later resume takes it for this run's.
   *
   * @param curves where its curves are; moved too if this is within the folder
   * @return that folder; empty if no run got as far as a checkpoint
   */
  Optional<Path> moveAside(Path curves) {
    if (!holdsTraining()) {
      return Optional.empty();
    }
    Path own = path.normalize();
    boolean within = curves.normalize().startsWith(own) && !curves.normalize().equals(own);
    return moveAside(Stream.concat(
            ENTRIES.stream().map(path::resolve), within ? Stream.of(curves) : Stream.empty())
        .toList());
  }

  /** Moves these files aside, those that exist. */
  Optional<Path> moveAside(List<Path> files) {
    List<Path> existing = files.stream().filter(Files::exists).toList();
    if (existing.isEmpty()) {
      return Optional.empty();
    }
    Path aside = Stream.iterate(1, n -> n + 1)
        .map(n -> path.resolve("earlier-" + n))
        .filter(candidate -> !Files.exists(candidate))
        .findFirst()
        .orElseThrow();
    try {
      Files.createDirectory(aside);
      for (Path file : existing) {
        Files.move(file, aside.resolve(file.getFileName()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Optional.of(aside);
  }
}
