package x3d.classify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
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
  @CsvSource({"1, 1", "1, 7", "2, 7", "3, 2", "2, 25"})
  void devicesThatShareBatchesSayWhatOneCoreSays(int devices, int clips, @TempDir Path folder)
      throws IOException {
    byte[] onnx = Session.read(SmallModel.writeTo(folder));
    FloatBuffer values = FloatBuffer.allocate(clips * 3 * 4 * 32 * 32);
    SplittableRandom random = new SplittableRandom(clips);
    while (values.hasRemaining()) {
      values.put((float) random.nextDouble());
    }
    try (Inference one = new CoreInference(onnx, Device.cpu(1), Profiling.OFF);
        Inference several =
            new DeviceInference(onnx, Collections.nCopies(devices, Device.cpu(1)), Profiling.OFF)) {
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
}
