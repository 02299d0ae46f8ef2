package x3d.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import x3d.weights.ParameterLayout;

/** The checkpoints of a run: files of one folder, named by how far they are. Nothing is ever deleted. */
final class Checkpoints {
  private static final Pattern NAME =
      Pattern.compile("checkpoint_epoch_(\\d+)(?:_iteration_(\\d+))?\\.safetensors");

  private final Path folder;
  private final ParameterLayout layout;
  private final ParameterLayout statistics;

  Checkpoints(Path folder, ParameterLayout layout, ParameterLayout statistics) {
    this.folder = folder;
    this.layout = layout;
    this.statistics = statistics;
  }

  /** A checkpoint and where it lies. */
  record Stored(Path file, Checkpoint checkpoint) {}

  /**
   * Writes a checkpoint, flushed to the disk before this returns.
   *
   * @param agreement asked before the file gets its name; if it throws, there is no new file
   */
  Path write(Checkpoint checkpoint, Runnable agreement) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Path file = file(checkpoint.progress());
    checkpoint.write(file, layout, statistics, agreement);
    return file;
  }

  /** What the checkpoint of a place is called. */
  Path file(Checkpoint.Progress progress) {
    return folder.resolve(
        progress.iteration() == 0
            ? String.format("checkpoint_epoch_%05d.safetensors", progress.epoch())
            : String.format(
                "checkpoint_epoch_%05d_iteration_%07d.safetensors",
                progress.epoch(), progress.iteration()));
  }

  /** Reads one file. */
  Stored read(Path file) {
    try {
      return new Stored(file, Checkpoint.read(file, layout, statistics));
    } catch (Checkpoint.InvalidException e) {
      throw new TrainingException("cannot resume: " + e.getMessage(), e);
    }
  }

  /**
   * The checkpoint that is furthest, of those that are whole.
   *
   * @param skipped told of each file that is not, and why
   */
  Optional<Stored> newest(Consumer<String> skipped) {
    for (Path file : files()) {
      try {
        return Optional.of(new Stored(file, Checkpoint.read(file, layout, statistics)));
      } catch (Checkpoint.InvalidException e) {
        skipped.accept(e.getMessage());
      }
    }
    return Optional.empty();
  }

  /** Whether the furthest of those that are whole is of a run that began with the weights of this file. */
  boolean began(Pretrained weights) {
    for (Path file : files()) {
      try {
        return Checkpoint.origin(file).equals(weights.sha256());
      } catch (Checkpoint.InvalidException e) {
        continue; // newest tells of it
      }
    }
    return false;
  }

  /** All files that are named as checkpoints, the furthest first. */
  List<Path> files() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> NAME.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.comparingLong((Path file) -> place(file)).reversed())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files that are named as further than this. */
  List<Path> after(Checkpoint.Progress progress) {
    long place = place(progress.epoch(), progress.iteration());
    return files().stream().filter(file -> place(file) > place).toList();
  }

  private static long place(Path file) {
    Matcher name = NAME.matcher(file.getFileName().toString());
    name.matches();
    long iteration = name.group(2) == null ? 0 : Long.parseLong(name.group(2));
    return place(Long.parseLong(name.group(1)), iteration);
  }

  private static long place(long epoch, long iteration) {
    return (epoch << 32) + iteration;
  }
}
