package x3d.train;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import x3d.video.Footage;

/** A process that reads clips of videos through a cache, round by round, when it is told to. */
final class CacheProcess implements AutoCloseable {
  private final Process process;
  private final PrintWriter in;
  private final BufferedReader out;

  /** Starts it; it waits for {@link #begin}. */
  CacheProcess(Path cache, long limit, List<Path> videos) throws IOException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx256m",
        "-Dorg.bytedeco.javacpp.nopointergc=true",
        "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
        "-cp",
        System.getProperty("java.class.path"),
        CacheProcess.class.getName(),
        cache.toString(),
        Long.toString(limit)));
    videos.forEach(video -> command.add(video.toString()));
    process = new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    in = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    out = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Waits until it could begin at once. */
  void awaitReady() throws IOException {
    String line = out.readLine();
    if (!"ready".equals(line)) {
      throw new IOException("the process said " + line);
    }
  }

  /** Makes it read one clip of each video, in order. */
  void begin() {
    in.println("round");
  }

  /** What a round came to: hits and misses so far, and a checksum a clip. */
  record Round(long hits, long misses, List<Long> sums) {}

  /** Waits for the end of the round. */
  Round end() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new IOException("the process ended in the middle of a round");
    }
    List<Long> numbers = Arrays.stream(line.split(" ")).map(Long::valueOf).toList();
    return new Round(numbers.get(0), numbers.get(1), numbers.subList(2, numbers.size()));
  }

  /** Lets it end. */
  @Override
  public void close() {
    in.close();
    try {
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** The checksum of a random clip as training takes it. */
  static long sum(Footage.Opener opener, Path video, int seed) throws IOException {
    float[] clip = new float[3 * 4 * 32 * 32];
    new VideoClips(TestRun.recipe(), Optional.empty(), opener)
        .random()
        .read(video, 0, new SplittableRandom(seed), FloatBuffer.wrap(clip));
    ByteBuffer bytes = ByteBuffer.allocate(4 * clip.length);
    bytes.asFloatBuffer().put(clip);
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return crc.getValue();
  }

  /** The process itself: cache, limit, videos. */
  public static void main(String[] arguments) throws IOException {
    FrameCache cache =
        new FrameCache(new TrainOptions.Cache(Path.of(arguments[0]), Long.parseLong(arguments[1])));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println("ready");
    int round = 0;
    while (in.readLine() != null) {
      StringBuilder sums = new StringBuilder();
      for (int i = 2; i < arguments.length; i++) {
        sums.append(' ').append(sum(cache, Path.of(arguments[i]), round));
      }
      CacheUse use = cache.use();
      System.out.println(use.hits() + " " + use.misses() + sums);
      round++;
    }
  }
}
