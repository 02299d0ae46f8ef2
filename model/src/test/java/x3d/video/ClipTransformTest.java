package x3d.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import x3d.weights.Safetensors;

class ClipTransformTest {
  private static final Path REFERENCE = Path.of("src/test/resources/reference");
  private static final List<CropPosition> CROPS =
      List.of(CropPosition.LEFT, CropPosition.CENTER, CropPosition.RIGHT);

  @Test
  void theThreeCropsOfTheReferenceAreTheSame() throws IOException {
    JsonNode cases =
        new ObjectMapper().readTree(REFERENCE.resolve("spatial.json").toFile());
    Safetensors tensors = Safetensors.read(REFERENCE.resolve("spatial.safetensors"));
    assertEquals(5, cases.size());
    for (JsonNode expected : cases) {
      String name = expected.get("frames").textValue();
      int[] shape = tensors.shape(name);
      Frames frames = new Frames(shape[0], shape[1], shape[2], tensors.bytes(name));
      for (int crop = 0; crop < 3; crop++) {
        String clip = expected.get("clips").get(crop).textValue();
        ClipTransform transform = ClipTransform.of(
            expected.get("short_side").intValue(),
            expected.get("crop").intValue(),
            CROPS.get(crop),
            Normalization.KINETICS);
        assertArrayEquals(tensors.floats(clip), apply(transform, frames), 1e-4f, clip);
      }
    }
  }

  @Test
  void aFlippedClipIsTheMirrorImage() {
    Frames frames = gradient(48, 64);
    ClipTransform straight = ClipTransform.of(40, 32, CropPosition.LEFT, Normalization.KINETICS);
    ClipTransform mirrored =
        new ClipTransform(40, 32, CropPosition.LEFT, true, Normalization.KINETICS);
    float[] expected = apply(straight, frames);
    float[] actual = apply(mirrored, frames);
    for (int i = 0; i < expected.length; i++) {
      int x = i % 32;
      assertEquals(expected[i - x + 31 - x], actual[i], 1e-6f);
    }
  }

  @Test
  void aPictureOfTheRightSizeIsOnlyCropped() {
    Frames frames = gradient(40, 60);
    ClipTransform transform = new ClipTransform(
        40, 8, new CropPosition.Offset(3, 5), false, new Normalization(new float[3], ones()));
    float[] clip = apply(transform, frames);
    assertEquals(frames.at(0, 3 + 2, 5 + 1, 0) / 255f, clip[2 * 8 + 1], 1e-6f);
    assertEquals(frames.at(0, 3, 5, 1) / 255f, clip[64], 1e-6f);
  }

  @Test
  void clipsAreWrittenOneAfterTheOther() {
    Frames frames = gradient(40, 60);
    ClipTransform transform = ClipTransform.of(40, 32, CropPosition.CENTER, Normalization.KINETICS);
    FloatBuffer out = FloatBuffer.allocate(2 * transform.size(1));
    transform.apply(frames, new int[] {0}, out);
    assertEquals(transform.size(1), out.position());
    transform.apply(frames, new int[] {0}, out);
    assertEquals(0, out.remaining());
    assertEquals(out.get(5), out.get(transform.size(1) + 5));
  }

  @Test
  void aBufferTooSmallIsRefused() {
    ClipTransform transform = ClipTransform.of(40, 32, CropPosition.CENTER, Normalization.KINETICS);
    FloatBuffer small = FloatBuffer.allocate(transform.size(1) - 1);
    assertThrows(
        IllegalArgumentException.class,
        () -> transform.apply(gradient(40, 60), new int[] {0}, small));
  }

  @Test
  void aRandomTransformStaysInItsRangeAndInsideThePicture() {
    SplittableRandom random = new SplittableRandom(3);
    for (boolean inverse : new boolean[] {false, true}) {
      ClipTransform.Jitter jitter = new ClipTransform.Jitter(36, 45, inverse);
      boolean flipped = false;
      for (int i = 0; i < 100; i++) {
        ClipTransform transform =
            ClipTransform.random(jitter, 32, true, Normalization.KINETICS, random);
        assertTrue(transform.shortSide() >= 36 && transform.shortSide() <= 45);
        apply(transform, gradient(41, 37));
        flipped |= transform.flip();
      }
      assertTrue(flipped);
    }
  }

  @Test
  void theSameGeneratorDrawsTheSameTransformWithAndWithoutFlips() {
    ClipTransform.Jitter jitter = new ClipTransform.Jitter(182, 228, false);
    SplittableRandom first = new SplittableRandom(5);
    SplittableRandom second = new SplittableRandom(5);
    for (int i = 0; i < 20; i++) {
      ClipTransform with = ClipTransform.random(jitter, 160, true, Normalization.KINETICS, first);
      ClipTransform without =
          ClipTransform.random(jitter, 160, false, Normalization.KINETICS, second);
      assertEquals(with.shortSide(), without.shortSide());
      assertEquals(with.position(), without.position());
    }
  }

  @Test
  void aCropLargerThanTheShortSideIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> ClipTransform.of(32, 36, CropPosition.CENTER, Normalization.KINETICS));
  }

  private static float[] apply(ClipTransform transform, Frames frames) {
    float[] clip = new float[transform.size(frames.count())];
    transform.apply(frames, IntStream.range(0, frames.count()).toArray(), FloatBuffer.wrap(clip));
    return clip;
  }

  private static Frames gradient(int height, int width) {
    Frames frames = Frames.black(1, height, width);
    for (int i = 0; i < frames.rgb().length; i++) {
      frames.rgb()[i] = (byte) (i * 31 % 251);
    }
    return frames;
  }

  private static float[] ones() {
    return new float[] {1, 1, 1};
  }
}
