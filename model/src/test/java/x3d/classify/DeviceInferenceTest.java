package x3d.classify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import x3d.runtime.Device;
import x3d.runtime.Profiling;
import x3d.runtime.Session;

/** Batches on devices, with the CPU in their place. */
class DeviceInferenceTest {
  private static final long[] SHAPE = {3, 4, 32, 32};

  @ParameterizedTest
  @CsvSource({"1, 1, 0", "1, 7, 0", "2, 7, 0", "3, 2, 0", "2, 25, 0", "1, 1, 5", "2, 25, 5"})
  void devicesThatShareBatchesSayWhatOneCoreSays(
      int devices, int clips, int delay, @TempDir Path folder) throws IOException {
    byte[] onnx = Session.read(SmallModel.writeTo(folder));
    FloatBuffer values = FloatBuffer.allocate(clips * 3 * 4 * 32 * 32);
    SplittableRandom random = new SplittableRandom(clips);
    while (values.hasRemaining()) {
      values.put((float) random.nextDouble());
    }
    try (Inference one = new CoreInference(onnx, Device.cpu(1), Profiling.OFF);
        Inference several = new DeviceInference(
            onnx,
            Collections.nCopies(devices, Device.cpu(1)),
            Loading.forMany(Duration.ofMillis(delay)))) {
      assertEquals(one.classes(), several.classes());
      assertEquals(one.clipSide(), several.clipSide());
      assertEquals(one.metadata(), several.metadata());
      List<float[]> expected = run(one, values);
      for (int again = 0; again < 2; again++) {
        List<float[]> actual = run(several, values);
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
          assertArrayEquals(expected.get(i), actual.get(i), 1e-6f);
        }
      }
    }
  }

  private static List<float[]> run(Inference inference, FloatBuffer values) {
    try (Inference.Clips clips = inference.clips(values, SHAPE)) {
      clips.start(0);
      for (int i = clips.count() - 1; i >= 0; i--) { // as they come, the first one twice
        clips.start(i);
      }
      return clips.probabilities();
    }
  }

  @Test
  void clipsOfSeveralCallersAreGatheredAndEachGetsItsOwn(@TempDir Path folder) throws Exception {
    byte[] onnx = Session.read(SmallModel.writeTo(folder));
    ExecutorService callers = Executors.newFixedThreadPool(8);
    try (Inference one = new CoreInference(onnx, Device.cpu(1), Profiling.OFF);
        Inference gathering = new DeviceInference(
            onnx, List.of(Device.cpu(1)), Loading.forMany(Duration.ofMillis(20)))) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        FloatBuffer values = FloatBuffer.allocate(3 * 3 * 4 * 32 * 32);
        SplittableRandom random = new SplittableRandom(i);
        while (values.hasRemaining()) {
          values.put((float) random.nextDouble());
        }
        List<float[]> expected = run(one, values);
        running.add(callers.submit(() -> {
          List<float[]> actual = run(gathering, values);
          for (int clip = 0; clip < 3; clip++) {
            assertArrayEquals(expected.get(clip), actual.get(clip), 1e-6f);
          }
        }));
      }
      for (Future<?> caller : running) {
        caller.get();
      }
    } finally {
      callers.shutdown();
    }
  }
}
