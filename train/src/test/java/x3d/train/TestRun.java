package x3d.train;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A small network, a few real videos, and runs over them. */
final class TestRun {
  private static final String[] VIDEOS = {"demo.mp4", "part_0.mp4", "test.avi"};

  private TestRun() {}

  /** A network of 86,000 parameters and 4 frames of 32 pixels, over 3 classes; with overrides. */
  static Recipe recipe(String... overrides) {
    List<String> all = new ArrayList<>(List.of(
        "X3D.WIDTH_FACTOR", "1.0",
        "X3D.DEPTH_FACTOR", "0.4",
        "X3D.BOTTLENECK_FACTOR", "2.25",
        "X3D.DIM_C1", "8",
        "X3D.DIM_C5", "64",
        "MODEL.NUM_CLASSES", "3",
        "DATA.NUM_FRAMES", "4",
        "DATA.SAMPLING_RATE", "2",
        "DATA.TRAIN_JITTER_SCALES", "[36, 44]",
        "DATA.TRAIN_CROP_SIZE", "32",
        "DATA.TEST_CROP_SIZE", "32",
        "TEST.NUM_SPATIAL_CROPS", "1",
        "TRAIN.BATCH_SIZE", "4",
        "TRAIN.EVAL_PERIOD", "1",
        "TRAIN.CHECKPOINT_PERIOD", "1",
        "SOLVER.MAX_EPOCH", "3",
        "BN.USE_PRECISE_STATS", "True",
        "BN.NUM_BATCHES_PRECISE", "2",
        "LOG_PERIOD", "1"));
    all.addAll(List.of(overrides));
    return Recipe.defaults().withOverrides(all);
  }

  /** The recipe over data and into a folder. */
  static Recipe recipe(Path data, Path output, String... overrides) {
    return recipe(overrides)
        .with("DATA.PATH_TO_DATA_DIR", data.toString())
        .with("OUTPUT_DIR", output.toString());
  }

  /** Writes {@code train.csv} of {@code lines} lines, {@code val.csv} of three, and the videos. */
  static Path data(Path folder, int lines, String... extraLines) {
    try {
      Files.createDirectories(folder);
      for (String name : VIDEOS) {
        video(folder, name);
      }
      List<String> list = new ArrayList<>();
      for (int i = 0; i < lines; i++) {
        list.add(VIDEOS[i % 3] + " " + i % 3);
      }
      list.addAll(List.of(extraLines));
      Files.write(folder.resolve("train.csv"), list);
      Files.write(folder.resolve("val.csv"), List.of("demo.mp4 0", "part_0.mp4 1", "test.avi 2"));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copies one of the reference videos to a folder. */
  static Path video(Path folder, String name) {
    return resource("/videos/" + name, folder.resolve(name));
  }

  /** Copies a resource to a file: in the packaged build resources lie within a jar. */
  static Path resource(String name, Path file) {
    try (InputStream in = TestRun.class.getResourceAsStream(name)) {
      Files.copy(in, file);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** On two threads, as every run that is compared with another. */
  static TrainOptions options(String resume) {
    return new TrainOptions(2, Resume.of(resume), () -> false);
  }
}
