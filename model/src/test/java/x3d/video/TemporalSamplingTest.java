package x3d.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.StreamSupport;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TemporalSamplingTest {
  private static final Path REFERENCE =
      Path.of("src/test/resources/reference/temporal_sampling.json");

  @Test
  void everyViewOfTheReferenceIsTheSameInAllDigits() throws IOException {
    JsonNode cases = new ObjectMapper().readTree(REFERENCE.toFile());
    assertEquals(81, cases.size());
    for (JsonNode expected : cases) {
      List<ClipSpan> spans = TemporalSampling.views(
          expected.get("video_frames").intValue(),
          expected.get("fps").doubleValue(),
          expected.get("num_frames").intValue(),
          expected.get("sampling_rate").intValue(),
          expected.get("target_fps").doubleValue(),
          expected.get("views").intValue());
      List<ClipSpan> wanted = StreamSupport.stream(expected.get("clips").spliterator(), false)
          .map(TemporalSamplingTest::span)
          .toList();
      assertEquals(wanted, spans, expected.toString());
    }
  }

  private static ClipSpan span(JsonNode clip) {
    int[] frames = StreamSupport.stream(clip.get("frames").spliterator(), false)
        .mapToInt(JsonNode::intValue)
        .toArray();
    return new ClipSpan(clip.get("start").doubleValue(), clip.get("end").doubleValue(), frames);
  }

  @Property(tries = 300)
  void aRandomClipLiesInsideTheVideo(
      @ForAll @IntRange(min = 1, max = 2000) int videoFrames,
      @ForAll @DoubleRange(min = 5, max = 120) double fps,
      @ForAll @IntRange(min = 1, max = 64) int numFrames,
      @ForAll long seed) {
    ClipSpan span =
        TemporalSampling.random(videoFrames, fps, numFrames, 6, 30, new SplittableRandom(seed));
    int[] frames = span.frames();
    assertEquals(numFrames, frames.length);
    for (int i = 0; i < numFrames; i++) {
      assertTrue(
          frames[i] >= (i == 0 ? 0 : frames[i - 1]) && frames[i] < videoFrames, span.toString());
    }
    assertTrue(span.start() == 0 || span.end() <= videoFrames - 1 + 1e-9, span.toString());
  }

  @Test
  void aRandomClipIsAFunctionOfItsGenerator() {
    assertEquals(
        TemporalSampling.random(300, 30, 13, 6, 30, new SplittableRandom(7)),
        TemporalSampling.random(300, 30, 13, 6, 30, new SplittableRandom(7)));
  }

  @Test
  void theCentreClipHasAsMuchVideoBeforeAsBehindIt() {
    ClipSpan span = TemporalSampling.centre(300, 30, 13, 6, 30);
    assertEquals(111, span.start());
    assertEquals(188, span.end());
  }

  @Test
  void aClipOfOneFrameIsTheFirstOfItsSpan() {
    assertArrayEquals(
        new int[] {0}, TemporalSampling.views(10, 30, 1, 6, 30, 1).get(0).frames());
  }

  @Test
  void aRateOfZeroIsRefusedByName() {
    assertTrue(assertThrows(
            IllegalArgumentException.class, () -> TemporalSampling.views(10, 0, 13, 6, 30, 10))
        .getMessage()
        .startsWith("fps is 0"));
  }
}
