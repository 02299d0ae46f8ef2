package x3d.tools;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import x3d.video.Frames;
import x3d.video.VideoEncoder;

/**
 * A small data set of real encoded videos in which a shape moves, laid out as training wants it: {@code train.csv},
 * {@code val.csv}, {@code classes.txt} and the videos. The same seed draws the same pictures, whatever else is asked for.
 *
 * @param trainPerClass videos to learn from, of each class
 * @param valPerClass videos held out, of each class
 */
record DemoData(int trainPerClass, int valPerClass, long seed) {
  private static final int FRAMES = 32;
  private static final int WIDTH = 80;
  private static final int HEIGHT = 64;
  private static final double FPS = 30;

  DemoData {
    if (trainPerClass < 1 || valPerClass < 1) {
      throw new IllegalArgumentException(
          "each class needs 1 video or more to learn from and 1 held out, not " + trainPerClass
              + " and " + valPerClass);
    }
  }

  private record Item(String split, int splitNumber, Motion motion, int number) {
    String path() {
      return String.format("%s/%s_%03d.mp4", split, motion.label(), number);
    }
  }

  int videos() {
    return Motion.values().length * (trainPerClass + valPerClass);
  }

  /**
   * @param folder is made
   * @param done told after each video how many are done, by several threads
   */
  void write(Path folder, IntConsumer done) throws IOException, InterruptedException {
    Files.createDirectories(folder.resolve("train"));
    Files.createDirectories(folder.resolve("val"));
    List<Item> items = Arrays.stream(Motion.values())
        .flatMap(motion -> Stream.concat(
            items("train", 0, motion, trainPerClass), items("val", 1, motion, valPerClass)))
        .toList();
    Workers.each(
        Runtime.getRuntime().availableProcessors(),
        items.size(),
        i -> {
          writeVideo(folder, items.get(i));
          return items.get(i);
        },
        done);
    writeList(folder, "train", items);
    writeList(folder, "val", items);
    Json.save(
        folder.resolve("classes.txt"),
        Arrays.stream(Motion.values())
            .map(Motion::label)
            .collect(Collectors.joining("\n", "", "\n")));
  }

  private static Stream<Item> items(String split, int splitNumber, Motion motion, int count) {
    return IntStream.range(0, count).mapToObj(i -> new Item(split, splitNumber, motion, i));
  }

  private void writeVideo(Path folder, Item item) {
    // Random's sequence is specified, so that the pictures are the same on every JDK.
    Random random =
        new Random(mix(mix(mix(seed, item.splitNumber()), item.motion().ordinal()), item.number()));
    byte[] pixels = new MovingShapes(random).draw(item.motion(), FRAMES, WIDTH, HEIGHT);
    try {
      VideoEncoder.write(
          folder.resolve(item.path()),
          new Frames(FRAMES, HEIGHT, WIDTH, pixels),
          VideoEncoder.Options.of(FPS));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * SplitMix64's finalizer. Without it, neighbouring seeds gave each class shapes that began alike, and the network learnt
   * those: 90 % right on the videos it knew, 35 % on others.
   */
  private static long mix(long seed, long number) {
    long z = seed * 0x9E3779B97F4A7C15L + number;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private static void writeList(Path folder, String split, List<Item> items) throws IOException {
    String lines = items.stream()
        .filter(item -> item.split().equals(split))
        .map(item -> item.path() + " " + item.motion().ordinal() + "\n")
        .collect(Collectors.joining());
    Json.save(folder.resolve(split + ".csv"), lines);
  }
}
