package x3d.tensorboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.SessionLog.SessionStatus;
import org.tensorflow.proto.Summary;

class EventFileTest {
  private static final InstantSource NOON =
      InstantSource.fixed(Instant.ofEpochMilli(1_800_000_000_250L));

  @TempDir
  Path folder;

  private Path file() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList().get(0);
    }
  }

  @Test
  void theTestsChecksumIsThatOfRfc3720() {
    // B.4 there: 32 bytes of zeros have the CRC-32C 8a9136aa
    int crc = 0x8a9136aa;
    assertEquals(Integer.rotateRight(crc, 15) + 0xa282ead8, TfEvents.masked(new byte[32]));
  }

  @Test
  void tensorFlowsMessagesReadWhatWasWritten() throws IOException {
    Map<String, Double> scalars = new LinkedHashMap<>();
    scalars.put("Train/loss", 0.123456789);
    scalars.put("Val/Top1_err", Double.NaN);
    scalars.put("größer", -1e30);
    try (EventFile events = EventFile.create(folder, 41, NOON)) {
      events.scalars(42, scalars);
    }
    List<Event> read = TfEvents.of(file());
    assertEquals(3, read.size());
    assertEquals("brain.Event:2", read.get(0).getFileVersion());
    assertEquals(1_800_000_000.25, read.get(0).getWallTime());
    assertEquals(SessionStatus.START, read.get(1).getSessionLog().getStatus());
    assertEquals(41, read.get(1).getStep());
    Event event = read.get(2);
    assertEquals(42, event.getStep());
    assertEquals(1_800_000_000.25, event.getWallTime());
    List<Summary.Value> values = event.getSummary().getValueList();
    assertEquals(
        List.copyOf(scalars.keySet()),
        values.stream().map(Summary.Value::getTag).toList());
    assertEquals(0.123456789f, values.get(0).getSimpleValue());
    assertEquals(Float.NaN, values.get(1).getSimpleValue());
    assertEquals(-1e30f, values.get(2).getSimpleValue());
  }

  @Property(tries = 200)
  void anyTagStepAndValueComeBack(
      @ForAll @StringLength(max = 300) String tag, @ForAll long step, @ForAll double value)
      throws IOException {
    byte[] utf8 = tag.getBytes(StandardCharsets.UTF_8); // lone surrogates are no text
    String text = new String(utf8, StandardCharsets.UTF_8);
    Event event = Event.parseFrom(x3d.tensorboard.Event.scalars(1, step, Map.of(text, value)));
    assertEquals(step, event.getStep());
    assertEquals(text, event.getSummary().getValue(0).getTag());
    assertEquals((float) value, event.getSummary().getValue(0).getSimpleValue());
  }

  @Test
  void aFileCutAnywhereGivesAllThatWasWholeBefore() throws IOException {
    try (EventFile events = EventFile.create(folder, 1, NOON)) {
      for (long step = 1; step <= 3; step++) {
        events.scalars(step, Map.of("a", 0.5 * step));
      }
    }
    byte[] all = Files.readAllBytes(file());
    int whole = 0;
    for (int length = 0; length <= all.length; length++) {
      Files.write(file(), Arrays.copyOf(all, length));
      int read = TfEvents.of(file()).size();
      assertEquals(true, read == whole || read == whole + 1, "after " + length + " bytes: " + read);
      whole = read;
    }
    assertEquals(5, whole);
  }

  @Test
  void aRunThatGoesOnWritesAnotherFileAndMakesVoidWhatItDoesAgain() throws IOException {
    try (EventFile events = EventFile.create(folder, 1, NOON)) {
      for (long step = 1; step <= 5; step++) {
        events.scalars(step, Map.of("a", 1.0 * step));
      }
    }
    try (EventFile events = EventFile.create(folder, 4, NOON)) {
      events.scalars(4, Map.of("a", 40.0));
    }
    assertEquals(
        Map.of("a", new TreeMap<>(Map.of(1L, 1f, 2L, 2f, 3L, 3f, 4L, 40f))),
        TfEvents.curves(folder));
  }
}
